"""The fast reader: usage events of one shape, column by column.

It accepts and never refuses. Whatever it cannot prove to be acceptable goes to the one-by-one
reader: another event type, an escape, a control character, a shape that few lines share.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.events import USAGE, Event
from streams.codec.columns import acceptable
from streams.codec.extract import Spans, extract
from streams.codec.one_by_one import Tally, read_one_by_one, read_piece
from streams.codec.pieces import BYTES_TOGETHER, EVENT_BYTES_MAX, Positions, Segment
from streams.codec.rows import digested
from streams.codec.scan import Text
from streams.codec.shapes import Shapes
from streams.codec.template import Mask, Template, template_of

#: Events looked at together: every shape costs something a window.
EVENTS_TOGETHER: Final = 32_768
#: Events compared with a shape at once, so that their text stays in the processor's cache.
EVENTS_COMPARED: Final = 4096
#: A shape that fewer events share is not worth a template.
SHARED_MIN: Final = 8
#: Shapes that may turn out to be rare, one after the other, before the rest is read one by one.
MISSES_MAX: Final = 12
_USAGE: Final = USAGE.encode()


def read_together(segment: Segment, first: int, tally: Tally, shapes: Shapes) -> list[pl.DataFrame]:
    """Read a segment; gives frames of USAGE_EVENTS and puts all other events into the tally.

    ``first`` is the ordinal of the segment's first event; new ``shapes`` are learnt on the way.
    """
    alike: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    for begin in range(0, len(segment), EVENTS_TOGETHER):
        window = _Window(segment, begin, min(begin + EVENTS_TOGETHER, len(segment)), first)
        frame = window.read(shapes)
        if frame is not None:
            alike.setdefault(tuple(frame.columns), []).append(frame)
        for names, count in window.unknown:
            tally.count_unknown(names, count)
        read_one_by_one(segment, (begin + np.flatnonzero(window.open)).tolist(), first, tally)
    return [digested(pl.concat(frames)) for frames in alike.values()]


class _Window:
    """Some consecutive events of a segment; ``open`` marks those that are not read yet."""

    def __init__(self, segment: Segment, begin: int, end: int, first: int) -> None:
        low, high = int(segment.starts[begin]), int(segment.ends[end - 1])
        self.segment = segment
        self.begin = begin
        self.first_ordinal = first + begin
        self.text = Text(memoryview(segment.buffer)[low:high])
        self.starts = segment.starts[begin:end] - low
        self.ends = segment.ends[begin:end] - low
        self.open = np.ones(end - begin, dtype=np.bool_)
        self.spans = Spans(end - begin)
        self.places: list[Positions] = []
        self.names: list[tuple[str, ...]] = []
        self.unknown: list[tuple[tuple[str, ...], int]] = []

    def read(self, shapes: Shapes) -> pl.DataFrame | None:
        """Read what has a known shape or shares one; learns new shapes on the way."""
        if len(self.open) < SHARED_MIN:
            return None
        eligible = self._eligible()
        quotes = self.text.quotes.before(self.ends) - self.text.quotes.before(self.starts)
        for count in np.unique(quotes[eligible]).tolist():
            if count and count % 2 == 0:
                members = np.flatnonzero(eligible & (quotes == count))
                for template in shapes.of(count):
                    members = self._take(members, template)
                self._learn(members, shapes)
        return self._accept()

    def _eligible(self) -> Mask:
        eligible = (self.ends - self.starts) <= EVENT_BYTES_MAX
        for index in self.segment.refused:
            if self.begin <= index < self.begin + len(eligible):
                eligible[index - self.begin] = False
        raw, body = self.text.raw, self.text.body
        if b"\\" in raw:
            self._strike(eligible, lambda some: some == 0x5C)
        if not raw.isascii() and not _is_text(raw):
            self._strike(eligible, lambda some: some >= 0x80)
        between = self.ends[:-1][self.starts[1:] - self.ends[:-1] == 1]  # one byte: a newline
        controls = sum(
            np.count_nonzero(body[begin : begin + BYTES_TOGETHER] < 0x20)
            for begin in range(0, len(body), BYTES_TOGETHER)
        )
        if controls != np.count_nonzero(body[between] < 0x20):
            self._strike(eligible, lambda some: some < 0x20)
        return eligible

    def _strike(self, eligible: Mask, is_wrong: Callable[[NDArray[np.uint8]], Mask]) -> None:
        """Leave out the events that hold such a byte; between events they do no harm.

        It looks at a stretch at a time, as the places of wrong bytes take many times their room.
        """
        body = self.text.body
        for begin in range(0, len(body), BYTES_TOGETHER):
            places = np.flatnonzero(is_wrong(body[begin : begin + BYTES_TOGETHER])) + begin
            owners = np.searchsorted(self.starts, places, side="right") - 1
            inside = (owners >= 0) & (places < self.ends[owners])
            eligible[owners[inside]] = False

    def _learn(self, members: Positions, shapes: Shapes) -> None:
        """Cut templates from the events of a group until few are left or most shapes are rare."""
        misses = 0
        while len(members) >= SHARED_MIN and misses < MISSES_MAX:
            leader = self._template(int(members[0]))
            if leader is None:
                misses += 1
                members = self._others(members, only_usage=misses == 1)
                continue
            left = self._take(members, leader)
            if len(members) - len(left) >= SHARED_MIN:
                shapes.learn(leader)
                misses = 0
            else:
                misses += 1
            members = left

    def _others(self, members: Positions, *, only_usage: bool) -> Positions:
        """Leave the first out, and where asked all that do not even name the type of usage."""
        rest = members[1:]
        if not only_usage:
            return rest
        spans = zip(self.starts[rest].tolist(), self.ends[rest].tolist(), strict=True)
        named = [self.text.raw.find(_USAGE, start, end) >= 0 for start, end in spans]
        return rest[np.array(named, dtype=np.bool_)]

    def _template(self, place: int) -> Template | None:
        event = read_piece(self.segment, self.begin + place)
        if not isinstance(event, Event) or event.type != USAGE:
            return None
        line = self.text.raw[self.starts[place] : self.ends[place]]
        return template_of(line, event.unknown)

    def _take(self, members: Positions, template: Template) -> Positions:
        """Note where the values of this shape's members lie; gives the other members."""
        left = [members[:0]]
        for begin in range(0, len(members), EVENTS_COMPARED):
            some = members[begin : begin + EVENTS_COMPARED]
            same, spans = template.matching(self.text, self.starts[some], self.ends[some])
            if len(same):
                self.spans.add(template, spans)
                self.places.append(some[same])
                self.names.append(template.unknown)
                some = np.delete(some, same)
            left.append(some)
        return np.concatenate(left)

    def _accept(self) -> pl.DataFrame | None:
        """Read the values of all lines that have a known shape; gives the acceptable ones."""
        if not self.places:
            return None
        frame, good = extract(self.spans, self.text.raw)
        good &= acceptable(frame)
        places = np.concatenate(self.places)
        self.open[places[good]] = False
        ends = np.cumsum([len(each) for each in self.places])
        for names, kept in zip(self.names, np.split(good, ends[:-1]), strict=True):
            if names:
                self.unknown.append((names, int(np.count_nonzero(kept))))
        ordinals = pl.Series("ordinal", self.first_ordinal + places, dtype=pl.Int64)
        whole = frame.with_columns(ordinals)
        return whole if good.all() else whole.filter(pl.Series(good))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
