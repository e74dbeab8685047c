"""Cells to operations: low, expected and high, by the method that each stretch of time allows.

Counters bind where a trusted vantage read them, else utilisation, else power, else the allocation
alone. Silence is never zero: an unmetered stretch keeps the prior's low and expected share and
opens the high bound to the peak. Lows and highs add up as if all errors were one error, which is
the widest that a sum can be.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.prior import Prior, shares

#: Share of what the matrix pipes execute that is the AI model's own arithmetic, not recomputation.
ALGORITHMIC_SHARE: Final = 0.8
#: The least of it, with pipes that are active but starved.
ALGORITHMIC_SHARE_LOW: Final = 0.5
#: A tensor pipe at rest beside this much power, with no other pipe busy, is a counter that lies.
REST: Final = 0.005
BUSY_POWER_RATIO: Final = 0.5
#: Vantages trusted this much or better are the provider's own: host and bmc.
PROVIDER_TRUST: Final = 1
METHODS: Final = ("counters", "utilisation", "power", "allocation")
BOUNDS: Final = ("low", "expected", "high")
#: What each method says by itself, of the time that it can speak for.
SAID: Final = tuple(f"{method}_{said}" for method in METHODS for said in ("seconds", *BOUNDS))
FIGURES: Final = (
    "peak_operations",
    "operations_low",
    "operations_expected",
    "operations_high",
    "hardware_operations_expected",
)


def estimate(
    cells: pl.DataFrame, rates: pl.DataFrame, specs: pl.DataFrame, prior: Prior
) -> pl.DataFrame:
    """Add operations and what they rest on to each cell.

    Adds the FIGURES (whole operations, Int128), ``power_ratio``, ``is_contradicted`` and, for
    every method, ``seconds_METHOD`` (device seconds it binds) and what it says by itself:
    ``METHOD_seconds``, the device seconds it can speak for, and ``METHOD_low``,
    ``METHOD_expected``, ``METHOD_high``, the operations of those, null where it cannot speak. All
    rates columns stay.
    """
    place = ["as_of", "strand", "bucket", "width_hours"]
    hardware = specs.rename({"strand": "hardware"})
    joined = cells.join(rates, on=place, how="left").join(hardware, on="hardware", how="left")
    seen = joined.with_columns(**_seen())
    shared = seen.with_columns(**_spoken()).with_columns(**_shares(), **shares(prior))
    return shared.with_columns(**_operations())


def _seen() -> dict[str, pl.Expr]:
    """Activity levels, and whether the counters can be believed."""
    watts, watts_trust = _better("power_w", "energy_j")
    busy, busy_trust = _better("sm_active", "gpu_util")
    power = pl.when(pl.col("tdp_w") > 0).then(watts / pl.col("tdp_w"))
    others = pl.max_horizontal("fp64_active", "fp32_active", "fp16_active").fill_null(0.0)
    resting = (pl.col("tensor_active") < REST) & (others < 0.05)
    return {
        "power_ratio": power,
        "activity": busy,
        "is_contradicted": (resting & (power > BUSY_POWER_RATIO)).fill_null(value=False),
        "are_counters_trusted": pl.col("tensor_active.trust") <= PROVIDER_TRUST,
        "is_activity_trusted": busy_trust <= PROVIDER_TRUST,
        "is_power_trusted": watts_trust <= PROVIDER_TRUST,
    }


def _better(one: str, other: str) -> tuple[pl.Expr, pl.Expr]:
    """Give the first figure and its trust; the second where only that is the provider's own."""
    own = pl.col(f"{one}.trust") <= PROVIDER_TRUST
    other_own = pl.col(other).is_not_null() & (pl.col(f"{other}.trust") <= PROVIDER_TRUST)
    takes_other = pl.col(one).is_null() | (~own & other_own).fill_null(value=False)
    return (
        pl.when(takes_other).then(other).otherwise(one),
        pl.when(takes_other).then(f"{other}.trust").otherwise(f"{one}.trust"),
    )


def _spoken() -> dict[str, pl.Expr]:
    """Share of the cell's device time that each method has figures for."""
    has_power = pl.col("is_power_trusted") & pl.col("power_ratio").is_not_null()
    return {
        "spoken_counters": _share("seen_1_ms", pl.col("tensor_active").is_not_null()),
        "spoken_utilisation": _share("seen_2_ms", pl.col("activity").is_not_null()),
        "spoken_power": _share("seen_4_ms", has_power),
        "spoken_allocation": pl.lit(1.0),
    }


def _shares() -> dict[str, pl.Expr]:
    """Share of the cell's device time on which each method binds; they sum to one."""
    believed = (~pl.col("is_contradicted")).cast(pl.Float64)
    first = pl.col("spoken_counters") * believed
    second = pl.max_horizontal(first, pl.col("spoken_utilisation") * believed)
    third = pl.max_horizontal(second, pl.col("spoken_power"))
    return {
        "share_counters": first,
        "share_utilisation": second - first,
        "share_power": third - second,
        "share_allocation": 1.0 - third,
    }


