"""The closed sets from which the labels of metrics come, and the bounds of their histograms."""

from __future__ import annotations

from typing import Final, Literal, get_args

Reason = Literal[
    "not_json",
    "bad_encoding",
    "duplicate_key",
    "too_large",
    "not_cloudevent",
    "unknown_type",
    "missing_field",
    "wrong_type",
    "out_of_range",
    "bad_time",
    "interval_empty",
    "interval_too_long",
    "in_the_future",
    "too_late",
    "conflicting_replay",
]
Kind = Literal["report", "finding", "dead_letter"]
Input = Literal["list", "pack", "catalogue"]
#: Where metering comes from, and for whom: what can fall silent.
Place = Literal["source", "region", "site", "tenant"]
Step = Literal["batch", "commit", "publish", "assessment"]

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PLACES: Final[tuple[Place, ...]] = get_args(Place)
STEPS: Final[tuple[Step, ...]] = get_args(Step)

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
