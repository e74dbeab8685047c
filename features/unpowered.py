"""Zeros beside a meter that reads less power than any device idles on: silence, not rest.

What a device is rated at is known only once its hardware is looked up, so it is judged here, of a
cell. A cell is a mean over nodes: where pipes were read, the readings at rest are kept apart, and
those beside such power are taken out of it; else the cell as a whole is heard or not.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.physics import Physics
from features.rates import BOUNDED
from features.resting import POWER, RATES, SHARE, USE
from features.schema import OF_DEVICE, SEEN, SQUARED_FIELDS

_MEANS: Final = (
    *OF_DEVICE,
    *("power_w", "energy_j"),
    *(f"{f}.square" for f in SQUARED_FIELDS),
    *(f"{f}.{bound}" for f in BOUNDED for bound in ("least", "most")),
)


def without_unpowered(cells: pl.DataFrame, physics: Physics) -> pl.DataFrame:
    """Take zeros out of cells whose meter reads less than ``least_power_ratio`` beside them.

    Reads the rates and the specs. What is left is a mean over the rest of the metered time; where
    nothing is, the figure was not metered. The time itself stays, without telemetry.
    """
    alive = cells.select(_alive(physics)).to_series()
    if not (alive < 1.0).any():
        return cells
    is_part = pl.col("alive") < 1.0
    left = pl.when(pl.col("alive") > 0.0).then("alive")
    return (
        cells.with_columns(alive=alive)
        .with_columns(
            *[pl.when(is_part).then(pl.col(c) / left).otherwise(c).alias(c) for c in _MEANS],
            *[(pl.col(f"seen_{bit}_ms") * pl.col("alive")).alias(f"seen_{bit}_ms") for bit in SEEN],
            *[pl.when(~is_part).then(c).alias(c) for c in RATES],
        )
        .drop("alive")
    )


def _alive(physics: Physics) -> pl.Expr:
    """Give the share of the metered time that was not read as zero by a meter without power."""
    rated = pl.when(pl.col("tdp_w") > 0).then(pl.col("tdp_w"))
    drawn = pl.max_horizontal("power_w", "energy_j") / rated
    is_zero = pl.max_horizontal(OF_DEVICE) == 0.0
    beside = pl.col(POWER) / rated
    is_dead = (pl.col(POWER) > 0.0) & (beside < physics.least_power_ratio) & (pl.col(USE) == 0.0)
    return (
        pl.when((drawn < physics.least_power_ratio) & is_zero)
        .then(0.0)
        .when(is_dead)
        .then(1.0 - pl.col(SHARE).clip(0.0, 1.0))
        .otherwise(1.0)
        .alias("alive")
    )
