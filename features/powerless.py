"""Meters that read no power: what else they read as zero is no reading either.

A device that is switched on draws power, at rest too. A meter that reads none is dead, was reset or
does not reach the device, and its zeros then say as little as its watts. They count as silence;
figures above zero stay, since a tool may know the use of a slice and not its power. The zeros of a
slice stay as well, and nothing but power would bear them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from features.compute import MIN_POWER_W
from features.schema import TELEMETRY_AMOUNTS, TELEMETRY_FIELDS

#: Either is how a meter tells of power.
_POWER: Final = ("power_w", "energy_j")


def without_dead_zeros(rows: pl.DataFrame) -> pl.DataFrame:
    """Take the zeros out of usage events whose meter reads no power.

    ``rows``: USAGE_EVENTS columns. The readings of power stay as they came: they are dropped, and
    told of, as figures that physics does not allow.
    """
    told = [f for f in _POWER if rows[f"telemetry.{f}"].null_count() < rows.height]
    if not told:
        return rows
    dead = rows.select(_is_whole() & (_drawn(told) < MIN_POWER_W)).to_series()
    dead = dead.fill_null(value=False)
    if not dead.any():
        return rows
    zeros = [f"telemetry.{f}" for f in TELEMETRY_FIELDS if f not in _POWER]
    return rows.with_columns(pl.when(~(dead & (rows[f] == 0))).then(f).alias(f) for f in zeros)


def _is_whole() -> pl.Expr:
    """Say whether an event is of whole devices: of a slice some tools say that it draws 0."""
    return pl.col("partition_fraction").fill_null(1.0) >= 1.0


def _drawn(told: Sequence[str]) -> pl.Expr:
    """Give the most watts that any of the fields tells of; null where none tells."""
    seconds = (pl.col("end") - pl.col("start")).dt.total_milliseconds() / 1000
    return pl.max_horizontal(
        pl.col(f"telemetry.{f}") / (seconds if f in TELEMETRY_AMOUNTS else 1.0) for f in told
    )
