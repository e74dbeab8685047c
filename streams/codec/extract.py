"""The values of lines of one shape as columns, and which of them JSON's grammar allows."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from streams.codec.instants import parse_instants
from streams.codec.template import Lines, Mask, Template

_INSTANTS: Final = frozenset(("time", "start", "end"))
_NUMBER: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


def extract(lines: Lines, template: Template) -> tuple[pl.DataFrame, Mask]:
    """Give the known columns of lines that have the template's shape, and which lines are good.

    Instants are milliseconds; all numbers are Float64. A line is good where every number, also an
    unknown one, follows the grammar and every instant could be read.
    """
    good = np.ones(len(lines.starts), dtype=np.bool_)
    columns: dict[str, pl.Series] = {}
    slices: dict[str, pl.Expr] = {}
    places: dict[str, pl.Series] = {"line": _texts(lines)}
    numbers: dict[str, str | None] = {}
    for number, slot in enumerate(template.slots):
        start, end = slot.span(lines)
        if slot.column in _INSTANTS and not slot.is_number:
            milliseconds, read = parse_instants(lines.text, start, end)
            good &= read
            columns[slot.column] = pl.Series(milliseconds)
        elif slot.is_number or slot.column is not None:
            name = str(number) if slot.is_number else str(slot.column)
            if slot.is_number:
                numbers[name] = slot.column
            places[f"start {name}"] = pl.Series(start - lines.starts)
            places[f"length {name}"] = pl.Series(np.maximum(end - start, 0))
            slices[name] = _slice(name)
    texts = pl.DataFrame(places).select(slices.values())
    if numbers:
        followed = pl.all_horizontal(pl.col(name).str.contains(_NUMBER) for name in numbers)
        good &= texts.select(followed.alias("good"))["good"].to_numpy()
    frame = texts.select(
        *(pl.col(name) for name in slices if name not in numbers),
        *(
            pl.col(name).cast(pl.Float64, strict=False).alias(column)
            for name, column in numbers.items()
            if column is not None
        ),
    ).with_columns(**columns)
    return frame, good


def _texts(lines: Lines) -> pl.Series:
    text = lines.text.tobytes()
    spans = zip(lines.starts.tolist(), lines.ends.tolist(), strict=True)
    return pl.Series([text[start:end] for start, end in spans], dtype=pl.Binary)


def _slice(name: str) -> pl.Expr:
    start, length = pl.col(f"start {name}"), pl.col(f"length {name}")
    return pl.col("line").bin.slice(start, length).cast(pl.String).alias(name)
