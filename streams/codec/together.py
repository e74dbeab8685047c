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
from streams.codec.shapes import Shapes
from streams.codec.template import RUN_BYTES_MAX, Lines, Mask, Template, template_of

#: Events looked at together: every shape costs something a window.
EVENTS_TOGETHER: Final = 32_768
#: Events compared with shapes at once, so that their text stays in the processor's cache. Where
#: more shapes are known than ``SHAPES_FEW``, each costs more a strip than the cache spares.
EVENTS_COMPARED: Final = 8192
SHAPES_FEW: Final = 24
#: A shape that fewer events share is not worth a template.
SHARED_MIN: Final = 8
#: Fewer events of a strip wait for the other strips of their window before a template is sought.
SHARED_IN_A_STRIP_MIN: Final = 128
#: Shapes that may turn out to be rare, one after the other, before the rest is read one by one.
MISSES_MAX: Final = 12
_QUOTE: Final = 0x22
_USAGE: Final = USAGE.encode()
_PADDING: Final = bytes(2 * RUN_BYTES_MAX)

#: Places in the window, and the lines there.
Group = tuple[Positions, Lines]


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
        self.raw = b"".join((memoryview(segment.buffer)[low:high], _PADDING))
        self.text = np.frombuffer(self.raw, dtype=np.uint8)
        self.starts = segment.starts[begin:end] - low
        self.ends = segment.ends[begin:end] - low
        self.open = np.ones(end - begin, dtype=np.bool_)
        self.spans = Spans(end - begin)
        self.shape = np.full(end - begin, -1)
        self.shapes: dict[tuple[str, ...], int] = {}
        self.waiting: dict[int, list[Group]] = {}
        self.unknown: list[tuple[tuple[str, ...], int]] = []

    def read(self, shapes: Shapes) -> pl.DataFrame | None:
        """Read what has a known shape or shares one; learns new shapes on the way."""
        if len(self.open) < SHARED_MIN:
            return None
        eligible = self._eligible()
        strip = EVENTS_COMPARED if len(shapes) <= SHAPES_FEW else EVENTS_TOGETHER
        for begin in range(0, len(eligible), strip):
            self._read_strip(slice(begin, begin + strip), eligible, shapes)
        for groups in self.waiting.values():
            self._learn(_one_group(groups), shapes, SHARED_MIN)
        return self._accept()

    def _eligible(self) -> Mask:
        eligible = (self.ends - self.starts) <= EVENT_BYTES_MAX
        for index in self.segment.refused:
            if self.begin <= index < self.begin + len(eligible):
                eligible[index - self.begin] = False
        body = self.text[: -len(_PADDING)]
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

    def _read_strip(self, strip: slice, eligible: Mask, shapes: Shapes) -> None:
        starts, ends = self.starts[strip], self.ends[strip]
        low, high = int(starts[0]), int(ends[-1])
        body = self.text[low:high]
        controls = body < 0x20
        alone = ends[:-1][starts[1:] - ends[:-1] == 1] - low  # newlines between events
        if np.count_nonzero(controls) != np.count_nonzero(controls[alone]):
            self._strike(eligible, np.flatnonzero(controls) + low)
        quotes = np.flatnonzero(body == _QUOTE) + low
        before = np.searchsorted(quotes, np.append(starts, high))
        counts = np.diff(before)
        for count in np.unique(counts[eligible[strip]]).tolist():
            members = np.flatnonzero(eligible[strip] & (counts == count))
            if count and count % 2 == 0:
                at = before[members] + np.arange(count)[:, None]
                marks = np.vstack((starts[members], quotes[at], ends[members]))
                group = members + strip.start, Lines(self.text, marks, np.arange(len(members)))
                for template in shapes.of(count):
                    group = self._take(group, template)
                group = self._learn(group, shapes, SHARED_IN_A_STRIP_MIN)
                if len(group[0]):
                    self.waiting.setdefault(count, []).append(group)

    def _learn(self, group: Group, shapes: Shapes, least: int) -> Group:
        """Cut templates from the events of a group until few are left or most shapes are rare."""
        misses = 0
        while len(group[0]) >= least and misses < MISSES_MAX:
            leader = self._template(int(group[0][0]))
            if leader is None:
                misses += 1
                group = self._others(group, only_usage=misses == 1)
                continue
            left = self._take(group, leader)
            if len(group[0]) - len(left[0]) >= SHARED_MIN:
                shapes.learn(leader)
                misses = 0
            else:
                misses += 1
            group = left
        return group

    def _others(self, group: Group, *, only_usage: bool) -> Group:
        """Leave the first out, and where asked all that do not even name the type of usage."""
        members, lines = group
        rest = list(range(1, len(members)))
        if only_usage:
            spans = zip(lines.mark(0).tolist(), lines.mark(-1).tolist(), strict=True)
            named = [self.raw.find(_USAGE, start, end) >= 0 for start, end in spans]
            rest = [place for place in rest if named[place]]
        kept = np.array(rest, dtype=np.int64)
        return members[kept], lines.of(kept)

    def _template(self, place: int) -> Template | None:
        event = read_piece(self.segment, self.begin + place)
        if not isinstance(event, Event) or event.type != USAGE:
            return None
        return template_of(self.raw[self.starts[place] : self.ends[place]], event.unknown)

    def _take(self, group: Group, template: Template) -> Group:
        """Note where the values of this shape's members lie; gives the other members."""
        members, lines = group
        if not len(members):
            return group
        same, alike = template.matching(lines)
        if not len(same):
            return group
        places = members[same]
        self.spans.add(template, alike, places)
        self.shape[places] = self.shapes.setdefault(template.unknown, len(self.shapes))
        others = np.delete(np.arange(len(members)), same)
        return members[others], lines.of(others)

    def _accept(self) -> pl.DataFrame | None:
        """Read the values of all lines that have a known shape; gives the acceptable ones."""
        places = np.flatnonzero(self.shape >= 0)
        if not len(places):
            return None
        frame, good = extract(self.spans, self.raw, places)
        good &= acceptable(frame)
        accepted = places[good]
        self.open[accepted] = False
        for names, number in self.shapes.items():
            if names:
                events = int(np.count_nonzero(self.shape[accepted] == number))
                self.unknown.append((names, events))
        ordinals = pl.Series("ordinal", self.first_ordinal + places, dtype=pl.Int64)
        return frame.with_columns(ordinals).filter(pl.Series(good))


def _one_group(groups: list[Group]) -> Group:
    """Put groups of lines with one number of quotes together."""
    marks = np.concatenate([lines.marks[:, lines.chosen] for _, lines in groups], axis=1)
    members = np.concatenate([places for places, _ in groups])
    return members, Lines(groups[0][1].text, marks, np.arange(len(members)))


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
