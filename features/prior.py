"""What share of its peak metered device time becomes operations, where only little is known.

A share is algorithmic operations per (device seconds x dense 16-bit peak). The prior is a sum of
few effects on the logarithm (base 10) of the share, every one of which a provider can see. Young
workloads and old ones have their own effects; between the two ages one turns into the other. The
numbers are data (``detector/policy/reference/utilisation.toml``), fitted by a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise
from math import log10
from typing import Final

import polars as pl

#: Columns that ``shares`` reads; null in any of them means unknown.
PRIOR_COLUMNS: Final = (
    *("generation", "devices", "age_hours", "stated_bits", "service_class"),
    "is_eight_bit_open",
)


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

    def effect(self, quantity: pl.Expr) -> pl.Expr:
        """Give the effect of a positive quantity."""
        place = quantity.cast(pl.Float64).clip(self.knots[0][0], self.knots[-1][0]).log10()
        line = reduce(
            lambda total, ends: total + _rise(place, *ends),
            pairwise(self.knots),
            pl.lit(self.knots[0][1]),
        )
        return pl.when(quantity.is_null()).then(self.unknown).otherwise(line)


def _rise(place: pl.Expr, start: tuple[float, float], end: tuple[float, float]) -> pl.Expr:
    """Give what one straight piece adds up to ``place`` (log10)."""
    left, right = log10(start[0]), log10(end[0])
    return (place.clip(left, right) - left) * ((end[1] - start[1]) / (right - left))


@dataclass(frozen=True)
class Regime:
    """The effects on workloads of one age, in log10 of the share.

    ``centre``: log10 of the expected share before any effect. ``generations``: effect of each
    known chip generation (another has 0). ``device_hours``: effect of the accelerator hours so
    far; ``devices``: of the accelerators at once. ``below``, ``above``: distance from the
    expected share to the ends of the 90 % interval, times ``unknown_spread`` where the generation
    is not known or one of the ``few``, those that few cases speak for. ``tuned``: distance from the
    expected share to the high end, by generation, that tuned work on 8-bit pipes needs at least;
    it holds where nobody ruled such work out.
    """

    centre: float
    generations: Mapping[str, float]
    device_hours: Curve
    devices: Curve
    below: float
    above: float
    few: frozenset[str]
    unknown_spread: float
    tuned: Mapping[str, float] = field(default_factory=dict)

    @property
    def most(self) -> float:
        """Log10 of the largest expected share there is, before a stated precision."""
        generation = max([0.0, *self.generations.values()])
        return self.centre + generation + self.device_hours.most + self.devices.most


@dataclass(frozen=True)
class Power:
    """What power per accelerator, as a share of its rated power, says of the share of the peak.

    At ``idle_ratio`` nothing is computed and at ``reference_ratio`` what the prior expects; in
    between and above, busy = (ratio - idle) / (reference - idle), the share moves as busy to the
    power of ``exponent``. The high bound may stand from ``full_ratio`` on.
    """

    idle_ratio: float
    reference_ratio: float
    exponent: float
    full_ratio: float


@dataclass(frozen=True)
class Prior:
    """The fitted numbers.

    ``young`` holds up to ``young_until_hours`` after a workload's first start, ``old`` from
    ``old_from_hours`` on, a mixture between. ``stated_bits``, ``service_classes``: effect of what
    is stated, in log10. ``ceiling`` bounds the expected share, ``high_ceiling`` the high one.
    ``algorithmic``: the AI model's own part of what busy pipes could do at their peak;
    ``executed_ratio``: what they execute of that, the model's own or not. ``board``, ``wall``:
    power read at the accelerator or at the plug. ``rho_tenant``: correlation of errors between
    workloads of one tenant; ``rho_owner``: between tenants of one owner.
    """

    young: Regime
    old: Regime
    young_until_hours: float
    old_from_hours: float
    stated_bits: Mapping[int, float]
    service_classes: Mapping[str, float]
    ceiling: float
    high_ceiling: float
    algorithmic: Band
    executed_ratio: float
    board: Power
    wall: Power
    rho_tenant: float
    rho_owner: float

    @property
    def most_expected(self) -> float:
        """No row has a larger ``prior_expected`` than this."""
        stated = max([0.0, *self.stated_bits.values()]) + max([0.0, *self.service_classes.values()])
        return min(self.ceiling, 10 ** (max(self.young.most, self.old.most) + stated))


def shares(prior: Prior) -> dict[str, pl.Expr]:
    """Give ``prior_low``, ``prior_expected`` (median), ``prior_high``: a 90 % interval.

    Reads PRIOR_COLUMNS: ``generation`` (String), ``devices`` (accelerators at once), ``age_hours``
    (since the workload's first start), ``stated_bits`` (Int), ``service_class`` (String) and
    ``is_eight_bit_open`` (Boolean: pipes wider than those of 16 bit are there and not ruled out).
    """
    age = pl.col("age_hours").cast(pl.Float64)
    start, end = log10(prior.young_until_hours), log10(prior.old_from_hours)
    # The weight of the old regime; a workload of unknown age counts as old.
    weight = ((age.log10() - start) / (end - start)).clip(0.0, 1.0).fill_null(1.0)
    young, old = _regime(prior.young), _regime(prior.old)
    middle, below, above = (
        one * (1.0 - weight) + other * weight for one, other in zip(young, old, strict=True)
    )
    stated = _chosen("stated_bits", prior.stated_bits, 0.0)
    service = _chosen("service_class", prior.service_classes, 0.0)
    place = (middle + stated + service).clip(upper_bound=log10(prior.ceiling))
    return {
        "prior_low": _power_of_ten(place - below),
        "prior_expected": _power_of_ten(place),
        "prior_high": _power_of_ten((place + above).clip(upper_bound=log10(prior.high_ceiling))),
    }


def _regime(regime: Regime) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Give log10 of the expected share and the distances to the ends of the interval."""
    devices = pl.col("devices").cast(pl.Float64)
    hours = devices * pl.col("age_hours").cast(pl.Float64)
    place = (
        regime.centre
        + _chosen("generation", regime.generations, 0.0)
        + regime.device_hours.effect(hours)
        + regime.devices.effect(devices)
    )
    known = {name: 1.0 for name in regime.generations if name not in regime.few}
    spread = _chosen("generation", known, regime.unknown_spread)
    tuned = pl.when("is_eight_bit_open").then(_chosen("generation", regime.tuned, 0.0))
    return place, regime.below * spread, pl.max_horizontal(regime.above * spread, tuned)


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
    regime = Regime(
        centre=log10(expected),
        generations={},
        device_hours=level,
        devices=level,
        below=log10(expected / low),
        above=log10(high / expected),
        few=frozenset(),
        unknown_spread=1.0,
    )
    power = Power(0.12, 0.60, 1.0, 0.50)
    return Prior(
        young=regime,
        old=regime,
        young_until_hours=1.0,
        old_from_hours=10.0,
        stated_bits={},
        service_classes={},
        ceiling=max(1.0, expected),
        high_ceiling=max(1.0, high),
        algorithmic=Band(0.5, 0.8, 1.0),
        executed_ratio=1.0,
        board=power,
        wall=power,
        rho_tenant=1.0,
        rho_owner=1.0,
    )
