"""The values of many lines as columns, and which lines the grammar of JSON allows.

Templates say where the values of their lines lie; the columns are then read for all lines
together, so that many shapes cost little more than one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.instants import parse_instants
from streams.codec.numbers import parse_numbers
from streams.codec.pieces import Positions
from streams.codec.template import Lines, Mask, Span, Template
from streams.codec.words import ABSENT, read_texts

_INSTANTS: Final = frozenset(("time", "start", "end"))


#: Columns that there is room for at first; rows that are not used cost nothing.
_ROOM: Final = 64


class Spans:
    """Where the values of every line lie, by column; ``count`` is the number of lines."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._rows: dict[tuple[bool, str], int] = {}
        self._starts = np.empty((_ROOM, count), dtype=np.int64)
        self._ends = np.empty((_ROOM, count), dtype=np.int64)

    @property
    def numbers(self) -> dict[str, Span]:
        """The spans of the columns of numbers, unknown ones under names of their own."""
        return self._of(is_number=True)

    @property
    def texts(self) -> dict[str, Span]:
        """The spans of the columns of strings."""
        return self._of(is_number=False)

    def add(self, template: Template, lines: Lines, places: Positions) -> None:
        """Note the values of these lines, which have the template's shape and these places."""
        rows, slots = [], []
        unknown = 0
        for number, slot in enumerate(template.slots):
            name = slot.column
            if name is None and slot.is_number:  # its grammar counts, its value does not
                name, unknown = f"?{unknown}", unknown + 1
            if name is not None:
                rows.append(self._row(slot.is_number, name))
                slots.append(number)
        starts, ends = template.spans(lines)
        if int(places[-1] - places[0]) + 1 == len(places):
            where: Any = (rows, slice(int(places[0]), int(places[-1]) + 1))
        else:
            where = np.ix_(np.array(rows), places)
        self._starts[where], self._ends[where] = starts[slots], ends[slots]

    def _row(self, is_number: bool, name: str) -> int:  # noqa: FBT001 - half of a key
        row = self._rows.get((is_number, name))
        if row is None:
            row = self._rows[is_number, name] = len(self._rows)
            if row == len(self._starts):
                more = np.empty_like(self._starts)
                self._starts = np.concatenate([self._starts, more])
                self._ends = np.concatenate([self._ends, more])
            self._starts[row] = self._ends[row] = ABSENT
        return row

    def _of(self, *, is_number: bool) -> dict[str, Span]:
        return {
            name: (self._starts[row], self._ends[row])
            for (kind, name), row in self._rows.items()
            if kind == is_number
        }


def extract(spans: Spans, raw: bytes, places: Positions) -> tuple[pl.DataFrame, Mask]:
    """Give the known columns of the lines at these places, and which of these lines are good.

    Instants are milliseconds; all numbers are Float64. A line is good where every number, also an
    unknown one, follows the grammar and every instant could be read.
    """
    text = np.frombuffer(raw, dtype=np.uint8)
    columns, good = _read_numbers(text, _chosen(spans.numbers, places), len(places))
    texts = _chosen(spans.texts, places)
    instants = {name: texts.pop(name) for name in _INSTANTS if name in texts}
    if instants:
        milliseconds, read = parse_instants(text, *_stacked(instants))
        for name, values in zip(instants, _columns(milliseconds, len(instants)), strict=True):
            columns[name] = pl.Series(values)
        good &= _columns(read, len(instants)).all(axis=0)
    columns |= read_texts(raw, texts)
    return pl.DataFrame({name: columns[name] for name in sorted(columns)}), good


def _chosen(spans: dict[str, Span], places: Positions) -> dict[str, Span]:
    return {
        name: (starts, ends) if len(starts) == len(places) else (starts[places], ends[places])
        for name, (starts, ends) in spans.items()
    }


def _stacked(spans: dict[str, Span]) -> Span:
    """Put the spans of all columns together, line by line, as those of a line are near."""
    starts, ends = zip(*spans.values(), strict=True)
    return np.stack(starts, axis=1).ravel(), np.stack(ends, axis=1).ravel()


def _columns(values: NDArray[Any], count: int) -> NDArray[Any]:
    """Take the values apart again, a row for each column of ``_stacked``."""
    return np.ascontiguousarray(values.reshape(-1, count).T)


def _read_numbers(
    text: NDArray[np.uint8], spans: dict[str, Span], count: int
) -> tuple[dict[str, pl.Series], Mask]:
    if not spans:
        return {}, np.ones(count, dtype=np.bool_)
    starts, ends = _stacked(spans)
    present = np.flatnonzero(starts != ABSENT)
    values = np.full(len(starts), np.nan)
    good = np.ones(len(starts), dtype=np.bool_)
    values[present], good[present] = parse_numbers(text, starts[present], ends[present])
    columns: dict[str, pl.Series] = {}
    for name, row in zip(spans, _columns(values, len(spans)), strict=True):
        if not name.startswith("?"):
            column = pl.Series(row)
            columns[name] = column.fill_nan(None) if np.isnan(row).any() else column
    return columns, np.asarray(_columns(good, len(spans)).all(axis=0))
