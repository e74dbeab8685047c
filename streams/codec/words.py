"""Columns of strings out of the text of many lines.

Short values are gathered side by side at one width and cut to their lengths there: the lines are
far apart, so each is visited once a column. A column that says one thing throughout is said once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl

from streams.codec.pieces import Positions
from streams.codec.template import Lines, Span, windows

#: The start of a value that its line does not have.
ABSENT: Final = -1
#: A column with a longer value is cut out of whole lines; the buffers of lines are padded by more.
_SHORT_BYTES_MAX: Final = 128


def read_texts(lines: Lines, spans: dict[str, Span]) -> dict[str, pl.Series]:
    """Give the strings at the spans of these lines, absent ones as null."""
    columns: dict[str, pl.Series] = {}
    places: dict[str, pl.Series] = {}
    slices: list[pl.Expr] = []
    for name, (start, end) in spans.items():
        same = _same(lines, start, end)
        if same is not None:
            columns[name] = pl.Series([same]).new_from_index(0, len(start))
            continue
        present = start != ABSENT
        lengths = end - start
        width = int(lengths.max())
        optional = not present.all()
        if optional:
            places[f"present {name}"] = pl.Series(present)
        if 0 < width <= _SHORT_BYTES_MAX:
            places[name] = _side_by_side(lines, start, width)
            varied = bool((lengths != width).any())
            if varied:
                places[f"length {name}"] = pl.Series(lengths)
            slices.append(_short(name, optional=optional, varied=varied))
            continue
        if "line" not in places:
            places["line"] = _whole(lines)
        places[f"start {name}"] = pl.Series(np.where(present, start - lines.starts, 0))
        places[f"length {name}"] = pl.Series(lengths)
        slices.append(_slice(name, optional=optional))
    if slices:
        columns |= pl.DataFrame(places).select(slices).to_dict()
    return columns


def _side_by_side(lines: Lines, start: Positions, width: int) -> pl.Series:
    found = windows(lines.text, width)[start]
    return pl.Series(found.view(np.uint8).reshape(-1, width))


def _whole(lines: Lines) -> pl.Series:
    raw = lines.text.tobytes()
    spans = zip(lines.starts.tolist(), lines.ends.tolist(), strict=True)
    return pl.Series([raw[start:end] for start, end in spans], dtype=pl.Binary)


def _same(lines: Lines, start: Positions, end: Positions) -> str | None:
    length = int(end[0] - start[0])
    if not 0 < length <= _SHORT_BYTES_MAX or not (end - start == length).all():
        return None
    values = windows(lines.text, length)
    first = values[start[0]].tobytes()
    if any(values[place].tobytes() != first for place in start[:: 1 + len(start) // 8].tolist()):
        return None
    return first.decode() if values[start].tobytes() == first * len(start) else None


@lru_cache(maxsize=256)
def _short(name: str, *, optional: bool, varied: bool) -> pl.Expr:
    text = pl.col(name).arr.to_list().cast(pl.Binary)
    if varied:
        text = text.bin.head(pl.col(f"length {name}"))
    text = text.cast(pl.String)
    return (pl.when(pl.col(f"present {name}")).then(text) if optional else text).alias(name)


@lru_cache(maxsize=128)
def _slice(name: str, *, optional: bool) -> pl.Expr:
    start, length = pl.col(f"start {name}"), pl.col(f"length {name}")
    text = pl.col("line").bin.slice(start, length).cast(pl.String)
    return (pl.when(pl.col(f"present {name}")).then(text) if optional else text).alias(name)
