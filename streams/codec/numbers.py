"""Columns of JSON numbers to 64-bit floats, many at a time and to the last bit.

Eight characters fit one 64-bit word, and a few multiplications turn a word of digits into their
value. A plain decimal of at most 15 digits is an integer below 2^53 over a power of ten up to
10^22, both exact as 64-bit floats, so that one division rounds correctly (Clinger 1990). A whole
number of at most 19 digits fits 64 bits, and its conversion rounds correctly. Every other spelling
goes through the grammar and the general parser.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.codec.pieces import Positions
from streams.codec.scan import windows

#: A token of up to 20 characters is read by words of 8; the last word reaches this far.
WIDTH: Final = 32
_WORD: Final = 8
_LONG_MAX: Final = 20
#: So many are read at once that what lies between two steps stays in the processor's cache.
_TOGETHER: Final = 8192
_DECIMAL_DIGITS_MAX, _WHOLE_DIGITS_MAX = 15, 19
_POWERS: Final = 10.0 ** np.arange(WIDTH)
_WHOLE_POWERS: Final = 10 ** np.arange(_WHOLE_DIGITS_MAX + 1, dtype=np.uint64)
_GRAMMAR: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_POINT, _ZERO = 0x2E, 0x30
_EVERY: Final = 0x0101010101010101
_HIGH: Final = np.uint64(0x80 * _EVERY)
_ALL: Final = np.uint64(0xFF * _EVERY)

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]
Mask = NDArray[np.bool_]


def parse_numbers(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[Floats, Mask]:
    """Read the number between every start and end; gives values and whether each is one.

    ``null`` is read as NaN, which no number is. A number too large for 64 bits is not one here.
    ``text`` must be padded by at least WIDTH NULs.
    """
    values = np.empty(len(starts), dtype=np.float64)
    good = np.empty(len(starts), dtype=np.bool_)
    for begin in range(0, len(starts), _TOGETHER):
        some = slice(begin, begin + _TOGETHER)
        values[some], good[some] = _parse(text, starts[some], ends[some])
    return values, good


def _parse(text: NDArray[np.uint8], starts: Positions, ends: Positions) -> tuple[Floats, Mask]:
    lengths = ends - starts
    is_short = (lengths > 0) & (lengths <= _WORD)
    values, good = _short(_words(text, starts), np.where(is_short, lengths, 1).astype(np.uint64))
    good &= is_short
    rest = np.flatnonzero(~good)
    for read in (_long_whole, _long_decimal):
        long = rest[(lengths[rest] > _WORD) & (lengths[rest] <= _LONG_MAX)]
        if len(long):
            values[long], good[long] = read(text, starts[long], lengths[long])
            rest = rest[~good[rest]]
    if len(rest):
        is_null = (lengths[rest] == 4) & (windows(text, 4)[starts[rest]].view("S4") == b"null")
        values[rest[is_null]], good[rest[is_null]] = np.nan, True
        rest = rest[~is_null]
    if len(rest):
        values[rest], good[rest] = _any_spelling(text, starts[rest], ends[rest])
    return values, good


def _words(text: NDArray[np.uint8], starts: Positions) -> Words:
    """Give eight characters as one word, the first in the lowest byte."""
    return windows(text, _WORD)[starts].view("<u8")


def _short(words: Words, lengths: Words) -> tuple[Floats, Mask]:
    """Read tokens of one to eight characters: digits, and a point between two of them."""
    is_zero_first = (words & 0xFF) == _ZERO
    unused = 64 - (lengths << 3)
    token: Any = words << unused  # the last character is in the highest byte now
    point = _bytes_equal(token, _POINT)
    at_point = point >> 7
    has_point = point != 0
    before = at_point - has_point
    after = ~(before | (at_point * 0xFF))
    values, good = _digits(
        ((token & before) << 8) | (token & after), unused + (has_point.astype(np.uint64) << 3)
    )
    decimals = (np.bitwise_count(after) >> 3) * has_point
    whole = lengths.astype(np.uint8) - has_point - decimals
    good &= (whole == 1) | ((whole > 1) & ~is_zero_first)
    good &= (np.bitwise_count(point) == has_point) & ((decimals >= 1) == has_point)
    return values / _POWERS[decimals], good


def _long_whole(
    text: NDArray[np.uint8], starts: Positions, lengths: Positions
) -> tuple[Floats, Mask]:
    """Read whole numbers of two to nineteen digits."""
    values, good = _many_digits(text, starts + lengths, lengths)
    good &= (text[starts] != _ZERO) & (lengths <= _WHOLE_DIGITS_MAX)
    return values.astype(np.float64), good


def _long_decimal(
    text: NDArray[np.uint8], starts: Positions, lengths: Positions
) -> tuple[Floats, Mask]:
    """Read decimals of up to fifteen digits, with a point between two of them."""
    rows = windows(text, _LONG_MAX)[starts].view(np.uint8).reshape(-1, _LONG_MAX)
    whole = (rows == _POINT).argmax(axis=1)
    decimals = np.clip(lengths - whole - 1, 0, _DECIMAL_DIGITS_MAX)
    integer, good = _many_digits(text, starts + whole, whole)
    fraction, read = _many_digits(text, starts + lengths, decimals)
    good &= read & (whole + decimals == lengths - 1) & (lengths <= _DECIMAL_DIGITS_MAX + 1)
    good &= (decimals >= 1) & ((whole == 1) | ((whole > 1) & (rows[:, 0] != _ZERO)))
    mantissa = integer * _WHOLE_POWERS[decimals] + fraction
    return mantissa / _POWERS[decimals], good


def _many_digits(
    text: NDArray[np.uint8], ends: Positions, lengths: Positions
) -> tuple[Words, Mask]:
    """Read up to 20 digits before every end; gives their value and whether all are digits."""
    values = np.zeros(len(ends), dtype=np.uint64)
    good = np.ones(len(ends), dtype=np.bool_)
    for passed in range(0, int(lengths.max(initial=0)), _WORD):
        unused = 64 - (np.clip(lengths - passed, 0, _WORD) << 3)
        words = _words(text, ends - (passed + _WORD))  # before the text is the padding: no digits
        more, read = _digits(words, unused.astype(np.uint64))
        values += more * _WHOLE_POWERS[passed]
        good &= read
    return values, good


def _digits(words: Words, unused: Words) -> tuple[Words, Mask]:
    """Read the digits above the ``unused`` lowest bits; gives their value and whether all are."""
    digit = (words ^ (_ZERO * _EVERY)) & (_ALL << unused)
    good = (((digit + 0x76 * _EVERY) | digit) & _HIGH) == 0
    pairs: Any = (digit * 10 + (digit >> 8)) & 0x00FF00FF00FF00FF
    fours: Any = (pairs * 100 + (pairs >> 16)) & 0x0000FFFF0000FFFF
    values: Any = (fours * 10_000 + (fours >> 32)) & 0xFFFFFFFF
    return values, good


def _bytes_equal(words: Words, character: int) -> Words:
    """Give 0x80 in every byte that equals the character and 0 in all others, exactly."""
    other: Any = words ^ (character * _EVERY)
    equal: Words = ~(((other & ~_HIGH) + ~_HIGH) | other) & _HIGH
    return equal


def _any_spelling(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[Floats, Mask]:
    raw = text.tobytes()
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    tokens = [raw[start:end] for start, end in spans]
    column = pl.Series(tokens, dtype=pl.Binary).cast(pl.String)
    values = column.cast(pl.Float64, strict=False).fill_null(float("inf")).to_numpy()
    return values, column.str.contains(_GRAMMAR).to_numpy() & np.isfinite(values)
