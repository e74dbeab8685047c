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
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from features.schema import USAGE_DATA
from streams.codec.pieces import Positions
from streams.codec.scan import QUOTE, RUN_BYTES_MAX, Text

_CONSTANT: Final = (("specversion",), ("type",))
_ENVELOPE: Final = ("id", "source", "time")
#: Column by the path of its key; a path, as a key of its own may hold a dot.
_COLUMNS: Final = {("data", *name.split(".")): name for name in USAGE_DATA} | {
    (name,): name for name in _ENVELOPE
}
_NUMBER: Final = re.compile(rb"\s*:\s*(-?[0-9][0-9.eE+-]*|null)")
#: A key with its plain value, or any other string; none holds a backslash here.
_PLAIN: Final = re.compile(rb'("[^"]*"\s*:\s*)(?:"[^"]*"|(-?[0-9][0-9.eE+-]*)|(null))|"[^"]*"')
#: Columns that hold a number, or null, which says that there is none.
_NUMBERS: Final = frozenset(name for name, kind in USAGE_DATA.items() if kind.is_numeric())

Mask = NDArray[np.bool_]
Span = tuple[Positions, Positions]


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


@dataclass(frozen=True)
class Template:
    """Runs and slots of one shape, in turn; ``unknown`` names the unknown fields it carries.

    A run is the constant bytes before a slot; the last one ends the line.
    """

    quotes: int
    runs: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    unknown: tuple[str, ...]

    def matching(
        self, text: Text, starts: Positions, ends: Positions
    ) -> tuple[Positions, list[Span]]:
        """Say which of the lines in these spans have this shape, and where their values lie.

        A span for each slot. A value ends at the next quote, so that none of them holds one; what
        is no constant byte and no value is nowhere in a line that this gives.
        """
        kept = np.arange(len(starts))
        spans: list[Span] = []
        at = starts
        for run, slot in zip(self.runs, (*self.slots, None), strict=True):
            same = text.holding(at, run)
            begin = at + len(run)
            if same is None and slot is None and (begin != ends).any():
                same = np.arange(len(kept))
            if same is not None:
                if slot is None:
                    same = same[begin[same] == ends[same]]
                kept, begin, ends = kept[same], begin[same], ends[same]
                spans = [(first[same], last[same]) for first, last in spans]
            if slot is None or not len(kept):
                break
            is_last = slot.quote + 1 == self.quotes
            at = ends if is_last else text.quotes.next(begin)
            at = at - slot.tail if slot.tail else at
            spans.append((begin, at))
        return kept, spans


def template_of(line: bytes, unknown: tuple[str, ...]) -> Template | None:
    """Cut an accepted usage event without a backslash into a template, where it can be."""
    quotes = np.flatnonzero(np.frombuffer(line, dtype=np.uint8) == QUOTE).tolist()
    slots = _slots_of(_PLAIN.sub(_without_value, line))
    runs: list[bytes] = []
    begin = 0
    for slot in slots:
        start, end = _span_in(line, quotes, slot)
        runs.append(line[begin:start])
        begin = end
    runs.append(line[begin:])
    if not slots or any(not 0 < len(run) <= RUN_BYTES_MAX for run in runs):
        return None
    return Template(len(quotes), tuple(runs), slots, unknown)


def _span_in(line: bytes, quotes: list[int], slot: Slot) -> tuple[int, int]:
    after = [*quotes, len(line)][slot.quote + 1]
    return quotes[slot.quote] + 1 + slot.head, after - slot.tail


def _without_value(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return found[0]
    return bytes(found[1]) + (b"0" if found[2] else found[3] or b'""')


@lru_cache(maxsize=1024)
def _slots_of(shape: bytes) -> tuple[Slot, ...]:
    """Give the slots of a line by its shape: the line with its plain values cut short.

    Slots count quotes and the bytes between a quote and a number, which no value changes.
    """
    return tuple(
        _slots(shape, np.flatnonzero(np.frombuffer(shape, dtype=np.uint8) == QUOTE).tolist())
    )


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
            yield Slot(column, True, opening + 1, head, tail)


def _walk(path: list[str], gap: bytes, key: str) -> None:
    """Follow the brackets of a gap; a string in an array belongs to no column."""
    for mark in gap:
        if mark in b"{[":
            path.append(key if mark == 0x7B else f"{key}[]")
            key = ""
        elif mark in b"}]":
            path.pop()
