"""Cells to operations: every method's low, expected and high, and one interval fused from them.

Counters of the provider bind where it read them, else use, else power, else the allocation. Time
without telemetry of work that is metered otherwise is silence: its high bound opens to the peak,
its expected figure is the prior's, or the bucket's own rate where that is mostly metered. Figures
that cannot both be true are not averaged: the interval opens to the worst case of the methods.
The rules are told in ``docs/estimation.md``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.aged import aged_shares
from features.compute import Catalogue, added
from features.kin import beside_kin
from features.methods import METHODS, RATES, by_allocation, by_counters, by_kin, by_power, by_use
from features.powered import power_shares
from features.schema import beside
from features.unpowered import without_unpowered
from features.witness import conflicts, is_borne_out, is_metered, spoken, witnessed

BOUNDS: Final = ("low", "expected", "high")
#: What a stretch of device time can rest on: a method, silence, or figures at odds.
BASES: Final = (*METHODS, "silence", "contradiction")
#: What each method says by itself, of the time that it can speak for; of the other bases, what is
#: said of the time that rests on them.
SAID: Final = tuple(f"{basis}_{said}" for basis in BASES for said in ("seconds", *BOUNDS))
FIGURES: Final = (
    "peak_operations",
    "operations_low",
    "operations_expected",
    "operations_high",
    "hardware_operations_expected",
)
_HEARD: Final = ("counters", "utilisation", "power")


def estimate(
    cells: pl.DataFrame, rates: pl.DataFrame, specs: pl.DataFrame, catalogue: Catalogue
) -> pl.DataFrame:
    """Add operations and what they rest on to each cell.

    ``cells``: ``cells.place``'s. Adds the FIGURES (whole operations, Int128), ``power_ratio``, the
    CONFLICTS and ``odds_ratio``; for every one of BASES ``seconds_BASIS``, the device seconds
    that rest on it; and what it says by itself: ``BASIS_seconds``, the device seconds that a
    method can speak for, and ``BASIS_low``, ``BASIS_expected``, ``BASIS_high``, the operations of
    those, null where there are none. All rates columns stay.
    """
    prior, physics = catalogue.prior, catalogue.physics
    place = ["as_of", "strand", "bucket", "width_hours"]
    hardware = specs.rename({"strand": "hardware"})
    return (
        beside(beside(cells, rates, place), hardware, ["hardware"])
        .pipe(without_unpowered, physics)
        .with_columns(**witnessed(physics))
        .with_columns(**spoken(), is_eight_bit_open=_is_eight_bit_open())
        .pipe(aged_shares, prior)
        .pipe(beside_kin, physics)
        .with_columns(**conflicts(physics), **power_shares(prior, physics), **by_allocation(prior))
        .with_columns(is_metered=is_metered(), is_borne_out=is_borne_out())
        .with_columns(
            **by_use(physics), **by_power(prior), **by_counters(prior, physics), **_binding()
        )
        .with_columns(**by_kin(prior))
        .with_columns(**_unmetered(), **_worst())
        .with_columns(**_operations())
    )


def _is_eight_bit_open() -> pl.Expr:
    """Say whether wider pipes than those of 16 bit are there, unnamed and not ruled out.

    Where such a precision is stated, the shares are of its peak, which allows for it by itself.
    """
    wide = pl.col("peak_16bit_high")
    is_open = (pl.col("peak_high") > wide) & (pl.col("peak_believed") <= wide)
    return is_open.fill_null(value=False)


def _binding() -> dict[str, pl.Expr]:
    """Share of the cell's device time that rests on each of BASES; they sum to one."""
    is_own = pl.col("are_counters_trusted").fill_null(value=False)
    counted = pl.when(is_own).then("spoken_counters").otherwise(0.0)
    used = pl.max_horizontal(counted, "spoken_utilisation")
    seen = pl.max_horizontal(used, "spoken_power")
    heard = pl.max_horizontal(seen, "spoken_counters")  # by a guest, where nobody else saw
    at_odds = pl.col("odds_ratio")
    believed = 1.0 - at_odds
    rest = 1.0 - heard
    return {
        "share_counters": (counted + heard - seen) * believed,
        "share_utilisation": (used - counted) * believed,
        "share_power": (seen - used) * believed,
        "share_allocation": pl.when("is_metered").then(0.0).otherwise(rest),
        "share_silence": pl.when("is_metered").then(rest).otherwise(0.0),
        "share_contradiction": heard * at_odds,
        "share_seen": seen,
    }


