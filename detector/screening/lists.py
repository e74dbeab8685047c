"""List files of every format that the contract names, as snapshots."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from detector.errors import DetectorError, encoding_hint
from detector.screening.csl import BROKEN, COLUMNS, Read, csv_rows, read_csl_rows, stated_instant
from detector.screening.ftm import read_ftm
from detector.screening.parties import Snapshot

EXPECTED: Final = (
    "expected a screening list: the Consolidated Screening List as CSV or JSON, "
    "or FollowTheMoney entities, one a line"
)
REMEDY: Final = "take the file from its publisher again"


#: No JSON, a number of more digits than Python reads, or nesting deeper than its stack.
_UNREADABLE: Final = (ValueError, RecursionError)


class ListError(DetectorError):
    """A list file cannot be used. One line: which, what was expected, what came, what to do."""


def read_snapshot(content: bytes, name: str, label: str) -> Snapshot:
    """Read a list file; ``name`` is what an error calls it, ``label`` names it in provenance.

    Rows that cannot be read are left out and counted by reason.

    Raises:
        ListError: The file is no list of a known format, or holds no party that can be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListError(
            f"{name}: {EXPECTED}; its bytes are not UTF-8 ({error}){encoding_hint(content)}; "
            f"{REMEDY}"
        ) from error
    (parties, left_out), stated_at = _read(text, name)
    if not parties:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))
        came = f"got none that can be used ({told})" if told else "got no rows at all"
        raise ListError(f"{name}: {EXPECTED}, with parties, {came}; {REMEDY}")
    return Snapshot(label, tuple(parties), dict(sorted(left_out.items())), stated_at)


def _read(text: str, name: str) -> tuple[Read, datetime | None]:
    """Give what a text of any format holds, and the instant that it states."""
    start = text.lstrip()[:1]
    if start not in {"{", "["}:
        return _csv(text, name), None
    try:
        whole = json.loads(text)
    except _UNREADABLE:
        return _lines(text, name), None
    if isinstance(whole, dict) and isinstance(whole.get("results"), list):
        return read_csl_rows(whole["results"]), stated_instant(whole)
    if isinstance(whole, dict) and "schema" in whole:
        return read_ftm([whole], name), None
    raise ListError(f'{name}: {EXPECTED}; got JSON without "results"; {REMEDY}')


def _csv(text: str, name: str) -> Read:
    head = next(csv.reader([text.split("\n", 1)[0]]), [])
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise ListError(
            f"{name}: {EXPECTED}; got a first line without the column {missing[0]}; {REMEDY}"
        )
    try:
        return read_csl_rows(csv_rows(text))
    except csv.Error as error:
        raise ListError(f"{name}: {EXPECTED}; it breaks off as CSV ({error}); {REMEDY}") from error


def _lines(text: str, name: str) -> Read:
    entities = list(_objects(text))
    read = [entity for entity in entities if entity is not None]
    if not any(isinstance(entity, dict) and "schema" in entity for entity in read):
        raise ListError(f"{name}: {EXPECTED}; got JSON that breaks off or is neither; {REMEDY}")
    parties, left_out = read_ftm(read, name)
    broken = Counter({BROKEN: len(entities) - len(read)})
    return parties, left_out + broken


def _objects(text: str) -> Iterator[object]:
    """Give each line's object, None for a line that is no JSON; blank lines are not entities."""
    for line in text.splitlines():
        if line.strip():
            try:
                yield json.loads(line)
            except _UNREADABLE:
                yield None
