"""What the accepted events of one batch fold into the state, what they take back, and who did it.

Beside the state lies what corrections withdrew: usage as it was first told less usage as it counts.
Both are sums over the set of accepted events, so their difference is one too, whatever comes first.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.accumulate import Usage, accumulate, empty
from features.activity import TOLD, Activity, activity
from features.identity import Claimed
from features.schema import USAGE_EVENTS
from streams.ports import Decoded

_EFFECTS: Final = pl.Schema({**USAGE_EVENTS, "sign": pl.Int64(), "hour": pl.Int32()})
_Parts = list[tuple[pl.DataFrame, pl.Series, int]]


def dated(frame: pl.DataFrame, times: pl.DataFrame, column: str) -> pl.Series:
    """Give a column of ``times`` for the events of a frame, all of which it holds."""
    places = np.zeros(_end(times["ordinal"]), dtype=np.int64)
    places[times["ordinal"].to_numpy()] = np.arange(times.height)
    return times[column].gather(pl.Series(places[frame["ordinal"].to_numpy()]))


def is_of(frame: pl.DataFrame, ordinals: pl.Series) -> NDArray[np.bool_]:
    """Say which rows have one of these ordinals, which count within a batch."""
    own = frame["ordinal"]
    chosen = np.zeros(max(_end(own), _end(ordinals)), dtype=np.bool_)
    chosen[ordinals.to_numpy()] = True
    found: NDArray[np.bool_] = chosen[own.to_numpy()]
    return found


def of(frame: pl.DataFrame, ordinals: pl.Series) -> pl.DataFrame:
    """Keep the rows that have one of these ordinals."""
    kept = is_of(frame, ordinals)
    return frame if kept.all() else frame.filter(pl.Series(kept))


def _end(ordinals: pl.Series) -> int:
    last = ordinals.max()
    return last + 1 if isinstance(last, int) else 0


def effects(
    decoded: Decoded, usage: pl.DataFrame, claimed: Claimed, times: pl.DataFrame
) -> pl.DataFrame:
    """Give usage rows to fold with their hour and sign: events and replacements, less originals.

    ``usage``: the valid ones; ``times``: ``ordinal`` and ``hour`` of every event.
    """
    effective = claimed.accepted.filter("has_effect")["ordinal"]
    return _signed(
        [
            (usage, effective, 1),
            (decoded.replacements, effective, 1),
            (decoded.originals, _taken_back(claimed), -1),
        ],
        times,
    )


def withdrawn(
    decoded: Decoded, usage: pl.DataFrame, claimed: Claimed, times: pl.DataFrame
) -> Usage:
    """Fold what was told and counts no more, less what counts instead; arguments as ``effects``'.

    Added to the state it gives the usage events alone, as if no correction had come.
    """
    idle = claimed.accepted.filter(~pl.col("has_effect"))["ordinal"]
    effective = claimed.accepted.filter("has_effect")["ordinal"]
    found = accumulate(
        _signed(
            [
                (usage, idle, 1),
                (decoded.originals, _taken_back(claimed), 1),
                (decoded.replacements, effective, -1),
            ],
            times,
        )
    )
    # A correction of what no sum tells, such as an envelope, leaves nothing but the identifiers.
    return found if found.coverage.height or found.telemetry.height else empty()


def told_by(decoded: Decoded, usage: pl.DataFrame, claimed: Claimed) -> Activity:
    """Say who sent the accepted usage events and corrections."""
    accepted = claimed.accepted["ordinal"]
    sent = decoded.corrections.select("ordinal", "source", "original_source", "time")
    before = decoded.originals.select("ordinal", "tenant_id")
    after = decoded.replacements.select("ordinal", moved_to="tenant_id")
    corrections = (
        of(sent, accepted)
        .join(before, on="ordinal", how="left")
        .join(after, on="ordinal", how="left")
    )
    return activity(of(usage.select("ordinal", *TOLD), accepted), corrections)


def _taken_back(claimed: Claimed) -> pl.Series:
    return pl.Series("ordinal", claimed.taken_back, dtype=pl.Int64)


def _signed(parts: _Parts, times: pl.DataFrame) -> pl.DataFrame:
    rows = [
        of(frame, chosen).with_columns(sign=pl.lit(sign, pl.Int64))
        for frame, chosen, sign in parts
        if frame.height and chosen.len()
    ]
    if not rows:
        return _EFFECTS.to_frame()
    found = pl.concat(rows)
    return found.with_columns(dated(found, times, "hour"))