def _unmetered() -> dict[str, pl.Expr]:
    """What a stretch of silence is expected to have been, and the least of it.

    Gaps of hours that the provider metered for the most part are lost samples: they worked like
    what was seen. Longer silence is expected to work like any allocation, and a resource that was
    never metered beside others like the busier of both.
    """
    unseen = pl.col("device_ms") * (1.0 - pl.col("share_seen"))
    gaps, dark = (
        pl.when(unseen > 0).then((pl.col(c) / unseen).clip(0.0, 1.0)).otherwise(0.0)
        for c in ("gap_ms", "dark_ms")
    )
    columns = {}
    for name in ("expected", "hardware"):
        told = added(pl.col(f"share_{m}") * pl.col(f"{m}.{name}") for m in _HEARD)
        share = added(pl.col(f"share_{m}") for m in _HEARD)
        own = pl.when(share > 0).then(told / share)
        any_work = pl.col(f"allocation.{name}")
        rest = (1.0 - gaps - dark).clip(lower_bound=0.0)
        alike = gaps * own + dark * pl.max_horizontal(own, any_work) + rest * any_work
        columns[f"silence.{name}"] = pl.coalesce(alike, f"allocation.{name}")
    low = pl.min_horizontal("allocation.low", columns["silence.expected"])
    return {**columns, "silence.low": low}


def _worst() -> dict[str, pl.Expr]:
    """The interval of figures at odds: as wide as all methods that speak.

    Expected is the largest of what counters, use and power expect; what the pipes tell where a
    third figure bears them out, and what sound neighbours of a dead counter do.
    """
    every = {
        name: [pl.when(pl.col(f"spoken_{m}") > 0).then(pl.col(f"{m}.{name}")) for m in METHODS]
        for name in RATES
    }
    expected, hardware = (
        pl.when("is_pipe_confirmed")
        .then(f"counters.{name}")
        .when("is_kin_heard")
        .then(f"kin.{name}")
        .otherwise(pl.max_horizontal(every[name][:-1]))
        for name in ("expected", "hardware")
    )
    return {
        "contradiction.low": pl.min_horizontal(*every["low"], "kin.low"),
        "contradiction.expected": expected,
        "contradiction.high": pl.max_horizontal(*every["high"], "kin.high"),
        "contradiction.hardware": hardware,
    }


def _operations() -> dict[str, pl.Expr]:
    seconds = pl.col("device_ms") / 1000.0
    low, expected, high, hardware = (
        added(pl.col(f"share_{b}") * pl.col(f"{b}.{rate}") for b in BASES) for rate in RATES
    )
    whole = {
        "peak_operations": seconds * pl.col("peak_expected").fill_null(0.0),
        "operations_low": seconds * pl.min_horizontal(low, expected),
        "operations_expected": seconds * expected,
        "operations_high": seconds * pl.max_horizontal(high, expected),
        "hardware_operations_expected": seconds * hardware,
    }
    spoken_by = {b: pl.col(f"{'spoken' if b in METHODS else 'share'}_{b}") for b in BASES}
    return {
        **{name: figure.round().cast(pl.Int128) for name, figure in whole.items()},
        **{f"seconds_{b}": seconds * pl.col(f"share_{b}") for b in BASES},
        **{f"{b}_seconds": seconds * spoken_by[b] for b in BASES},
        **{
            f"{b}_{bound}": _said(seconds * spoken_by[b], pl.col(f"{b}.{bound}"))
            for b in BASES
            for bound in BOUNDS
        },
    }


def _said(seconds: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """Give what one method says of the time that it can speak for."""
    return pl.when(seconds > 0).then(seconds * rate)
