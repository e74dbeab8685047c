"""Small pieces that every list format needs: countries, identifiers, dates, digests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Final

from rigour.territories import get_territories

#: An identifier with fewer marks or digits than these belongs to too many.
IDENTIFIER_MARKS_MIN: Final = 6
IDENTIFIER_DIGITS_MIN: Final = 4
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?$")
#: What stands for the head office at the end of a bank code.
_HEAD_OFFICE: Final = "X" * 3
_BANK_CODE: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")


def unique(values: Iterable[str | None]) -> tuple[str, ...]:
    """Give the values that say something, each once, in order, without outer blanks."""
    return tuple(dict.fromkeys(text for each in values if each and (text := each.strip())))


def country(code: object) -> str | None:
    """Give the ISO 3166-1 alpha-2 part of a country or subdivision code, None for anything else."""
    head = code.strip().upper().split("-", 1)[0] if isinstance(code, str) else ""
    return head if len(head) == 2 and head.isascii() and head.isalpha() else None


def addresses(lines: Iterable[str | None]) -> tuple[str, ...]:
    """Give the lines that say where, each once, in order: a country alone is no address."""
    return tuple(line for line in unique(lines) if not _is_country(line))


def _is_country(line: str) -> bool:
    return country(line) is not None or line.casefold() in _country_names()


@cache
def _country_names() -> frozenset[str]:
    """Give the names of countries and of their parts, as lists write them in English."""
    told = (name for each in get_territories() for name in (each.name, each.full_name))
    return frozenset(name.casefold() for name in told if name)


def identifier(text: object) -> str | None:
    """Give a registration, tax or bank number as letters and digits; None where too short."""
    if not isinstance(text, str):
        return None
    plain = "".join(mark for mark in text.upper() if mark.isascii() and mark.isalnum())
    if _BANK_CODE.match(plain) and text.strip().isupper() and " " not in text.strip():
        return plain[:8] if plain[8:] == _HEAD_OFFICE else plain
    digits = sum(mark.isdigit() for mark in plain)
    is_enough = len(plain) >= IDENTIFIER_MARKS_MIN and digits >= IDENTIFIER_DIGITS_MIN
    return plain if is_enough else None


def birth_date(text: str) -> str | None:
    """Give an ISO date, month or year, None for what is written otherwise."""
    plain = text.strip()[:10]
    return plain if _DATE.match(plain) else None


def entry_digest(*parts: str) -> str:
    """Name an entry that has no number of its own by what it says."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:12]
