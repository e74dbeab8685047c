"""Readings of a matrix pipe at rest, kept apart: a dead counter among sound ones shows there.

A strand's figures are sums over its nodes, so that one counter that reads nothing only lowers the
mean. Of the readings below REST the state keeps for how long there were any, and what use and
power the same events show: whole numbers that add up. What is believed of them is decided where
cells are described, by the limits of physics; REST is the edge of a bin and decides nothing.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import quantum

PIPE: Final = "tensor_active"
#: A reading of the matrix pipe below this share of its cycles is kept apart.
REST: Final = 0.02
_WEIGHT: Final = f"{PIPE}.rest_weight"
_SUMS: Final = {"use": f"{PIPE}.rest_use_sum", "power": f"{PIPE}.rest_power_sum"}
#: What the rates have of them: share of the counted time; mean use and watts in it, 0 where the
#: same events have none.
SHARE, USE, POWER = f"{PIPE}.rest", f"{PIPE}.rest_use", f"{PIPE}.rest_power"
RATES: Final = (SHARE, USE, POWER)
_USES: Final = ("sm_active", "gpu_util")


def resting_of(field: str) -> tuple[tuple[str], ...]:
    """Give the columns of the state that tell of a field's readings at rest, each by itself.

    Device milliseconds of such readings, and use and power in them, value x weight.
    """
    return tuple((name,) for name in (_WEIGHT, *_SUMS.values())) if field == PIPE else ()


def at_rest(pieces: pl.DataFrame) -> pl.Series | None:
    """Say which pieces, in steps of the state, read the pipe at rest; None where none does."""
    if PIPE not in pieces.columns:
        return None
    rests = pieces[PIPE] < round(REST * quantum(PIPE))
    return rests if rests.any() else None


def with_rest(products: pl.DataFrame, rests: pl.Series | None) -> pl.DataFrame:
    """Add what readings at rest show to ``telemetry.telemetry_products``'s sums of each piece."""
    if rests is None:
        return products
    uses = [f"{name}.sum" for name in _USES if f"{name}.sum" in products.columns]
    shown = {_SUMS["use"]: pl.coalesce(uses)} if uses else {}
    if "power_w.sum" in products.columns:
        shown[_SUMS["power"]] = pl.col("power_w.sum")
    shown[_WEIGHT] = pl.col(f"{PIPE}.weight")
    return products.with_columns(
        pl.when(rests).then(value).alias(name) for name, value in shown.items()
    )


def resting_rates(sums: pl.DataFrame) -> list[pl.Expr]:
    """Give RATES of a frame of telemetry sums; null where no reading was at rest."""
    whole = f"{PIPE}.weight"
    if _WEIGHT not in sums.columns or whole not in sums.columns:
        return [pl.lit(None, pl.Float64).alias(name) for name in RATES]
    time = pl.col(_WEIGHT).cast(pl.Float64)
    rested = pl.when((time > 0) & (pl.col(whole) > 0))
    shown = {
        name: pl.col(total).cast(pl.Float64) if total in sums.columns else pl.lit(0.0)
        for name, total in _SUMS.items()
    }
    return [
        rested.then(time / pl.col(whole).cast(pl.Float64)).alias(SHARE),
        rested.then(shown["use"] / time / quantum("sm_active")).alias(USE),
        rested.then(shown["power"] / time / quantum("power_w")).alias(POWER),
    ]
