"""Who told us of metering, and when: how much each source sent for each tenant, and its hours.

And who corrected it: how often, whose events, of which tenant, and between which instants.

It is a small state beside the usage, folded in the same commit. Strands do not hold the source of
an event, for two sources may meter one resource; but a source that falls silent is seen only if it
is known who spoke. Sums, least and largest instants and unions of hours commute: equal sets of
accepted events give equal states, whatever their order, cuts and repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from features.compute import HOUR_MS

#: What one source sent of one tenant. ``resource_ms``: metered time of the events, repeats apart;
#: ``first_ms``, ``last_ms``: event ``time``; ``last_end_ms``: the latest end of an interval.
HEARD: Final = pl.Schema(
    {
        "source": pl.String(),
        "tenant_id": pl.String(),
        "event_count": pl.Int64(),
        "resource_ms": pl.Int64(),
        "first_ms": pl.Int64(),
        "last_ms": pl.Int64(),
        "last_end_ms": pl.Int64(),
    }
)
#: What ``activity`` needs of an accepted event.
TOLD: Final = ("source", "tenant_id", "time", "start", "end")
#: Whole hours since the epoch, [from_hour, until_hour), in each of which the source sent something.
SPOKEN: Final = pl.Schema(
    {"source": pl.String(), "from_hour": pl.Int64(), "until_hour": pl.Int64()}
)
#: How often a source corrected what a source had sent of a tenant. ``moved_to``: the tenant that
#: the replacement names instead, null where it names the same or there is none; ``void_count``: of
#: corrections without a replacement; ``first_ms``, ``last_ms``: ``time`` of the corrections.
CORRECTED: Final = pl.Schema(
    {
        "source": pl.String(),
        "original_source": pl.String(),
        "tenant_id": pl.String(),
        "moved_to": pl.String(),
        "correction_count": pl.Int64(),
        "void_count": pl.Int64(),
        "first_ms": pl.Int64(),
        "last_ms": pl.Int64(),
    }
)
_CORRECTOR: Final = ["source", "original_source", "tenant_id", "moved_to"]
#: The share of a source's steps from hour to hour that its usual gap covers.
USUAL: Final = 0.95


@dataclass(frozen=True)
class Activity:
    """HEARD and SPOKEN of some accepted usage events, CORRECTED of some accepted corrections."""

    heard: pl.DataFrame
    spoken: pl.DataFrame
    corrected: pl.DataFrame


def silence() -> Activity:
    """Give the activity of nothing at all, the neutral element of ``add_activity``."""
    return Activity(*(each.to_frame() for each in (HEARD, SPOKEN, CORRECTED)))


def activity(accepted: pl.DataFrame, corrections: pl.DataFrame | None = None) -> Activity:
    """Say who sent these accepted usage events (columns TOLD), and in which hours.

    ``corrections``: accepted ones with ``source``, ``original_source`` (null: the same), ``time``,
    the ``tenant_id`` of what they correct, and ``moved_to``, the tenant of the replacement.
    """
    corrected = CORRECTED.to_frame() if corrections is None else _corrected(corrections)
    if accepted.height == 0:
        return replace(silence(), corrected=corrected)
    told_ms = pl.col("time").dt.epoch("ms")
    hourly = accepted.group_by("source", "tenant_id", from_hour=told_ms // HOUR_MS).agg(
        event_count=pl.len().cast(pl.Int64),
        resource_ms=(pl.col("end") - pl.col("start")).dt.total_milliseconds().sum(),
        first_ms=told_ms.min(),
        last_ms=told_ms.max(),
        last_end_ms=pl.col("end").max().dt.epoch("ms"),
    )
    hours = hourly.select("source", "from_hour", until_hour=pl.col("from_hour") + 1)
    return Activity(_summed(hourly), united(hours, ["source"]), corrected)


def _corrected(corrections: pl.DataFrame) -> pl.DataFrame:
    told_ms, moved_to = pl.col("time").dt.epoch("ms"), pl.col("moved_to")
    return _corrections_summed(
        corrections.select(
            "source",
            "tenant_id",
            original_source=pl.coalesce("original_source", "source"),
            moved_to=pl.when(moved_to != pl.col("tenant_id")).then(moved_to),
            correction_count=pl.lit(1, pl.Int64),
            void_count=moved_to.is_null().cast(pl.Int64),
            first_ms=told_ms,
            last_ms=told_ms,
        )
    )


def _corrections_summed(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by(_CORRECTOR)
        .agg(
            pl.col("correction_count", "void_count").sum(),
            pl.col("first_ms").min(),
            pl.col("last_ms").max(),
        )
        .sort(_CORRECTOR)
        .select(list(CORRECTED))
    )


def add_activity(parts: Sequence[Activity]) -> Activity:
    """Add activity up, in canonical order."""
    return Activity(
        _summed(pl.concat([part.heard for part in parts])),
        united(pl.concat([part.spoken for part in parts]), ["source"]),
        _corrections_summed(pl.concat([part.corrected for part in parts])),
    )


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    key = ["source", "tenant_id"]
    return (
        rows.group_by(key)
        .agg(
            pl.col("event_count", "resource_ms").sum(),
            pl.col("first_ms").min(),
            pl.col("last_ms", "last_end_ms").max(),
        )
        .sort(key)
        .select(list(HEARD))
    )


def united(hours: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Join the stretches [from_hour, until_hour) of each key that touch or overlap."""
    reached = pl.col("until_hour").cum_max().shift(1).over(key)
    begins = (pl.col("from_hour") > reached).fill_null(value=True)
    return (
        hours.unique()
        .sort(*key, "from_hour", "until_hour")
        .with_columns(stretch=begins.cum_sum())
        .group_by(*key, "stretch", maintain_order=True)
        .agg(pl.col("from_hour").min(), pl.col("until_hour").max())
        .drop("stretch")
    )


def usual_gaps(stretches: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Give the gap in hours that 95 of 100 steps of each key do not exceed: (key, usual_gap_hours).

    ``stretches``: of ``united``. A step leads from one active hour to the next; inside a stretch it
    is one hour long. So one long outage of a source that speaks hourly does not make it usual,
    while a source that speaks once a day has a usual gap of a day.
    """
    ordered = stretches.sort(*key, "from_hour")
    gap = pl.col("from_hour").shift(-1).over(key) - pl.col("until_hour") + 1
    length = pl.col("until_hour") - pl.col("from_hour") - 1
    steps = pl.concat(
        [
            ordered.select(*key, gap=gap, count=pl.lit(1, pl.Int64)).drop_nulls("gap"),
            ordered.select(*key, gap=pl.lit(1, pl.Int64), count=length),
        ]
    )
    return (
        steps.group_by(*key, "gap")
        .agg(pl.col("count").sum())
        .sort(*key, "gap")
        .with_columns(
            reached=pl.col("count").cum_sum().over(key), all=pl.col("count").sum().over(key)
        )
        .filter(pl.col("reached") >= USUAL * pl.col("all"))
        .group_by(key, maintain_order=True)
        .agg(usual_gap_hours=pl.col("gap").first())
    )
