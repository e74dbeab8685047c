"""Columns of RFC 3339 text to milliseconds, many at a time.

Only the canonical spelling is read here (capital ``T`` and ``Z``, or an offset of digits); any
other is left to the one-by-one reader, which decides whether it is an instant at all.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detector.events.instants import FIRST_MS, LAST_MS
from streams.codec.pieces import Positions

#: The longest spelling read here: nanoseconds and an offset.
WIDTH: Final = 35
_LENGTH_MIN, _LENGTHS_MAX = 20, 8
_SEPARATORS: Final = {4: 45, 7: 45, 10: 84, 13: 58, 16: 58}
_MONTH_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_FRACTION_AT: Final = 20
Mask = NDArray[np.bool_]
Characters = NDArray[np.uint8]


def parse_instants(
    text: NDArray[np.uint8], starts: Positions, ends: Positions
) -> tuple[Positions, Mask]:
    """Read the instant between every start and end; gives milliseconds and whether it was read.

    ``text`` must be padded by at least WIDTH bytes.
    """
    lengths = ends - starts
    result = np.zeros(len(starts), dtype=np.int64)
    good = np.zeros(len(starts), dtype=np.bool_)
    windows = np.ndarray((len(text) - WIDTH + 1,), f"V{WIDTH}", text.data, strides=(1,))
    for length in np.unique(lengths)[:_LENGTHS_MAX]:
        if not _LENGTH_MIN <= length <= WIDTH:
            continue
        places = np.flatnonzero(lengths == length)
        rows = windows[starts[places]].view(np.uint8).reshape(-1, WIDTH)
        characters = np.ascontiguousarray(rows[:, :length].T)
        result[places], good[places] = _read(characters)
    return result, good


def _read(characters: Characters) -> tuple[Positions, Mask]:
    zulu = characters[-1] == 90
    if zulu.all():
        return _read_zone(characters, 1)
    milliseconds, good = _read_zone(characters, 6)
    return milliseconds, good & ~zulu


def _read_zone(characters: Characters, zone: int) -> tuple[Positions, Mask]:
    length = len(characters) - zone
    digits = characters - np.uint8(48)
    good = np.ones(characters.shape[1], dtype=np.bool_)
    for place in range(19):
        separator = _SEPARATORS.get(place)
        good &= digits[place] <= 9 if separator is None else characters[place] == separator
    fraction = np.zeros(characters.shape[1], dtype=np.int64)
    if length > 19:
        good &= characters[19] == 46
        good &= bool(length > _FRACTION_AT)
        for place in range(_FRACTION_AT, length):
            good &= digits[place] <= 9
        for place in range(_FRACTION_AT, _FRACTION_AT + 3):
            fraction = fraction * 10 + (digits[place] if place < length else 0)
    elif length < 19:
        good &= False
    offset: Any = 0
    if zone == 6 and length >= 19:
        offset, fits = _offset(characters[length:], digits[length:])
        good &= fits
    days, seconds, fits = _moment(digits)
    result = days * 86_400_000 + (seconds - offset) * 1000 + fraction
    return result, good & fits & (result >= FIRST_MS) & (result <= LAST_MS)


def _offset(characters: Characters, digits: Characters) -> tuple[Positions, Mask]:
    minus = characters[0] == 45
    good = (minus | (characters[0] == 43)) & (characters[3] == 58)
    for place in (1, 2, 4, 5):
        good &= digits[place] <= 9
    hours, minutes = _pair(digits, 1), _pair(digits, 4)
    seconds = (hours * 60 + minutes) * 60
    return np.where(minus, -seconds, seconds), good & (hours <= 23) & (minutes <= 59)


def _moment(digits: Characters) -> tuple[Positions, Positions, Mask]:
    year, month, day = _pair(digits, 0) * 100 + _pair(digits, 2), _pair(digits, 5), _pair(digits, 8)
    hour, minute, second = _pair(digits, 11), _pair(digits, 14), _pair(digits, 17)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _MONTH_DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    good = (month >= 1) & (month <= 12) & (day >= 1) & (day <= last) & (year >= 1)
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    return _days(year, month, day), (hour * 60 + minute) * 60 + second, good


def _days(year: Positions, month: Positions, day: Positions) -> Positions:
    """Count days since 1970-01-01, with March as the first month of a year (Hinnant 2013)."""
    year = year - (month <= 2)
    month_start = (153 * ((month + 9) % 12) + 2) // 5
    leap_days = year // 4 - year // 100 + year // 400
    return (year * 365 + leap_days + month_start + day - 719_469).astype(np.int64)


def _pair(digits: Characters, place: int) -> Positions:
    tens: Positions = digits[place].astype(np.int64)
    ones: Positions = digits[place + 1].astype(np.int64)
    return tens * 10 + ones
