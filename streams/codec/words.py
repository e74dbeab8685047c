"""Columns of strings out of the text of many lines.

Short values are gathered side by side at one width and cut to their lengths there: the lines are
far apart, so each is visited once. A column that says one thing throughout is said once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.pieces import Positions
from streams.codec.scan import windows
from streams.codec.template import Span

#: The start of a value that its line does not have.
ABSENT: Final = -1
#: A column with a longer value is cut out value by value; the text is padded by more than this.
_SHORT_BYTES_MAX: Final = 128
#: The values of so many lines are gathered before those of the next.
_LINES_TOGETHER: Final = 2048


def read_texts(raw: bytes, spans: dict[str, Span]) -> dict[str, pl.Series]:
    """Give the strings at these spans, absent ones as null."""
    text = np.frombuffer(raw, dtype=np.uint8)
    columns: dict[str, pl.Series] = {}
    short: dict[str, tuple[Positions, int]] = {}
    places: dict[str, pl.Series] = {}
    cut: list[pl.Expr] = []
    for name, (starts, ends) in spans.items():
        same = _same(text, starts, ends)
        if same is not None:
            columns[name] = pl.Series([same]).new_from_index(0, len(starts))
            continue
        lengths = ends - starts
        width = int(lengths.max())
        if not 0 < width <= _SHORT_BYTES_MAX:
            columns[name] = _one_by_one(raw, starts, ends)
            continue
        short[name] = starts, width
        present = starts != ABSENT
        optional, varied = not present.all(), bool((lengths != width).any())
        if optional:
            places[f"present {name}"] = pl.Series(present)
        if varied:
            places[f"length {name}"] = pl.Series(lengths)
        cut.append(_cut(name, optional=optional, varied=varied))
    if short:
        columns |= pl.DataFrame(places | _side_by_side(text, short)).select(cut).to_dict()
    return columns


def _side_by_side(
    text: NDArray[np.uint8], short: dict[str, tuple[Positions, int]]
) -> dict[str, pl.Series]:
    """Gather values at the width of their column, all those of some lines before the next."""
    count = max(len(starts) for starts, _ in short.values())
    found = {name: np.empty(count, dtype=f"V{width}") for name, (_, width) in short.items()}
    for begin in range(0, count, _LINES_TOGETHER):
        some = slice(begin, begin + _LINES_TOGETHER)
        for name, (starts, width) in short.items():
            found[name][some] = windows(text, width)[starts[some]]
    return {
        name: pl.Series(values.view(np.uint8).reshape(count, -1)) for name, values in found.items()
    }


@lru_cache(maxsize=256)
def _cut(name: str, *, optional: bool, varied: bool) -> pl.Expr:
    """Make strings of bytes side by side; a value shorter than its column is cut first."""
    text = pl.col(name).arr.to_list().cast(pl.Binary)
    if varied:
        text = text.bin.head(pl.col(f"length {name}"))
    text = text.cast(pl.String)
    return (pl.when(pl.col(f"present {name}")).then(text) if optional else text).alias(name)


def _one_by_one(raw: bytes, starts: Positions, ends: Positions) -> pl.Series:
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    values = [None if start == ABSENT else raw[start:end] for start, end in spans]
    return pl.Series(values, dtype=pl.Binary).cast(pl.String)


def _same(text: NDArray[np.uint8], starts: Positions, ends: Positions) -> str | None:
    length = int(ends[0] - starts[0])
    if not 0 < length <= _SHORT_BYTES_MAX or not (ends - starts == length).all():
        return None
    values = windows(text, length)
    first = values[starts[0]].tobytes()
    if values[starts[:: 1 + len(starts) // 8]].tobytes().replace(first, b""):
        return None
    return first.decode() if values[starts].tobytes() == first * len(starts) else None
