"""The fast reader: usage events of one shape, column by column.

It accepts and never refuses. Whatever it cannot prove to be acceptable goes to the one-by-one
reader: another event type, an escape, a control character, a shape that few lines share.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from detector.events import USAGE, Event
from streams.codec.columns import acceptable
from streams.codec.extract import Spans, extract
from streams.codec.one_by_one import Tally, read_one_by_one, read_piece
from streams.codec.pieces import EVENT_BYTES_MAX, Positions, Segment
from streams.codec.rows import digested
from streams.codec.template import RUN_BYTES_MAX, Lines, Mask, Template, template_of

#: Events looked at together, so that positions stay in the processor's cache.
EVENTS_TOGETHER: Final = 4096
#: Every shape costs something a window, so many shapes are worth a larger one.
EVENTS_TOGETHER_OF_MANY_SHAPES: Final = 32_768
FEW_SHAPES: Final = 4
#: A shape that fewer events share is not worth a template.
SHARED_MIN: Final = 8
#: Shapes that may turn out to be rare, one after the other, before the rest is read one by one.
MISSES_MAX: Final = 12
_QUOTE: Final = 0x22
_PADDING: Final = bytes(2 * RUN_BYTES_MAX)

Templates = dict[int, list[Template]]


def read_together(segment: Segment, first: int, tally: Tally) -> list[pl.DataFrame]:
    """Read a segment; gives frames of USAGE_EVENTS and puts all other events into the tally.

    ``first`` is the ordinal of the segment's first event.
    """
    templates: Templates = {}
    alike: dict[tuple[str, ...], list[pl.DataFrame]] = {}
    begin = 0
    while begin < len(segment):
        few = sum(map(len, templates.values())) <= FEW_SHAPES
        events = EVENTS_TOGETHER if few else EVENTS_TOGETHER_OF_MANY_SHAPES
        end = min(begin + events, len(segment))
        window = _Window(segment, begin, end, first)
        frame = window.read(templates)
        if frame is not None:
            alike.setdefault(tuple(frame.columns), []).append(frame)
        for names, count in window.unknown:
            tally.count_unknown(names, count)
        read_one_by_one(segment, (begin + np.flatnonzero(window.open)).tolist(), first, tally)
        begin = end
    return [digested(pl.concat(frames)) for frames in alike.values()]


class _Window:
    """Some consecutive events of a segment; ``open`` marks those that are not read yet."""

    def __init__(self, segment: Segment, begin: int, end: int, first: int) -> None:
        low, high = int(segment.starts[begin]), int(segment.ends[end - 1])
        self.segment = segment
        self.begin = begin
        self.first_ordinal = first + begin
        self.raw = b"".join((memoryview(segment.buffer)[low:high], _PADDING))
        self.starts = segment.starts[begin:end] - low
        self.ends = segment.ends[begin:end] - low
        self.open = np.ones(end - begin, dtype=np.bool_)
        text = np.frombuffer(self.raw, dtype=np.uint8)
        quotes = np.flatnonzero(text == _QUOTE)
        first_quotes = np.searchsorted(quotes, self.starts)
        self.lines = Lines(text, quotes, self.starts, self.ends, first_quotes)
        self.spans = Spans(end - begin)
        self.shape = np.full(end - begin, -1)
        self.templates: list[Template] = []
        self.unknown: list[tuple[tuple[str, ...], int]] = []

    def read(self, templates: Templates) -> pl.DataFrame | None:
        """Read what shares a shape with others; learns new templates on the way."""
        if len(self.open) < SHARED_MIN:
            return None
        eligible = self._eligible()
        quotes = self.lines.quotes
        counts = np.searchsorted(quotes, self.ends) - self.lines.first_quotes
        for count in np.unique(counts[eligible]).tolist():
            members = np.flatnonzero(eligible & (counts == count))
            if count and count % 2 == 0:
                self._read_group(members, templates.setdefault(count, []))
        return self._accept()

    def _eligible(self) -> Mask:
        eligible = (self.ends - self.starts) <= EVENT_BYTES_MAX
        for index in self.segment.refused:
            if self.begin <= index < self.begin + len(eligible):
                eligible[index - self.begin] = False
        body = self.lines.text[: -len(_PADDING)]
        controls = body < 0x20
        if np.count_nonzero(controls) != self._controls_between(controls):
            self._strike(eligible, np.flatnonzero(controls))
        if b"\\" in self.raw:
            self._strike(eligible, np.flatnonzero(body == 0x5C))
        if not self.raw.isascii() and not _is_text(self.raw):
            self._strike(eligible, np.flatnonzero(body >= 0x80))
        return eligible

    def _controls_between(self, controls: Mask) -> int:
        """Count those that stand alone between two events, as a newline does."""
        alone = self.starts[1:] - self.ends[:-1] == 1
        return int(np.count_nonzero(controls[self.ends[:-1][alone]]))

    def _strike(self, eligible: Mask, places: Positions) -> None:
        """Leave out the events that hold one of these places; between events they do no harm."""
        owners = np.searchsorted(self.starts, places, side="right") - 1
        inside = (owners >= 0) & (places < self.ends[owners])
        eligible[owners[inside]] = False

    def _read_group(self, members: Positions, known: list[Template]) -> None:
        for template in known:
            members = self._take(members, template)
        misses = 0
        while len(members) >= SHARED_MIN and misses < MISSES_MAX:
            leader, others = members[0], members[1:]
            template_found = self._template(int(leader))
            if template_found is None:
                members, misses = others, misses + 1
                continue
            left = self._take(members, template_found)
            if len(members) - len(left) >= SHARED_MIN:
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

    def _take(self, members: Positions, template: Template) -> Positions:
        """Note where the values of this shape's members lie; gives the other members."""
        if not len(members):
            return members
        lines = self.lines if len(members) == len(self.open) else self.lines.of(members)
        same, spans = template.matching(lines)
        if not len(same):
            return members
        places = members[same]
        self.spans.add(template, spans, places)
        self.shape[places] = len(self.templates)
        self.templates.append(template)
        return np.delete(members, same)

    def _accept(self) -> pl.DataFrame | None:
        """Read the values of all lines that have a known shape; gives the acceptable ones."""
        places = np.flatnonzero(self.shape >= 0)
        if not len(places):
            return None
        frame, good = extract(self.spans, self.lines, places)
        good &= acceptable(frame)
        accepted = places[good]
        self.open[accepted] = False
        for number, template in enumerate(self.templates):
            if template.unknown:
                events = int(np.count_nonzero(self.shape[accepted] == number))
                self.unknown.append((template.unknown, events))
        ordinals = pl.Series("ordinal", self.first_ordinal + places, dtype=pl.Int64)
        return frame.with_columns(ordinals).filter(pl.Series(good))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
