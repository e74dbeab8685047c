"""Samples to intervals: exact integer sums, cut at the cadence, at silence and at new devices.

A reading stands for the time since the reading before it, and for no more than the hold time.
Longer gaps are silence: an interval of its own with hours and without telemetry, never zeros.
Nothing here knows a clock; instants are milliseconds that the caller gives, in rising order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streams.record.figures import Device, Drops, Sample
from streams.record.tables import ENERGY, POWER
from streams.record.totals import Totals

Group = tuple[str, str | None]


@dataclass(frozen=True)
class Rules:
    """How a book is kept: milliseconds, and shares from ``limits.toml``.

    ``declared`` is the hardware that the operator states; it holds before the first sample, and
    its count is the least that counts afterwards.
    """

    cadence_ms: int
    hold_ms: int
    covered_ratio_min: float
    counter_over_power_max: float
    comparable_power_w_min: float
    declared: tuple[str, int] | None = None


@dataclass(frozen=True)
class Closed:
    """One finished interval of one kind of device.

    ``telemetry`` is in the contract's fields and units. ``energy_basis``: ``counter``, ``power`` or
    None. ``why`` it ended: cadence, silence, devices, clock, stop, end.
    """

    start_ms: int
    end_ms: int
    accelerator: str
    profile: str | None
    count: int
    telemetry: Mapping[str, float]
    energy_basis: str | None
    why: str


@dataclass
class _Last:
    """The reading before: when, and its counter of energy in microjoules."""

    at_ms: int
    energy: int | None


@dataclass
class Book:
    """The open interval of one node and what came before it."""

    rules: Rules
    start_ms: int
    drops: Drops = field(default_factory=Drops)
    _held: dict[Device, None] = field(default_factory=dict)
    _last: dict[Device, _Last] = field(default_factory=dict)
    _totals: dict[Group, Totals] = field(default_factory=dict)
    _heard_ms: int | None = None

    def add(self, sample: Sample) -> list[Closed]:
        """Take a sample; give the intervals that it ends."""
        if not self._groups():
            self._hold(sample.figures)
        was_silent = self._is_silent(sample.at_ms)
        closed = self.advance(sample.at_ms)
        if was_silent:
            closed += self._cut(sample.at_ms, "silence")
        if any(device not in self._held for device in sample.figures):
            closed += self._cut(self._heard(), "devices")
            self._hold(sample.figures)
        for boundary in self._boundaries(sample.at_ms):
            self._add_until(sample, boundary)
            closed += self._cut(boundary, "cadence")
        self._add_until(sample, sample.at_ms)
        for device, figures in sample.figures.items():
            self._last[device] = _Last(sample.at_ms, figures.energy)
        self._heard_ms = sample.at_ms
        return closed

    def advance(self, now_ms: int) -> list[Closed]:
        """Let time pass without a sample; give the intervals that silence ends."""
        if not self._is_silent(now_ms) or not self._groups():
            return []
        closed = self._cut(self._heard(), "silence")
        for boundary in self._boundaries(now_ms):
            closed += self._cut(boundary, "cadence")
        return closed

    def close(self, now_ms: int, why: str) -> list[Closed]:
        """End the open interval here; the next begins where the caller says, with ``reopen``."""
        return [*self.advance(now_ms), *self._cut(now_ms, why)]

    def reopen(self, at_ms: int) -> None:
        """Begin anew after a jump of the clock: what was read before counts for nothing after."""
        self.start_ms = at_ms
        self._last.clear()
        self._heard_ms = None

    def _is_silent(self, now_ms: int) -> bool:
        return now_ms - self._heard() > self.rules.hold_ms

    def _heard(self) -> int:
        return self._heard_ms if self._heard_ms is not None else self.start_ms

    def _boundaries(self, until_ms: int) -> Iterable[int]:
        first = (self.start_ms // self.rules.cadence_ms + 1) * self.rules.cadence_ms
        return range(first, until_ms + 1, self.rules.cadence_ms)

    def _hold(self, seen: Iterable[Device]) -> None:
        """A device that falls silent stays held, unless its board shows up cut another way."""
        changed = {device.board for device in seen if device not in self._held}
        kept = [device for device in self._held if device.board not in changed]
        self._held = dict.fromkeys([*kept, *seen])

    def _groups(self) -> dict[Group, int]:
        """Count the devices of each kind; what the operator declares is the least."""
        counts: dict[Group, int] = {}
        for device in self._held:
            group = (device.accelerator, device.profile)
            counts[group] = counts.get(group, 0) + 1
        if self.rules.declared is not None:
            accelerator, least = self.rules.declared
            if not counts:
                return {(accelerator, None): least}
            if len(counts) == 1:
                return {group: max(count, least) for group, count in counts.items()}
        return counts

    def _add_until(self, sample: Sample, until_ms: int) -> None:
        """Add what the sample says of the open interval, as far as ``until_ms``."""
        for device, figures in sample.figures.items():
            last = self._last.get(device, _Last(self.start_ms, None))
            slot = sample.at_ms - last.at_ms
            since = max(last.at_ms, self.start_ms)
            if slot > self.rules.hold_ms or until_ms <= since:
                continue
            totals = self._totals.setdefault((device.accelerator, device.profile), Totals())
            for name, value in figures.levels.items():
                totals.level(name, until_ms - since, value)
            if last.energy is not None and figures.energy is not None:
                ends = (since - last.at_ms, until_ms - last.at_ms)
                self._add_energy(totals, figures.energy - last.energy, ends, slot)

    def _add_energy(self, totals: Totals, spent: int, ends: tuple[int, int], slot: int) -> None:
        """Add the part of a counter's growth over ``slot`` that lies between ``ends`` of it."""
        if spent >= 0:
            since, until = ends
            totals.energy(until - since, spent * until // slot - spent * since // slot)
        elif ends[1] == slot:
            self.drops.add(ENERGY, "counter_reset")

    def _cut(self, at_ms: int, why: str) -> list[Closed]:
        closed = []
        if at_ms > self.start_ms:
            for group, count in sorted(self._groups().items(), key=lambda each: str(each[0])):
                closed.append(self._closed(group, count, at_ms, why))
            if closed:
                self.start_ms = at_ms
        self._totals = {}
        return closed

    def _closed(self, group: Group, count: int, end_ms: int, why: str) -> Closed:
        span = end_ms - self.start_ms
        totals = self._totals.get(group, Totals())
        least = self.rules.covered_ratio_min * span * count
        telemetry = totals.means(least)
        basis = None
        energy = totals.joules(span, least)
        if energy is not None and not self._agrees(energy * 1000 / span, telemetry.get(POWER)):
            self.drops.add(ENERGY, "counter_unlike_power")
            energy = None
        if energy is not None:
            telemetry[ENERGY], basis = energy, "counter"
        elif POWER in telemetry:
            telemetry[ENERGY], basis = totals.joules_of_power(span), "power"
        return Closed(self.start_ms, end_ms, *group, count, telemetry, basis, why)

    def _agrees(self, counter_w: float, power_w: float | None) -> bool:
        if power_w is None or max(counter_w, power_w) < self.rules.comparable_power_w_min:
            return True
        low, high = sorted((counter_w, power_w))
        return high <= low * self.rules.counter_over_power_max
