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
    stated, wide = pl.col("peak_believed"), pl.coalesce("peak_16bit_expected", "peak_expected")
    least = pl.min_horizontal("peak_low", "peak_16bit_low")
    most = pl.max_horizontal("peak_16bit_high", "peak_16bit_expected", "peak_believed")
    expected = pl.min_horizontal(wide * pl.col("prior_expected"), stated * prior.ceiling)
    high = pl.min_horizontal(most * pl.col("prior_high"), "peak_high")
    return {
        # 8 and 4 bit gain about half, in the exponent, of what their peaks promise
        "typical_peak": pl.when(stated > wide).then((stated * wide).sqrt()).otherwise(stated),
        "least_peak": least,
        "silence.high": pl.col("peak_high"),
        "allocation.low": pl.min_horizontal(least * pl.col("prior_low"), expected),
        "allocation.expected": expected,
        "allocation.high": pl.max_horizontal(high, expected),
        "allocation.hardware": _executed(expected, prior),
    }


def _executed(expected: pl.Expr, prior: Prior) -> pl.Expr:
    """Give what the hardware executes for the AI model's own operations; never past its peak."""
    whole = expected / prior.algorithmic.expected * prior.executed_ratio
    return pl.when(expected.is_not_null()).then(pl.min_horizontal(whole, "peak_high"))


def by_use(physics: Physics) -> dict[str, pl.Expr]:
    """A busy share scales what the allocation says; it is an upper-type figure itself.

    Rest that nothing bears out leaves the high bound where the allocation has it.
    """
    least = pl.coalesce("activity.least", "activity")
    most = pl.coalesce("activity.most", "activity")
    typical = (pl.col("activity") / physics.full_use_ratio).clip(0.0, 1.0)
    widest = (most / physics.full_use_ratio * physics.use_margin_ratio).clip(0.0, 1.0)
    return {
        "utilisation.low": pl.col("allocation.low") * least,
        "utilisation.expected": pl.col("allocation.expected") * typical,
        "utilisation.high": pl.col("allocation.high")
        * pl.when("is_borne_out").then(widest).otherwise(1.0),
        "utilisation.hardware": pl.col("allocation.hardware") * typical,
    }


def by_power(prior: Prior) -> dict[str, pl.Expr]:
    """The calibrated share of the peak that a power ratio tells, within the allocation's bounds.

    Where ``power_w`` and ``energy_j`` contradict each other the larger one is expected, and the
    interval is as wide as if the smaller said idle and the larger nothing.
    """
    wide = pl.coalesce("peak_16bit_expected", "peak_expected")
    most = pl.max_horizontal("peak_16bit_high", "peak_16bit_expected", "peak_believed")
    clash = pl.col("power_and_energy")
    most_expected = pl.col("peak_believed") * prior.ceiling
    expected = pl.min_horizontal(wide * pl.col("power_share_expected"), most_expected)
    low = pl.min_horizontal(pl.col("least_peak") * pl.col("power_share_low"), expected)
    high = pl.min_horizontal(most * pl.col("power_share_high"), "peak_high")
    told = pl.col("power_ratio").is_not_null()
    return {
        "power.low": pl.when(told).then(pl.when(clash).then(0.0).otherwise(low)),
        "power.expected": pl.when(told).then(expected),
        "power.high": pl.when(told).then(
            pl.max_horizontal(high, expected, pl.when(clash).then("allocation.high"))
        ),
        "power.hardware": pl.when(told).then(_executed(expected, prior)),
    }


def _clock(physics: Physics) -> pl.Expr:
    """Give the least share of the boost clock at which a device in use draws the power it does.

    It is 1 where the provider metered no power of its own. Light work draws little at any clock, so
    that this speaks of the low bound alone.
    """
    use = pl.when("is_activity_trusted").then("activity").fill_null(1.0)
    drawn = (pl.col("power_busy") / use.clip(lower_bound=physics.working_use_ratio)).clip(0.0, 1.0)
    held = pl.when("is_power_trusted").then(drawn.pow(1.0 / physics.clock_power_exponent))
    return held.fill_null(1.0)


def by_counters(prior: Prior, physics: Physics) -> dict[str, pl.Expr]:
    """Pipe activity x peak is the most that the hardware executed; the AI model's part is less.

    An active pipe does not reach its peak: counters tell cycles, the peak is at boost clock and of
    whole tiles. What it does of it in the middle is ``executed_ratio``; the least is at the clock
    that the power allows.
    The same activity may be 16-bit or 8-bit work: the high bound takes the most that the provider
    did not rule out, the expected figure what is typical of what was stated. A guest's counters
    move nothing down: beside them stands what would be said without.
    """
    own = prior.algorithmic
    busy = _at_peak(pl.col("pipe"), "typical_peak")
    least = pl.min_horizontal(_at_peak(_bound("least"), "least_peak"), busy)
    low = least * own.low * _clock(physics)
    counted = _at_peak(_bound("most"), "peak_high") * own.high
    unproven = pl.when(~pl.col("is_borne_out")).then("allocation.high")
    high = pl.max_horizontal(counted, unproven)
    heard = pl.col("are_counters_trusted")
    without = pl.when("is_metered").then("silence.high").otherwise("allocation.high")
    hardware = busy * prior.executed_ratio
    raised = pl.max_horizontal(busy * own.expected, "allocation.expected")
    lowered = pl.min_horizontal(low, "allocation.low")
    return {
        "counters.low": pl.when(heard).then(low).otherwise(lowered),
        "counters.expected": pl.when(heard).then(busy * own.expected).otherwise(raised),
        "counters.high": pl.when(heard).then(high).otherwise(pl.max_horizontal(high, without)),
        "counters.hardware": pl.when(heard)
        .then(hardware)
        .otherwise(pl.max_horizontal(hardware, "allocation.hardware")),
    }


def by_kin(prior: Prior) -> dict[str, pl.Expr]:
    """What sound neighbours expect of the pipes whose counters are dead; the least is nothing."""
    busy = _at_peak(pl.col("kin_pipe"), "typical_peak")
    told = pl.when(pl.col("kin_pipe").is_not_null())
    return {
        "kin.low": told.then(0.0),
        "kin.expected": told.then(busy * prior.algorithmic.expected),
        "kin.high": told.then(_at_peak(pl.col("kin_pipe"), "peak_high") * prior.algorithmic.high),
        "kin.hardware": told.then(busy * prior.executed_ratio),
    }


def _bound(name: str) -> pl.Expr:
    return pl.coalesce(f"pipe.{name}", "pipe")


def _at_peak(active: pl.Expr, peak: str) -> pl.Expr:
    """Operations a second of pipes as active as that, at their peak; never past the highest."""
    others = sum(
        (pl.col(f"{pipe}_active") * pl.col(f"peak_{pipe}")).fill_null(0.0)
        for pipe in ("fp64", "fp32")
    )
    return pl.min_horizontal(active * pl.col(peak) + others, "peak_high")
