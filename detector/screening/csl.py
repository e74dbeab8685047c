"""The Consolidated Screening List, as CSV (lists packed with ``;``) or JSON (``results``).

Field names are those of its header (regulation, section 6). The two say the same in other forms:
both are turned into one row of lists first.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from detector.screening.fields import (
    addresses,
    birth_date,
    country,
    entry_digest,
    identifier,
    unique,
)
from detector.screening.parties import ListedParty, PartyKind

KINDS: Final[dict[str, PartyKind]] = {
    "individual": "person",
    "entity": "organisation",
    "vessel": "other",
    "aircraft": "other",
}
#: The field of the JSON that says when it was drawn up (regulation, section 6).
STATED: Final = "search_performed_at"
COLUMNS: Final = ("source", "name")
NO_NAME: Final = "has no name"
NO_SOURCE: Final = "names no list"
#: Rows that do not fit their header, or are no objects.
BROKEN: Final = "is broken"
Read = tuple[list[ListedParty], Counter[str]]


def read_csl_rows(rows: Iterable[object]) -> Read:
    """Read rows of ``results`` or of the CSV: parties, and rows left out by reason."""
    parties: list[ListedParty] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        if not isinstance(row, Mapping):
            left_out[BROKEN] += 1
        elif not _text(row, "name"):
            left_out[NO_NAME] += 1
        elif not _text(row, "source"):
            left_out[NO_SOURCE] += 1
        else:
            parties.append(_party(row))
    return parties, left_out


def stated_instant(whole: Mapping[str, Any]) -> datetime | None:
    """Give when the JSON was drawn up by what it says, in UTC; None where it says nothing usable.

    An instant without an offset is UTC.
    """
    try:
        stated = datetime.fromisoformat(_text(whole, STATED))
        return stated.replace(tzinfo=stated.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC the first day of all may lie before it
        return None


def csv_rows(text: str) -> list[object]:
    """Give the rows of the CSV; one with more fields than the header is not a row.

    Raises:
        csv.Error: The text cannot be read as CSV.
    """
    rows: list[object] = []
    for row in csv.DictReader(io.StringIO(text), strict=True):
        rows.append(None if None in row else row)
    return rows


def _party(row: Mapping[str, Any]) -> ListedParty:
    source, name = _text(row, "source"), _text(row, "name")
    places = _addresses(row.get("addresses"))
    numbers = _identifiers(row.get("ids"))
    stated = [code for text in ("nationalities", "citizenships") for code in _list(row.get(text))]
    return ListedParty(
        party_id=_text(row, "entity_number")
        or entry_digest(source, name, *(text for text, _ in places), _text(row, "start_date")),
        source=source,
        kind=KINDS.get(_text(row, "type").lower(), "unknown"),
        name=name,
        aliases=unique(_list(row.get("alt_names"))),
        programs=unique(_list(row.get("programs"))),
        addresses=addresses(text for text, _ in places),
        countries=unique([code for _, code in places] + [country(code) for code in stated]),
        identifiers=unique(identifier(number) for number in numbers),
        birth_dates=unique(birth_date(each) for each in _list(row.get("dates_of_birth"))),
        listed_on=_text(row, "start_date") or None,
        ended_on=_day(_text(row, "end_date")),
        url=_text(row, "source_list_url") or None,
    )


def _day(text: str) -> date | None:
    """Read an ISO date; None for anything else, for what has no readable end goes on."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _list(value: object) -> list[str]:
    """Give the texts of an array, or of a field that packs them with ``;``."""
    if isinstance(value, str):
        return [each.strip() for each in value.split(";")]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _addresses(value: object) -> list[tuple[str, str | None]]:
    """Give (address in one line, its country)."""
    if isinstance(value, list):
        return [_address(each) for each in value if isinstance(each, Mapping)]
    return [(text, country(text.rpartition(",")[2])) for text in _list(value) if text]


def _address(each: Mapping[str, Any]) -> tuple[str, str | None]:
    keys = ("address", "city", "state", "postal_code", "country")
    return ", ".join(t for key in keys if (t := _text(each, key))), country(each.get("country"))


def _identifiers(value: object) -> list[str]:
    """Give the numbers of ``ids``: ``country, number, kind`` in the CSV, objects in the JSON."""
    if isinstance(value, list):
        return [_text(each, "number") for each in value if isinstance(each, Mapping)]
    split = ([part.strip() for part in each.split(",")] for each in _list(value))
    return [parts[-2] for parts in split if len(parts) >= 2]
