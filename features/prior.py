"""What share of its peak metered device time becomes operations, where only little is known.

A share is algorithmic operations per (device seconds x dense 16-bit peak). The prior is a sum of
few effects on the logarithm (base 10) of the share, every one of which a provider can see. The
numbers are data (``detector/policy/reference/utilisation.toml``), fitted by a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import log10

import polars as pl

#: Columns that ``shares`` reads; null in any of them means unknown.
PRIOR_COLUMNS = ("generation", "devices", "age_hours", "stated_bits", "service_class")


@dataclass(frozen=True)
class Band:
    """A low, an expected and a high share."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True)
class Curve:
    """A line through knots (quantity, effect), straight over log10 of the quantity.

    Level beyond the first and the last knot, so nothing is extrapolated. ``unknown`` is the
    effect where the quantity is null.
    """

    knots: tuple[tuple[float, float], ...]
    unknown: float

    @property
    def most(self) -> float:
        """The largest effect there is."""
        return max(self.unknown, *(effect for _, effect in self.knots))

    def effect(self, column: str) -> pl.Expr:
        """Give the effect of a column of positive numbers."""
        place = pl.col(column).cast(pl.Float64).clip(self.knots[0][0], self.knots[-1][0]).log10()
        line = reduce(
            lambda total, ends: total + _rise(place, *ends),
            pairwise(self.knots),
            pl.lit(self.knots[0][1]),
        )
        return pl.when(pl.col(column).is_null()).then(self.unknown).otherwise(line)


def _rise(place: pl.Expr, start: tuple[float, float], end: tuple[float, float]) -> pl.Expr:
    """Give what one straight piece adds up to ``place`` (log10)."""
    left, right = log10(start[0]), log10(end[0])
    return (place.clip(left, right) - left) * ((end[1] - start[1]) / (right - left))


@dataclass(frozen=True)
class Power:
    """How power per accelerator, as a share of its rated power, bounds the share of the peak.

    At ``idle_ratio`` nothing is computed, from ``busy_ratio`` on the prior's expected figure
    holds; the high bound opens over the lower pair. Ratios are watts over rated watts.
    """

    idle_ratio: float
    busy_ratio: float
    high_idle_ratio: float
    high_busy_ratio: float


@dataclass(frozen=True)
class Prior:
    """The fitted numbers. Effects and widths are in log10 of the share.

    ``centre``: log10 of the expected share before any effect. ``generations``: effect of each
    known chip generation; another has ``unknown_generation`` and its interval is
    ``unknown_widening`` times as wide. ``below`` and ``above``: distance from the expected share
    to the ends of the 90 % interval, over age. ``ceiling`` bounds the expected share and
    ``high_ceiling`` the high one. ``algorithmic``: the AI model's own part of what the hardware
    executed. ``board``, ``wall``: power read at the accelerator or at the plug. ``rho_tenant``:
    correlation of errors between workloads of one tenant; ``rho_owner``: between tenants.
    """

    centre: float
    generations: Mapping[str, float]
    unknown_generation: float
    unknown_widening: float
    age: Curve
    devices: Curve
    stated_bits: Mapping[int, float]
    service_classes: Mapping[str, float]
    below: Curve
    above: Curve
    ceiling: float
    high_ceiling: float
    algorithmic: Band
    board: Power
    wall: Power
    rho_tenant: float
    rho_owner: float

    @property
    def most_expected(self) -> float:
        """No row has a larger ``prior_expected`` than this."""
        effects = (
            max([self.unknown_generation, *self.generations.values()])
            + max([0.0, *self.stated_bits.values()])
            + max([0.0, *self.service_classes.values()])
        )
        return min(self.ceiling, 10 ** (self.centre + effects + self.age.most + self.devices.most))


def shares(prior: Prior) -> dict[str, pl.Expr]:
    """Give ``prior_low``, ``prior_expected`` (median), ``prior_high``: a 90 % interval.

    Reads PRIOR_COLUMNS: ``generation`` (String), ``devices`` (accelerators at once), ``age_hours``
    (since the workload's first start), ``stated_bits`` (Int), ``service_class`` (String).
    """
    known = pl.col("generation").is_in(list(prior.generations)).fill_null(value=False)
    place = (
        prior.centre
        + _chosen("generation", prior.generations, prior.unknown_generation)
        + _chosen("stated_bits", prior.stated_bits, 0.0)
        + _chosen("service_class", prior.service_classes, 0.0)
        + prior.age.effect("age_hours")
        + prior.devices.effect("devices")
    ).clip(upper_bound=log10(prior.ceiling))
    wide = pl.when(known).then(1.0).otherwise(prior.unknown_widening)
    low = place - prior.below.effect("age_hours") * wide
    high = place + prior.above.effect("age_hours") * wide
    return {
        "prior_low": _power_of_ten(low),
        "prior_expected": _power_of_ten(place),
        "prior_high": _power_of_ten(high.clip(upper_bound=log10(prior.high_ceiling))),
    }


def power_shares(prior: Prior) -> dict[str, pl.Expr]:
    """Give ``power_share_low``, ``_expected``, ``_high``, null where no power was metered.

    Reads what ``shares`` gives, ``power_ratio`` (watts per accelerator over its rated watts) and
    ``is_wall_power`` (read at the plug, with host, fans and losses in it).
    """
    board, wall = _busy(prior.board), _busy(prior.wall)
    ratio = pl.col("is_wall_power")
    low, high = (pl.when(ratio).then(wall[i]).otherwise(board[i]) for i in (0, 1))
    return {
        "power_share_low": pl.col("prior_low") * low,
        "power_share_expected": pl.col("prior_expected") * low,
        "power_share_high": pl.col("prior_high") * high,
    }


def _busy(power: Power) -> tuple[pl.Expr, pl.Expr]:
    """Give how busy a power ratio shows the device to be, at the least and at the most."""
    ratio = pl.col("power_ratio")
    least = (ratio - power.idle_ratio) / (power.busy_ratio - power.idle_ratio)
    span = power.high_busy_ratio - power.high_idle_ratio
    most = (ratio - power.high_idle_ratio) / span
    return least.clip(0.0, 1.0), most.clip(0.02, 1.0)


def _chosen(
    column: str, effects: Mapping[str, float] | Mapping[int, float], other: float
) -> pl.Expr:
    """Give the effect that belongs to a value, ``other`` where none or null does."""
    chain = pl.lit(other)
    for value, effect in effects.items():
        chain = pl.when(pl.col(column) == value).then(effect).otherwise(chain)
    return chain


def _power_of_ten(exponent: pl.Expr) -> pl.Expr:
    return pl.lit(10.0).pow(exponent)


def flat(low: float, expected: float, high: float) -> Prior:
    """Give a prior that is the same for all: a base line, and a stand-in where none matters."""
    level = Curve(((1.0, 0.0), (10.0, 0.0)), 0.0)
    below, above = log10(expected / low), log10(high / expected)
    power = Power(0.15, 0.60, 0.10, 0.50)
    return Prior(
        centre=log10(expected),
        generations={},
        unknown_generation=0.0,
        unknown_widening=1.0,
        age=level,
        devices=level,
        stated_bits={},
        service_classes={},
        below=Curve(((1.0, below), (10.0, below)), below),
        above=Curve(((1.0, above), (10.0, above)), above),
        ceiling=max(1.0, expected),
        high_ceiling=max(1.0, high),
        algorithmic=Band(0.5, 0.8, 1.0),
        board=power,
        wall=power,
        rho_tenant=1.0,
        rho_owner=1.0,
    )
