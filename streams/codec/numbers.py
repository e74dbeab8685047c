"""Columns of JSON numbers to 64-bit floats, many at a time and to the last bit.

A plain decimal of at most 15 digits is an integer below 2^53 over a power of ten up to 10^22, both
exact as 64-bit floats, so that one division rounds correctly (Clinger 1990). Every other spelling
goes through the grammar and the general parser.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.pieces import Positions

#: Fifteen digits, a sign and a point fit.
WIDTH: Final = 17
_DIGITS_MAX: Final = 15
_POINT, _MINUS = np.uint8(46), np.uint8(45)
_POWERS: Final = 10.0 ** np.arange(WIDTH + 1)
_GRAMMAR: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def parse_numbers(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[Floats, Mask]:
    """Read the number between every start and end; gives values and whether each is one.

    ``null`` is read as NaN, which no number is. A number too large for 64 bits is not one here.
    ``text`` must be padded by at least WIDTH bytes.
    """
    lengths = ends - starts
    short = (lengths > 0) & (lengths <= WIDTH)
    values = np.zeros(len(starts), dtype=np.float64)
    good = np.zeros(len(starts), dtype=np.bool_)
    if 2 * np.count_nonzero(short) > len(short):
        values, good = _plain_decimals(text, starts, np.where(short, lengths, 0))
    rest = np.flatnonzero(~good)
    if len(rest):
        is_null = (lengths[rest] == 4) & (_windows(text, 4)[starts[rest]].view("S4") == b"null")
        values[rest[is_null]], good[rest[is_null]] = np.nan, True
        rest = rest[~is_null]
    if len(rest):
        values[rest], good[rest] = _any_spelling(text, starts[rest], ends[rest])
    return values, good


def _windows(text: NDArray[np.uint8], width: int) -> NDArray[np.void]:
    return np.ndarray((len(text) - width + 1,), f"V{width}", text.data, strides=(1,))


def _plain_decimals(
    text: NDArray[np.uint8], starts: Positions, lengths: Positions
) -> tuple[Floats, Mask]:
    rows = _windows(text, WIDTH)[starts].view(np.uint8).reshape(-1, WIDTH)
    width = int(lengths.max(initial=0))
    characters = np.ascontiguousarray(rows[:, :width].T)
    short = lengths.astype(np.int8)
    mantissa = np.zeros(len(starts), dtype=np.int64)
    digits = np.zeros(len(starts), dtype=np.int8)
    decimals = np.zeros(len(starts), dtype=np.int8)
    points = np.zeros(len(starts), dtype=np.int8)
    minus = characters[0] == _MINUS if width else np.zeros(len(starts), dtype=np.bool_)
    for place in range(width):
        digit = characters[place] - np.uint8(48)
        inside = short > place
        is_digit = inside & (digit <= 9)
        mantissa = np.where(is_digit, mantissa * 10 + digit, mantissa)
        digits += is_digit
        decimals += is_digit & (points > 0)
        points += inside & (characters[place] == _POINT)
    whole = digits - decimals
    first = (
        characters[np.minimum(minus, width - 1).astype(np.int8), np.arange(len(starts))]
        if width
        else digits
    )
    good = (short > 0) & (digits + points + minus == short) & (points <= 1)
    good &= (digits <= _DIGITS_MAX) & (whole >= 1) & ((points == 0) | (decimals >= 1))
    good &= (first != 48) | (whole == 1)
    values = mantissa / _POWERS[decimals]
    return np.where(minus, -values, values), good


def _any_spelling(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[Floats, Mask]:
    raw = text.tobytes()
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    tokens = [raw[start:end] for start, end in spans]
    column = pl.Series(tokens, dtype=pl.Binary).cast(pl.String)
    values = column.cast(pl.Float64, strict=False).fill_null(float("inf")).to_numpy()
    return values, column.str.contains(_GRAMMAR).to_numpy() & np.isfinite(values)
