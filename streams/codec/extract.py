"""The values of many lines as columns, and which lines the grammar of JSON allows.

Templates say where the values of their lines lie; the columns are then read for all lines
together, so that many shapes cost little more than one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.instants import parse_instants
from streams.codec.numbers import parse_numbers
from streams.codec.pieces import Positions
from streams.codec.template import Lines, Mask, Template, windows

_INSTANTS: Final = frozenset(("time", "start", "end"))
#: A value that is longer is not compared with its neighbours.
_SAME_BYTES_MAX: Final = 64
_ABSENT: Final = -1


class Spans:
    """Where the values of every line lie, by column; ``count`` is the number of lines."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.numbers: dict[str, tuple[Positions, Positions]] = {}
        self.texts: dict[str, tuple[Positions, Positions]] = {}

    def add(self, template: Template, lines: Lines, places: Positions) -> None:
        """Note the values of the lines at these places, which have the template's shape."""
        unknown = 0
        for slot in template.slots:
            name = slot.column
            if name is None and slot.is_number:  # its grammar counts, its value does not
                name, unknown = f"?{unknown}", unknown + 1
            if name is None:
                continue
            kind = self.numbers if slot.is_number else self.texts
            if len(places) == self.count:
                kind[name] = slot.span(lines)
                continue
            if name not in kind:
                kind[name] = np.full(self.count, _ABSENT), np.full(self.count, _ABSENT)
            kind[name][0][places], kind[name][1][places] = slot.span(lines)


def extract(spans: Spans, lines: Lines, places: Positions) -> tuple[pl.DataFrame, Mask]:
    """Give the known columns of the lines at these places, and which of these lines are good.

    Instants are milliseconds; all numbers are Float64. A line is good where every number, also an
    unknown one, follows the grammar and every instant could be read.
    """
    good = np.ones(len(places), dtype=np.bool_)
    columns: dict[str, pl.Series] = {}
    for name, span in _chosen(spans.numbers, places).items():
        values, read = _read_numbers(lines.text, *span)
        good &= read
        if not name.startswith("?"):
            columns[name] = values
    texts = _chosen(spans.texts, places)
    for name in _INSTANTS & texts.keys():
        instants, read = parse_instants(lines.text, *texts.pop(name))
        good &= read
        columns[name] = pl.Series(instants)
    columns |= _read_texts(lines.of(places), texts)
    return pl.DataFrame({name: columns[name] for name in sorted(columns)}), good


def _chosen(
    spans: dict[str, tuple[Positions, Positions]], places: Positions
) -> dict[str, tuple[Positions, Positions]]:
    return {
        name: (starts, ends) if len(starts) == len(places) else (starts[places], ends[places])
        for name, (starts, ends) in spans.items()
    }


def _read_numbers(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[pl.Series, Mask]:
    present = starts != _ABSENT
    if present.all():
        values, good = parse_numbers(text, starts, ends)
    else:
        values = np.full(len(starts), np.nan)
        good = np.ones(len(starts), dtype=np.bool_)
        values[present], good[present] = parse_numbers(text, starts[present], ends[present])
    column = pl.Series(values)
    return column.fill_nan(None) if np.isnan(values).any() else column, good


def _read_texts(
    lines: Lines, spans: dict[str, tuple[Positions, Positions]]
) -> dict[str, pl.Series]:
    """Slice strings out of the lines; a column that says one thing throughout is said once."""
    columns: dict[str, pl.Series] = {}
    places: dict[str, pl.Series] = {}
    slices: list[pl.Expr] = []
    for name, (start, end) in spans.items():
        same = _same(lines, start, end)
        if same is not None:
            columns[name] = pl.Series([same]).new_from_index(0, len(start))
            continue
        present = start != _ABSENT
        places[f"start {name}"] = pl.Series(np.where(present, start - lines.starts, 0))
        places[f"length {name}"] = pl.Series(end - start)
        if not present.all():
            places[f"present {name}"] = pl.Series(present)
        slices.append(_slice(name, optional=not present.all()))
    if slices:
        sliced = pl.DataFrame({"line": _whole(lines), **places}).select(slices)
        columns |= {name: sliced[name] for name in sliced.columns}
    return columns


def _whole(lines: Lines) -> pl.Series:
    raw = lines.text.tobytes()
    spans = zip(lines.starts.tolist(), lines.ends.tolist(), strict=True)
    return pl.Series([raw[start:end] for start, end in spans], dtype=pl.Binary)


def _same(lines: Lines, start: Positions, end: Positions) -> str | None:
    length = int(end[0] - start[0])
    if not 0 < length <= _SAME_BYTES_MAX or not (end - start == length).all():
        return None
    values = windows(lines.text, length)[start]
    first = values[0].tobytes()
    return first.decode() if values.tobytes() == first * len(values) else None


@lru_cache(maxsize=128)
def _slice(name: str, *, optional: bool) -> pl.Expr:
    start, length = pl.col(f"start {name}"), pl.col(f"length {name}")
    text = pl.col("line").bin.slice(start, length).cast(pl.String)
    if optional:
        text = pl.when(pl.col(f"present {name}")).then(text)
    return text.alias(name)