def _share(seen: str, holds: pl.Expr) -> pl.Expr:
    is_seen = (pl.col("device_ms") > 0) & holds
    return pl.when(is_seen).then((pl.col(seen) / pl.col("device_ms")).clip(0.0, 1.0)).otherwise(0.0)


def _operations() -> dict[str, pl.Expr]:
    seconds = pl.col("device_ms") / 1000.0
    peak = pl.col("peak_expected").fill_null(0.0)
    rates = {
        "counters": _by_counters(),
        "utilisation": _by_utilisation(),
        "power": _by_power(),
        "allocation": _by_allocation(),
    }
    sums = [
        pl.sum_horizontal([(pl.col(f"share_{m}") * rates[m][i]).fill_null(0.0) for m in METHODS])
        for i in range(4)
    ]
    whole = {
        "peak_operations": seconds * peak,
        "operations_low": seconds * pl.min_horizontal(sums[0], sums[1]),
        "operations_expected": seconds * sums[1],
        "operations_high": seconds * pl.max_horizontal(sums[2], sums[1]),
        "hardware_operations_expected": seconds * sums[3],
    }
    return {
        **{name: figure.round().cast(pl.Int128) for name, figure in whole.items()},
        **{f"seconds_{m}": seconds * pl.col(f"share_{m}") for m in METHODS},
        **{f"{m}_seconds": seconds * pl.col(f"spoken_{m}") for m in METHODS},
        **{
            f"{m}_{bound}": _said(seconds * pl.col(f"spoken_{m}"), rates[m][i])
            for m in METHODS
            for i, bound in enumerate(BOUNDS)
        },
    }


def _said(seconds: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """Give what one method says of the time that it can speak for."""
    return pl.when(seconds > 0).then(seconds * rate)


def _typical_peak() -> pl.Expr:
    """Peak for an expected figure: 8 and 4 bit gain about half of what their peaks promise."""
    stated, wide = pl.col("peak_expected"), pl.col("peak_16bit_expected")
    return pl.when(stated > wide).then((stated * wide).sqrt()).otherwise(stated)


def _least_peak() -> pl.Expr:
    return pl.min_horizontal("peak_low", "peak_16bit_low")


def _by_allocation() -> list[pl.Expr]:
    expected = _typical_peak() * pl.col("prior_expected")
    high = pl.col("peak_high")
    return [_least_peak() * pl.col("prior_low"), expected, high, expected / ALGORITHMIC_SHARE]


def _by_utilisation() -> list[pl.Expr]:
    """A busy share bounds what ran; a guest's word moves nothing down."""
    low, expected, high, hardware = _by_allocation()
    busy = pl.col("activity")
    typical = (busy / 0.9).clip(0.0, 1.0)
    trusted = pl.col("is_activity_trusted")
    return [
        low * busy,
        pl.when(trusted).then(expected * typical).otherwise(expected),
        pl.when(trusted).then(high * (busy * 1.05).clip(0.0, 1.0)).otherwise(high),
        pl.when(trusted).then(hardware * typical).otherwise(hardware),
    ]


def _by_power() -> list[pl.Expr]:
    """Power tells idle from busy, and little between."""
    low, expected, high, hardware = _by_allocation()
    busy = ((pl.col("power_ratio") - 0.15) / 0.45).clip(0.0, 1.0)
    most = ((pl.col("power_ratio") - 0.10) / 0.40).clip(0.02, 1.0)
    return [low * busy, expected * busy, high * most, hardware * busy]


def _by_counters() -> list[pl.Expr]:
    """Pipe activity x peak is what the hardware executed; the AI model's own part is less."""
    low, expected, high, _ = _by_allocation()
    active = pl.col("tensor_active")
    others = pl.col("fp64_active").fill_null(0.0) * pl.col("peak_fp64").fill_null(0.0) + pl.col(
        "fp32_active"
    ).fill_null(0.0) * pl.col("peak_fp32").fill_null(0.0)
    hardware = active * pl.col("peak_expected") + others
    counted_low = (active * _least_peak() + others) * ALGORITHMIC_SHARE_LOW
    counted = hardware * ALGORITHMIC_SHARE
    counted_high = active * pl.col("peak_high") + others
    trusted = pl.col("are_counters_trusted")
    return [
        pl.when(trusted).then(counted_low).otherwise(pl.min_horizontal(counted_low, low)),
        pl.when(trusted).then(counted).otherwise(pl.max_horizontal(counted, expected)),
        pl.when(trusted).then(counted_high).otherwise(pl.max_horizontal(counted_high, high)),
        pl.max_horizontal(hardware, pl.when(~trusted).then(expected / ALGORITHMIC_SHARE)),
    ]
