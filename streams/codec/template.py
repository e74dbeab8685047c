"""The shape of one usage event's text, and the lines that have exactly this shape.

An exporter writes the same keys in the same order, line after line; only the values differ. A
template is cut from one event that the slow reader accepted: constant runs of bytes (keys and
punctuation) and slots between them (one string, or one number or null each). A line whose runs
are equal byte for byte, whose strings hold neither a backslash nor a control character, and whose
numbers follow JSON's grammar is therefore valid JSON with the same keys, none of them twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.schema import USAGE_DATA
from streams.codec.pieces import Positions

#: A longer constant run makes no template; the buffers of lines are padded by as much.
RUN_BYTES_MAX: Final = 512
_CONSTANT: Final = (("specversion",), ("type",))
_ENVELOPE: Final = ("id", "source", "time")
#: Column by the path of its key; a path, as a key of its own may hold a dot.
_COLUMNS: Final = {("data", *name.split(".")): name for name in USAGE_DATA} | {
    (name,): name for name in _ENVELOPE
}
_NUMBER: Final = re.compile(rb"\s*:\s*(-?[0-9][0-9.eE+-]*|null)")
#: Columns that hold a number, or null, which says that there is none.
_NUMBERS: Final = frozenset(name for name, kind in USAGE_DATA.items() if kind.is_numeric())

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Lines of one text: where each begins and ends, and the quotes of the whole text.

    ``text`` is padded by twice RUN_BYTES_MAX bytes. ``first_quotes`` counts into ``quotes``.
    """

    text: NDArray[np.uint8]
    quotes: Positions
    starts: Positions
    ends: Positions
    first_quotes: Positions

    def quote(self, number: int) -> Positions:
        """Give the position of every line's quote of this number, counted from 0."""
        return self.quotes[self.first_quotes + number]

    def of(self, kept: Mask | Positions) -> Lines:
        """Give some of the lines."""
        return Lines(
            self.text, self.quotes, self.starts[kept], self.ends[kept], self.first_quotes[kept]
        )


@dataclass(frozen=True)
class Slot:
    """One value. ``quote`` is the last quote before it; ``column`` is None where unknown.

    A string lies between its own two quotes. A number begins ``head`` bytes after the key's
    closing quote and ends ``tail`` bytes before the next quote, or the line's end.
    """

    column: str | None
    is_number: bool
    quote: int
    head: int = 0
    tail: int = 0
    is_last: bool = False

    def span(self, lines: Lines) -> tuple[Positions, Positions]:
        """Give the start and end of the value in every line."""
        if not self.is_number:
            return lines.quote(self.quote) + 1, lines.quote(self.quote + 1)
        after = lines.ends if self.is_last else lines.quote(self.quote + 1)
        return lines.quote(self.quote) + (1 + self.head), after - self.tail


@dataclass(frozen=True)
class Run:
    """Constant bytes that follow a slot, or begin the line where there is none."""

    content: bytes
    after: Slot | None

    def equals(self, lines: Lines) -> Mask:
        """Say which lines hold exactly these bytes here."""
        start = lines.starts if self.after is None else self.after.span(lines)[1]
        found = windows(lines.text, len(self.content))[start]
        if found.tobytes() == self.content * len(start):
            return np.ones(len(start), dtype=np.bool_)
        expected = np.frombuffer(self.content, dtype=np.uint8)
        rows = found.view(np.uint8).reshape(-1, len(expected))
        return np.asarray((rows == expected).all(axis=1), dtype=np.bool_)


def windows(text: NDArray[np.uint8], width: int) -> NDArray[np.void]:
    """Give every stretch of ``width`` bytes as one item, without copying; overlapping."""
    return np.ndarray((len(text) - width + 1,), f"V{width}", text.data, strides=(1,))


@dataclass(frozen=True)
class Template:
    """Runs and slots of one shape; ``unknown`` names the unknown fields that it carries."""

    quotes: int
    runs: tuple[Run, ...]
    slots: tuple[Slot, ...]
    unknown: tuple[str, ...]

    def matching(self, lines: Lines) -> Positions:
        """Give the places of the lines that have this shape; all have this number of quotes."""
        alive = np.arange(len(lines.starts))
        for run in self.runs:
            kept = run.equals(lines)
            if not kept.all():
                alive, lines = alive[kept], lines.of(kept)
                if not len(alive):
                    return alive
        last = self.slots[-1]
        if not last.is_last:
            alive = alive[last.span(lines)[1] + len(self.runs[-1].content) == lines.ends]
        return alive


def template_of(line: bytes, unknown: tuple[str, ...]) -> Template | None:
    """Cut an accepted usage event without a backslash into a template, where it can be."""
    quotes = [place for place, byte in enumerate(line) if byte == 0x22]
    slots = tuple(_slots(line, quotes))
    runs: list[Run] = []
    begin, after = 0, None
    for slot in slots:
        start, end = _span_in(line, quotes, slot)
        runs.append(Run(line[begin:start], after))
        begin, after = end, slot
    runs.append(Run(line[begin:], after))
    if not slots or any(not 0 < len(run.content) <= RUN_BYTES_MAX for run in runs):
        return None
    return Template(len(quotes), tuple(runs), slots, unknown)


def _span_in(line: bytes, quotes: list[int], slot: Slot) -> tuple[int, int]:
    if not slot.is_number:
        return quotes[slot.quote] + 1, quotes[slot.quote + 1]
    after = len(line) if slot.is_last else quotes[slot.quote + 1]
    return quotes[slot.quote] + 1 + slot.head, after - slot.tail


def _slots(line: bytes, quotes: list[int]) -> Iterator[Slot]:
    path: list[str] = []
    key = ""
    begin = 0
    for opening in range(0, len(quotes), 2):
        key_before, key = key, ""
        _walk(path, line[begin : quotes[opening]], key_before)
        text = line[quotes[opening] + 1 : quotes[opening + 1]].decode()
        begin = quotes[opening + 1] + 1
        is_last = opening + 2 == len(quotes)
        gap = line[begin : len(line) if is_last else quotes[opening + 2]]
        if not gap.lstrip().startswith(b":"):
            where = (*path[1:], key_before)
            if where not in _CONSTANT:
                yield Slot(_COLUMNS.get(where), False, opening)
            continue
        key = text
        number = _NUMBER.match(gap)
        column = _COLUMNS.get((*path[1:], key))
        if number is not None and (number[1] != b"null" or column in _NUMBERS):
            head, tail = number.start(1), len(gap) - number.end(1)
            yield Slot(column, True, opening + 1, head, tail, is_last)


def _walk(path: list[str], gap: bytes, key: str) -> None:
    """Follow the brackets of a gap; a string in an array belongs to no column."""
    for mark in gap:
        if mark in b"{[":
            path.append(key if mark == 0x7B else f"{key}[]")
            key = ""
        elif mark in b"}]":
            path.pop()
