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
from streams.codec.scan import windows

#: The longest spelling read here: nanoseconds and an offset.
WIDTH: Final = 35
_LENGTH_MIN = 20
_SEPARATORS: Final = {4: 45, 7: 45, 10: 84, 13: 58, 16: 58}
#: The first day of every month from the year 0 on, in days since 1970-01-01.
_MONTHS: Final = np.arange("0000-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]")
_FIRST_DAYS: Final = _MONTHS.astype(np.int32)
_MONTH_DAYS: Final = np.diff(_FIRST_DAYS)
_FRACTION_AT: Final = 20
Days = NDArray[np.int32]
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
    for length in np.flatnonzero(np.bincount(np.clip(lengths, 0, WIDTH + 1))).tolist():
        if not _LENGTH_MIN <= length <= WIDTH:
            continue
        places = np.flatnonzero(lengths == length)
        rows = windows(text, length)[starts[places]].view(np.uint8).reshape(-1, length)
        result[places], good[places] = _read(np.ascontiguousarray(rows.T))
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
    fraction = np.zeros(characters.shape[1], dtype=np.int32)
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
    result = days * np.int64(86_400_000) + (seconds - offset) * np.int64(1000) + fraction
    return result, good & fits & (result >= FIRST_MS) & (result <= LAST_MS)


def _offset(characters: Characters, digits: Characters) -> tuple[Days, Mask]:
    minus = characters[0] == 45
    good = (minus | (characters[0] == 43)) & (characters[3] == 58)
    for place in (1, 2, 4, 5):
        good &= digits[place] <= 9
    hours, minutes = _pair(digits, 1), _pair(digits, 4)
    seconds = (hours * 60 + minutes) * 60
    return np.where(minus, -seconds, seconds), good & (hours <= 23) & (minutes <= 59)


def _moment(digits: Characters) -> tuple[Days, Days, Mask]:
    year, month, day = _pair(digits, 0) * 100 + _pair(digits, 2), _pair(digits, 5), _pair(digits, 8)
    hour, minute, second = _pair(digits, 11), _pair(digits, 14), _pair(digits, 17)
    good = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (year <= 9999)
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    place = np.where(good, year * 12 + month - 1, 0)
    good &= day <= _MONTH_DAYS[place]
    return _FIRST_DAYS[place] + (day - 1), (hour * 60 + minute) * 60 + second, good


def _pair(digits: Characters, place: int) -> Days:
    tens: Days = digits[place] * np.int32(10)
    both: Days = tens + digits[place + 1]
    return both
