"""Sums of one interval: whole numbers, so that no order and no unit changes a digit."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isqrt
from typing import Final

from streams.record.tables import POWER, STEPS, quantity_of

#: Fields whose spread is a field of the contract too.
SPREAD: Final = {"tensor_active": "tensor_active_std", POWER: "power_w_std"}
#: Steps of energy that are given: millijoules of microjoules.
_GIVEN: Final = 1_000


@dataclass
class _Sum:
    """Device milliseconds; value times them; squared value times them."""

    weight: int = 0
    first: int = 0
    second: int = 0


@dataclass
class Totals:
    """What the devices of one kind read in one interval."""

    _levels: dict[str, _Sum] = field(default_factory=dict)
    _energy_weight: int = 0
    _energy: int = 0

    def level(self, name: str, weight_ms: int, value: int) -> None:
        """Add a value that held for so many milliseconds on one device."""
        total = self._levels.setdefault(name, _Sum())
        total.weight += weight_ms
        total.first += weight_ms * value
        total.second += weight_ms * value * value

    def energy(self, weight_ms: int, microjoules: int) -> None:
        """Add what one device's counter grew by in so many milliseconds."""
        self._energy_weight += weight_ms
        self._energy += microjoules

    def means(self, least_weight: float) -> dict[str, float]:
        """Give mean and spread over time and devices of every field read for long enough."""
        found: dict[str, float] = {}
        for name, total in sorted(self._levels.items()):
            if total.weight < least_weight or total.weight == 0:
                continue
            step = STEPS[quantity_of(name)]
            found[name] = _nearest(total.first, total.weight) / step
            if name in SPREAD:
                squared = total.second * total.weight - total.first * total.first
                found[SPREAD[name]] = _nearest(isqrt(squared), total.weight) / step
        return found

    def joules(self, span_ms: int, least_weight: float) -> float | None:
        """Give energy per device by the counters, None where they were read for too short."""
        if self._energy_weight < least_weight or self._energy_weight == 0:
            return None
        millijoules = _nearest(self._energy * span_ms, self._energy_weight * _GIVEN)
        return millijoules / 1_000

    def joules_of_power(self, span_ms: int) -> float:
        """Give energy per device as mean power times time."""
        total = self._levels[POWER]
        return _nearest(total.first * span_ms, total.weight * 1_000) / STEPS["power"]


def _nearest(numerator: int, denominator: int) -> int:
    """Divide whole numbers from 0 and round to the nearest, a half up."""
    return (2 * numerator + denominator) // (2 * denominator)
