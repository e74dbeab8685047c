"""The fast reader: usage events of one shape, column by column.

It accepts and never refuses. Whatever it cannot prove to be acceptable goes to the one-by-one
reader: another event type, an escape, a control character, a shape that few lines share.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.events import USAGE, Event
from streams.codec.columns import acceptable
from streams.codec.extract import extract
from streams.codec.one_by_one import Tally, read_one_by_one, read_piece
from streams.codec.pieces import EVENT_BYTES_MAX, Positions, Segment
from streams.codec.rows import digested
from streams.codec.template import RUN_BYTES_MAX, Lines, Mask, Template, template_of

#: Events looked at together, so that positions stay in the processor's cache.
EVENTS_TOGETHER: Final = 4096
#: Fewer events than this are not worth a template.
EVENTS_MIN: Final = 16
#: Shapes that may turn out to be rare, one after the other, before the rest is read one by one.
MISSES_MAX: Final = 12
_QUOTE: Final = 0x22

Templates = dict[int, list[Template]]


def read_together(segment: Segment, first: int, tally: Tally) -> list[pl.DataFrame]:
    """Read a segment; gives frames of USAGE_EVENTS and puts all other events into the tally.

    ``first`` is the ordinal of the segment's first event.
    """
    templates: Templates = {}
    alike: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for begin in range(0, len(segment), EVENTS_TOGETHER):
        window = _Window(segment, begin, min(begin + EVENTS_TOGETHER, len(segment)), first)
        window.read(templates)
        for frame in window.frames:
            alike.setdefault(tuple(frame.columns), []).append(frame)
        for names, events in window.unknown:
            tally.count_unknown(names, events)
        read_one_by_one(segment, (begin + np.flatnonzero(window.open)).tolist(), first, tally)
    return [digested(pl.concat(frames)) for frames in alike.values()]


class _Window:
    """Some consecutive events of a segment; ``open`` marks those that are not read yet."""

    def __init__(self, segment: Segment, begin: int, end: int, first: int) -> None:
        low, high = int(segment.starts[begin]), int(segment.ends[end - 1])
        self.segment = segment
        self.begin = begin
        self.first_ordinal = first + begin
        self.raw = segment.buffer[low:high] + bytes(2 * RUN_BYTES_MAX)
        self.starts = segment.starts[begin:end] - low
        self.ends = segment.ends[begin:end] - low
        self.open = np.ones(end - begin, dtype=np.bool_)
        self.frames: list[pl.DataFrame] = []
        self.unknown: list[tuple[tuple[str, ...], int]] = []

    def read(self, templates: Templates) -> None:
        """Read what shares a shape with others; learns new templates on the way."""
        if len(self.open) < EVENTS_MIN:
            return
        text = np.frombuffer(self.raw, dtype=np.uint8)
        eligible = self._eligible(text)
        quotes = np.flatnonzero(text == _QUOTE)
        first_quotes = np.searchsorted(quotes, self.starts)
        counts = np.searchsorted(quotes, self.ends) - first_quotes
        lines = Lines(text, quotes, self.starts, self.ends, first_quotes)
        for count in np.unique(counts[eligible]).tolist():
            members = np.flatnonzero(eligible & (counts == count))
            if count and count % 2 == 0:
                self._read_group(lines, members, templates.setdefault(count, []))

    def _eligible(self, text: NDArray[np.uint8]) -> Mask:
        eligible = (self.ends - self.starts) <= EVENT_BYTES_MAX
        for index in self.segment.refused:
            if self.begin <= index < self.begin + len(eligible):
                eligible[index - self.begin] = False
        body = text[: -2 * RUN_BYTES_MAX]
        self._strike(eligible, np.flatnonzero(body < 0x20))
        if b"\\" in self.raw:
            self._strike(eligible, np.flatnonzero(body == 0x5C))
        if not self.raw.isascii() and not _is_text(self.raw):
            self._strike(eligible, np.flatnonzero(body >= 0x80))
        return eligible

    def _strike(self, eligible: Mask, places: Positions) -> None:
        """Leave out the events that hold one of these places; between events they do no harm."""
        owners = np.searchsorted(self.starts, places, side="right") - 1
        inside = (owners >= 0) & (places < self.ends[owners])
        eligible[owners[inside]] = False

    def _read_group(self, lines: Lines, members: Positions, known: list[Template]) -> None:
        for template in known:
            members = self._take(lines, members, template)
        misses = 0
        while len(members) >= EVENTS_MIN and misses < MISSES_MAX:
            leader, others = members[0], members[1:]
            template_found = self._template(int(leader))
            if template_found is None:
                members, misses = others, misses + 1
                continue
            left = self._take(lines, members, template_found)
            if len(members) - len(left) >= EVENTS_MIN:
                known.append(template_found)
                misses = 0
            else:
                misses += 1
            members = left

    def _template(self, place: int) -> Template | None:
        event = read_piece(self.segment, self.begin + place)
        if not isinstance(event, Event) or event.type != USAGE:
            return None
        return template_of(self.raw[self.starts[place] : self.ends[place]], event.unknown)

    def _take(self, lines: Lines, members: Positions, template: Template) -> Positions:
        """Read the members of this shape; gives those that have another."""
        if not len(members):
            return members
        same = template.matching(_chosen(lines, members))
        if not len(same):
            return members
        places = members[same]
        frame, good = extract(_chosen(lines, places), template)
        good &= acceptable(frame)
        ordinals = pl.Series("ordinal", self.first_ordinal + places, dtype=pl.Int64)
        accepted = frame.with_columns(ordinals).filter(pl.Series(good))
        self.frames.append(accepted)
        self.open[places[good]] = False
        if template.unknown:
            self.unknown.append((template.unknown, accepted.height))
        return np.delete(members, same)


def _chosen(lines: Lines, places: Positions) -> Lines:
    return lines if len(places) == len(lines.starts) else lines.of(places)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
