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
from streams.codec.template import Mask, Span, Template
from streams.codec.words import ABSENT, read_texts

_INSTANTS: Final = frozenset(("time", "start", "end"))


class Spans:
    """Where the values of every line lie, by column; ``count`` is the number of lines."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.numbers: dict[str, Span] = {}
        self.texts: dict[str, Span] = {}

    def add(self, template: Template, found: list[Span], places: Positions) -> None:
        """Note the values of the lines at these places, which have the template's shape."""
        unknown = 0
        in_a_row = int(places[-1] - places[0]) + 1 == len(places)
        where = slice(int(places[0]), int(places[-1]) + 1) if in_a_row else places
        for slot, span in zip(template.slots, found, strict=True):
            name = slot.column
            if name is None and slot.is_number:  # its grammar counts, its value does not
                name, unknown = f"?{unknown}", unknown + 1
            if name is None:
                continue
            kind = self.numbers if slot.is_number else self.texts
            if name not in kind:
                kind[name] = np.full(self.count, ABSENT), np.full(self.count, ABSENT)
            kind[name][0][where], kind[name][1][where] = span


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
