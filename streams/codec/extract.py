"""The values of lines of one shape as columns, and which of them JSON's grammar allows."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl

from streams.codec.instants import parse_instants
from streams.codec.numbers import parse_numbers
from streams.codec.pieces import Positions
from streams.codec.template import Lines, Mask, Template, windows

_INSTANTS: Final = frozenset(("time", "start", "end"))


def extract(lines: Lines, template: Template) -> tuple[pl.DataFrame, Mask]:
    """Give the known columns of lines that have the template's shape, and which lines are good.

    Instants are milliseconds; all numbers are Float64. A line is good where every number, also an
    unknown one, follows the grammar and every instant could be read.
    """
    good = np.ones(len(lines.starts), dtype=np.bool_)
    columns: dict[str, pl.Series] = {}
    texts: dict[str, tuple[Positions, Positions]] = {}
    for slot in template.slots:
        start, end = slot.span(lines)
        if slot.is_number:
            values, read = parse_numbers(lines.text, start, end)
            good &= read
            if slot.column is not None:
                columns[slot.column] = pl.Series(values)
        elif slot.column in _INSTANTS:
            instants, read = parse_instants(lines.text, start, end)
            good &= read
            columns[slot.column] = pl.Series(instants)
        elif slot.column is not None:
            texts[slot.column] = start, end
    columns |= _texts(lines, texts)
    return pl.DataFrame({name: columns[name] for name in sorted(columns)}), good


def _texts(lines: Lines, spans: dict[str, tuple[Positions, Positions]]) -> dict[str, pl.Series]:
    """Slice strings out of the lines; a column that says one thing throughout is said once."""
    raw = lines.text.tobytes()
    columns: dict[str, pl.Series] = {}
    places: dict[str, pl.Series] = {}
    for name, (start, end) in spans.items():
        same = _same(lines, start, end)
        if same is None:
            places[f"start {name}"] = pl.Series(start - lines.starts)
            places[f"length {name}"] = pl.Series(end - start)
        else:
            columns[name] = pl.Series([same]).new_from_index(0, len(start))
    if places:
        begins_and_ends = zip(lines.starts.tolist(), lines.ends.tolist(), strict=True)
        whole = [raw[begin:end] for begin, end in begins_and_ends]
        frame = pl.DataFrame({"line": pl.Series(whole, dtype=pl.Binary), **places})
        sliced = frame.select(_slice(name) for name in spans if name not in columns)
        columns |= {name: sliced[name] for name in sliced.columns}
    return columns


def _same(lines: Lines, start: Positions, end: Positions) -> str | None:
    length = int(end[0] - start[0])
    if not 0 < length <= 64 or not (end - start == length).all():
        return None
    values = windows(lines.text, length)[start]
    first = values[0].tobytes()
    return first.decode() if values.tobytes() == first * len(values) else None


@lru_cache(maxsize=64)
def _slice(name: str) -> pl.Expr:
    start, length = pl.col(f"start {name}"), pl.col(f"length {name}")
    return pl.col("line").bin.slice(start, length).cast(pl.String).alias(name)
