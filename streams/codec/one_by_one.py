"""The slow reader: one event at a time, exact in every case, and the judge of the fast one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from detector.events import CORRECTION, USAGE, Event, Refusal, Usage, read_event
from streams.codec.canonical import record_text
from streams.codec.pieces import EVENT_BYTES_MAX, Events
from streams.codec.rows import Ordered, Row, usage_row
from streams.codec.text import parse_text
from streams.ports import Rejected

#: Distinct names of unknown fields that one batch counts; the rest are counted under one name.
UNKNOWN_NAMES_MAX: Final = 1000
OTHER_NAMES: Final = "(other)"


@dataclass
class Tally:
    """What the events of one batch came to, by kind. Ordinals count events in arrival order."""

    usage: list[Row] = field(default_factory=list)
    corrections: list[Ordered] = field(default_factory=list)
    records: list[tuple[int, Event, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    def count_unknown(self, names: Iterable[str], events: int = 1) -> None:
        """Count unknown fields that a number of accepted events carry alike."""
        for name in names:
            known = name in self.unknown or len(self.unknown) < UNKNOWN_NAMES_MAX
            self.unknown[name if known else OTHER_NAMES] += events


def read_piece(segment: Events, index: int) -> Event | Refusal:
    """Read one event of a segment, whatever it holds."""
    refused = segment.refused.get(index)
    if refused is not None:
        return refused
    size = segment.size(index)
    bound = segment.bound.get(index)
    if size > EVENT_BYTES_MAX:
        return Refusal("too_large", f"expected at most {EVENT_BYTES_MAX} bytes, got {size}")
    if bound is None:
        value = parse_text(segment.raw(index))
        return value if isinstance(value, Refusal) else read_event(value)
    if not bound.value.strip():
        return read_event(dict(bound.attributes))
    value = parse_text(bound.value)
    if isinstance(value, Refusal):
        return value
    return read_event({**bound.attributes, "data": value})


def read_one_by_one(segment: Events, indices: Iterable[int], first: int, tally: Tally) -> None:
    """Read the given events into the tally; ``first`` is the ordinal of the segment's first."""
    for index in indices:
        event = read_piece(segment, index)
        if isinstance(event, Event):
            event = keep(tally, first + index, event)
        if isinstance(event, Refusal):
            tally.rejected.append(
                Rejected(
                    first + index,
                    event.reason,
                    event.detail,
                    segment.raw(index),
                    segment.origins.of(index),
                )
            )


def keep(tally: Tally, ordinal: int, event: Event) -> Event | Refusal:
    """Put one event where its type belongs; a record may still turn out to be unwritable."""
    if event.type == USAGE and isinstance(event.data, Usage):
        tally.usage.append(usage_row(ordinal, event, event.data))
    elif event.type == CORRECTION:
        tally.corrections.append((ordinal, event))
    else:
        text = record_text(event)
        if isinstance(text, Refusal):
            return text
        tally.records.append((ordinal, event, text))
    tally.count_unknown(event.unknown)
    return event
