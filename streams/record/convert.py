"""History to events: the same book as live, with the instants of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from statistics import median
from typing import Final

from streams.logs import Log
from streams.record.book import Book, Closed, Rules
from streams.record.events import Allocation, Era, event_lines
from streams.record.figures import Drops, Sample
from streams.record.hardware import Hardware
from streams.record.recorder import by_end, tell_drops, tell_name
from streams.record.sinks import EventSink

#: Stands where a live event has the boot: what a file says has the same names every time.
FROM_FILE: Final = "file"
#: How often a file was written is seen from so many samples.
SAMPLES_LOOKED_AT: Final = 1_000


def usual_gap(samples: Iterable[Sample]) -> tuple[int | None, Iterator[Sample]]:
    """Give the median milliseconds between the first samples, None of one, and all of them."""
    left = iter(samples)
    first = list(islice(left, SAMPLES_LOOKED_AT))
    instants = [sample.at_ms for sample in first]
    gaps = [later - one for one, later in pairwise(instants) if later > one]
    return (round(median(gaps)) if gaps else None), chain(first, left)


def convert(
    samples: Iterable[Sample],
    rules: Rules,
    allocation: Allocation,
    hardware: Hardware,
    sink: EventSink,
    drops: Drops,
) -> None:
    """Write the events of recorded samples. An event's ``time`` is the end of its interval.

    Samples that go back in time are left out and counted.
    """
    log = Log("record")
    book: Book | None = None
    last_ms = 0
    told: set[tuple[str, str | None]] = set()

    def write(closed: list[Closed]) -> None:
        for together in by_end(closed):
            era, end_ms = Era(FROM_FILE), together[-1].end_ms
            sink.write(event_lines(together, allocation, era, hardware, end_ms))

    for sample in samples:
        if book is None:
            book = Book(rules, sample.at_ms, drops)
        elif sample.at_ms <= last_ms:
            drops.add("sample", "not_in_order")
            continue
        for name in {(device.accelerator, device.profile) for device in sample.figures} - told:
            tell_name(log, hardware, *name)
            told.add(name)
        write(book.add(sample))
        last_ms = sample.at_ms
    if book is not None:
        write(book.close(last_ms, "end"))
    tell_drops(log, drops)
