"""Instants on the boundary: RFC 3339 text to milliseconds since the epoch, and back.

The grammar is RFC 3339's own: ``T`` or ``t`` between date and time (a space is refused), a
fraction of any length, and an offset that is never left out (``Z``, ``z`` or ``+hh:mm``). Digits
past the millisecond are cut off. A leap second (``:60``) names no instant of ours and is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

MILLISECONDS_PER_DAY: Final = 86_400_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
#: First and last instant that a calendar of the years 1 to 9999 can hold.
FIRST_MS: Final = (1 - _EPOCH_ORDINAL) * MILLISECONDS_PER_DAY
LAST_MS: Final = (date.max.toordinal() + 1 - _EPOCH_ORDINAL) * MILLISECONDS_PER_DAY - 1

_SHAPE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_instant(text: str) -> int | None:
    """Give milliseconds since the epoch, or None where the text is not an RFC 3339 instant."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    days = _days(match[1], match[2], match[3])
    hour, minute, second = int(match[4]), int(match[5]), int(match[6])
    offset_hour, offset_minute = int(match[10] or 0), int(match[11] or 0)
    if days is None or max(hour, offset_hour) > 23 or max(minute, second, offset_minute) > 59:
        return None
    milliseconds = int(((match[7] or "") + "000")[:3])
    offset_minutes = (offset_hour * 60 + offset_minute) * (-1 if match[9] == "-" else 1)
    minutes = hour * 60 + minute - offset_minutes
    instant = days * MILLISECONDS_PER_DAY + (minutes * 60 + second) * 1000 + milliseconds
    return instant if FIRST_MS <= instant <= LAST_MS else None


def parse_date_or_instant(text: str) -> int | None:
    """Read an instant, or a bare date as its first moment in UTC."""
    if _DATE.fullmatch(text):
        days = _days(text[:4], text[5:7], text[8:])
        return None if days is None else days * MILLISECONDS_PER_DAY
    return parse_instant(text)


def format_instant(milliseconds: int) -> str:
    """Write an instant as UTC with ``Z``, always with three digits of milliseconds."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _days(year: str, month: str, day: str) -> int | None:
    try:
        return date(int(year), int(month), int(day)).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        return None
