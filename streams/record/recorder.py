"""The live recorder: a clock, a sampler, a book and a sink, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from detector.events.instants import EPOCH, format_instant
from streams.logs import Log
from streams.ports import Clock
from streams.record.book import Book, Closed, Rules
from streams.record.events import Allocation, Era, event_lines
from streams.record.figures import Drops, Sample
from streams.record.hardware import Hardware
from streams.record.samplers import Sampler
from streams.record.sinks import EventSink

#: Characters of a foreign message in a log line.
_SAID_MAX = 300


class Uptime(Protocol):
    """A clock that never steps: milliseconds since boot, sleep included."""

    def milliseconds(self) -> int:
        """Give the time since boot."""


@dataclass(frozen=True)
class Clocks:
    """The wall clock, and the one that does not jump."""

    wall: Clock
    uptime: Uptime
    jump_ms: int

    def wall_ms(self) -> int:
        """Give the wall clock as milliseconds since the epoch."""
        return (self.wall.now() - EPOCH) // timedelta(milliseconds=1)


@dataclass
class Recorder:
    """Turns samples into events.

    ``step`` is one look at clocks and sampler; it never raises for what a tool or a clock does,
    only for what the sink cannot take.
    """

    allocation: Allocation
    boot_id: str
    rules: Rules
    clocks: Clocks
    sampler: Sampler
    sink: EventSink
    hardware: Hardware
    drops: Drops
    _book: Book = field(init=False)
    _offset_ms: int = field(init=False)
    _told: set[str] = field(default_factory=set)
    _log: Log = field(default_factory=lambda: Log("record"))

    def __post_init__(self) -> None:
        """Begin the first interval now."""
        now = self.clocks.wall_ms()
        self._offset_ms = now - self.clocks.uptime.milliseconds()
        self._book = Book(self.rules, now, self.drops)

    def begin_at(self, start_ms: int) -> None:
        """Begin earlier: where a recorder of the same boot broke off. The time until now is silent.

        An instant that lies in the future is no start; then the recorder begins now.
        """
        self._book.start_ms = min(self._book.start_ms, start_ms)

    def step(self) -> None:
        """Look once: whether the clock jumped, what was read, what ended."""
        uptime = self.clocks.uptime.milliseconds()
        self._check_clock(uptime)
        samples = self.sampler.poll(uptime)
        for sample in samples:
            self._check_names(sample)
            shifted = Sample(max(self._event_ms(sample.at_ms), self._book.start_ms), sample.figures)
            self._write(self._book.add(shifted))
        self._write(self._book.advance(self._event_ms(self.clocks.uptime.milliseconds())))

    def stop(self) -> None:
        """Write what is known of the open interval; the sampler is ended."""
        self.step()
        self._write(self._book.close(self._event_ms(self.clocks.uptime.milliseconds()), "stop"))
        self.sampler.close()

    def _event_ms(self, uptime_ms: int) -> int:
        return uptime_ms + self._offset_ms

    def _check_clock(self, uptime_ms: int) -> None:
        wall = self.clocks.wall_ms()
        jump = wall - self._event_ms(uptime_ms)
        if abs(jump) <= self.clocks.jump_ms:
            return
        self._write(self._book.close(self._event_ms(uptime_ms), "clock"))
        self._log.warning("clock_jumped", milliseconds=jump, to=format_instant(wall))
        self._offset_ms = wall - uptime_ms
        self._book.reopen(wall)

    def _check_names(self, sample: Sample) -> None:
        for device in sample.figures:
            key = f"{device.accelerator}/{device.profile}"
            if key in self._told:
                continue
            self._told.add(key)
            tell_name(self._log, self.hardware, device.accelerator, device.profile)

    def _write(self, closed: list[Closed]) -> None:
        if not closed:
            return
        era = Era(self.boot_id, self._offset_ms)
        now = max(self.clocks.wall_ms(), closed[-1].end_ms)
        for together in by_end(closed):
            self.sink.write(event_lines(together, self.allocation, era, self.hardware, now))
        tell_drops(self._log, self.drops)


def by_end(closed: Iterable[Closed]) -> list[list[Closed]]:
    """Put intervals together that ended at the same instant, in order."""
    found: dict[int, list[Closed]] = {}
    for each in closed:
        found.setdefault(each.end_ms, []).append(each)
    return list(found.values())


def tell_drops(log: Log, drops: Drops) -> None:
    """Say what was left out since it was said last."""
    for name, reason, count in drops.take():
        log.warning("figure_dropped", field=name, reason=reason, count=count)


def tell_name(log: Log, hardware: Hardware, accelerator: str, profile: str | None) -> None:
    """Say what the catalogue makes of a name; a warning where it knows it not."""
    meaning = hardware.meaning(accelerator, profile)
    if not meaning.kinds:
        log.warning(
            "accelerator_unknown",
            name=accelerator,
            near=", ".join(meaning.near) or "nothing",
            remedy="hours count, operations do not until your catalogue has it: docs/catalogue.md",
        )
    elif meaning.fraction is None:
        log.warning("slice_unknown", name=accelerator, profile=profile, counted="as a whole device")
    else:
        log.info("accelerator", name=accelerator, kinds=", ".join(meaning.kinds))


def once(tell: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Say the same thing once in a row, cut short: a tool that fails does so every second."""
    said: list[tuple[str, str]] = []

    def told(event: str, text: str) -> None:
        if (event, text) not in said[-1:]:
            said[:] = [(event, text)]
            tell(event, text[:_SAID_MAX])

    return told
