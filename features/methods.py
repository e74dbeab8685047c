"""The methods, each by itself: operations per second of a cell's devices, low, expected, high.

Every method reads what stands beside it and gives ``METHOD.low``, ``METHOD.expected``,
``METHOD.high`` (the AI model's own operations) and ``METHOD.hardware`` (what the hardware is
expected to have executed), null where the hardware or the figure is not known.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.physics import Physics
from features.prior import Prior

METHODS: Final = ("counters", "utilisation", "power", "allocation")
RATES: Final = ("low", "expected", "high", "hardware")


def by_allocation(prior: Prior) -> dict[str, pl.Expr]:
    """Device time, the 16-bit peak and the prior's share of it, within the peak that was stated.

    Adds ``typical_peak`` and ``least_peak``, the peaks that the other methods count with, and
    ``silence.high``: what a stretch can hide whose workload is metered otherwise.
    """
    stated, wide = pl.col("peak_expected"), pl.coalesce("peak_16bit_expected", "peak_expected")
    least = pl.min_horizontal("peak_low", "peak_16bit_low")
    most = pl.max_horizontal("peak_16bit_high", "peak_16bit_expected", "peak_expected")
    expected = pl.min_horizontal(wide * pl.col("prior_expected"), stated)
    high = pl.min_horizontal(most * pl.col("prior_high"), "peak_high")
    return {
        # 8 and 4 bit gain about half, in the exponent, of what their peaks promise
        "typical_peak": pl.when(stated > wide).then((stated * wide).sqrt()).otherwise(stated),
        "least_peak": least,
        "silence.high": pl.col("peak_high"),
        "allocation.low": pl.min_horizontal(least * pl.col("prior_low"), expected),
        "allocation.expected": expected,
        "allocation.high": pl.max_horizontal(high, expected),
        "allocation.hardware": expected / prior.algorithmic.expected,
    }


def by_use(physics: Physics) -> dict[str, pl.Expr]:
    """A busy share scales what the allocation says; it is an upper-type figure itself."""
    least = pl.coalesce("activity.least", "activity")
    most = pl.coalesce("activity.most", "activity")
    typical = (pl.col("activity") / physics.full_use_ratio).clip(0.0, 1.0)
    widest = (most / physics.full_use_ratio * physics.use_margin_ratio).clip(0.0, 1.0)
    return {
        "utilisation.low": pl.col("allocation.low") * least,
        "utilisation.expected": pl.col("allocation.expected") * typical,
        "utilisation.high": pl.col("allocation.high") * widest,
        "utilisation.hardware": pl.col("allocation.hardware") * typical,
    }


def by_power(prior: Prior) -> dict[str, pl.Expr]:
    """The calibrated share of the peak that a power ratio tells, within the allocation's bounds.

    Where ``power_w`` and ``energy_j`` contradict each other the larger one is expected, and the
    interval is as wide as if the smaller said idle and the larger nothing.
    """
    wide = pl.coalesce("peak_16bit_expected", "peak_expected")
    most = pl.max_horizontal("peak_16bit_high", "peak_16bit_expected", "peak_expected")
    clash = pl.col("power_and_energy")
    expected = pl.min_horizontal(wide * pl.col("power_share_expected"), "peak_expected")
    low = pl.min_horizontal(pl.col("least_peak") * pl.col("power_share_low"), expected)
    high = pl.min_horizontal(most * pl.col("power_share_high"), "peak_high")
    told = pl.col("power_ratio").is_not_null()
    return {
        "power.low": pl.when(told).then(pl.when(clash).then(0.0).otherwise(low)),
        "power.expected": pl.when(told).then(expected),
        "power.high": pl.when(told).then(
            pl.max_horizontal(high, expected, pl.when(clash).then("allocation.high"))
        ),
        "power.hardware": pl.when(told).then(expected / prior.algorithmic.expected),
    }


def by_counters(prior: Prior) -> dict[str, pl.Expr]:
    """Pipe activity x peak is what the hardware executed; the AI model's own part is less.

    The same activity may be 16-bit or 8-bit work: the high bound takes the most that the provider
    did not rule out, the expected figure what is typical of what was stated. A guest's counters
    move nothing down: beside them stands what would be said without.
    """
    own = prior.algorithmic
    active = pl.col("tensor_active")
    least = pl.coalesce("tensor_active.least", "tensor_active")
    most = pl.coalesce("tensor_active.most", "tensor_active")
    others = sum(
        (pl.col(f"{pipe}_active") * pl.col(f"peak_{pipe}")).fill_null(0.0)
        for pipe in ("fp64", "fp32")
    )
    hardware = pl.min_horizontal(active * pl.col("typical_peak") + others, "peak_high")
    low = pl.min_horizontal(least * pl.col("least_peak") + others, hardware) * own.low
    high = pl.min_horizontal(most * pl.col("peak_high") + others, "peak_high") * own.high
    heard = pl.col("are_counters_trusted")
    without = pl.when("is_metered").then("silence.high").otherwise("allocation.high")
    raised = pl.max_horizontal(hardware * own.expected, "allocation.expected")
    lowered = pl.min_horizontal(low, "allocation.low")
    return {
        "counters.low": pl.when(heard).then(low).otherwise(lowered),
        "counters.expected": pl.when(heard).then(hardware * own.expected).otherwise(raised),
        "counters.high": pl.when(heard).then(high).otherwise(pl.max_horizontal(high, without)),
        "counters.hardware": pl.when(heard)
        .then(hardware)
        .otherwise(pl.max_horizontal(hardware, "allocation.hardware")),
    }
