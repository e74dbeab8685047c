"""The values of many lines as columns, and which lines the grammar of JSON allows.

Templates say where the values of their lines lie; the columns are then read for all lines
together, so that many shapes cost little more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.instants import parse_instants
from streams.codec.numbers import parse_numbers
from streams.codec.pieces import Positions
from streams.codec.template import Mask, Span, Template
from streams.codec.words import ABSENT, read_texts

_INSTANTS: Final = frozenset(("time", "start", "end"))


#: Columns that there is room for at first; rows that are not used cost nothing.
_ROOM: Final = 64
#: Lines whose numbers are read together: their text stays in the processor's cache.
_LINES_TOGETHER: Final = 1024


class Spans:
    """Where the values of lines lie, by column; lines in the order in which they are added.

    ``count`` is the most lines that there can be.
    """

    def __init__(self, count: int) -> None:
        self._rows: dict[tuple[bool, str], int] = {}
        self._starts = np.empty((_ROOM, count), dtype=np.int64)
        self._ends = np.empty((_ROOM, count), dtype=np.int64)
        self._height = 0

    def __len__(self) -> int:
        return self._height

    def add(self, template: Template, spans: Sequence[Span]) -> None:
        """Add lines that have the template's shape, with the span of each of its slots."""
        begin, unknown = self._height, 0
        self._height += len(spans[0][0])
        for slot, (starts, ends) in zip(template.slots, spans, strict=True):
            name = slot.column
            if name is None and slot.is_number:  # its grammar counts, its value does not
                name, unknown = f"?{unknown}", unknown + 1
            if name is not None:
                row = self._row(slot.is_number, name)
                self._starts[row, begin : self._height] = starts
                self._ends[row, begin : self._height] = ends

    def columns(self, *, are_numbers: bool) -> tuple[list[str], Positions, Positions]:
        """Give names, starts and ends of the columns of numbers or strings, a row a column."""
        rows = {name: row for (kind, name), row in self._rows.items() if kind == are_numbers}
        chosen = list(rows.values())
        return list(rows), self._starts[chosen, : len(self)], self._ends[chosen, : len(self)]

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


def extract(spans: Spans, raw: bytes) -> tuple[pl.DataFrame, Mask]:
    """Give the known columns of the lines added, and which of these lines are good.

    Instants are milliseconds; all numbers are Float64. A line is good where every number, also an
    unknown one, follows the grammar and every instant could be read.
    """
    text = np.frombuffer(raw, dtype=np.uint8)
    columns, good = _read_numbers(text, *spans.columns(are_numbers=True))
    names, starts, ends = spans.columns(are_numbers=False)
    texts = dict(zip(names, zip(starts, ends, strict=True), strict=True))
    for name in _INSTANTS:
        if name in texts:
            milliseconds, read = parse_instants(text, *texts.pop(name))
            columns[name] = pl.Series(milliseconds)
            good &= read
    columns |= read_texts(raw, texts)
    return pl.DataFrame({name: columns[name] for name in sorted(columns)}), good


def _read_numbers(
    text: NDArray[np.uint8], names: Sequence[str], starts: Positions, ends: Positions
) -> tuple[dict[str, pl.Series], Mask]:
    values = np.full(starts.shape, np.nan)
    good = np.ones(starts.shape[1], dtype=np.bool_)
    for begin in range(0, len(good) if len(names) else 0, _LINES_TOGETHER):
        some = slice(begin, begin + _LINES_TOGETHER)
        first, last = starts[:, some], ends[:, some]
        present = first != ABSENT
        read, fits = parse_numbers(text, first[present], last[present])
        values[:, some][present] = read
        if not fits.all():
            present[present] = ~fits
            good[some] &= ~present.any(axis=0)
    columns: dict[str, pl.Series] = {}
    for name, row in zip(names, values, strict=True):
        if not name.startswith("?"):
            column = pl.Series(row)
            columns[name] = column.fill_nan(None) if np.isnan(row).any() else column
    return columns, good
