"""The life of a record: new, updated, closed, always the same person, entity or relationship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detector.bods.problems import Place, Problem

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """What is kept of a record: what its last statement said, and where its first one stood.

    ``ends`` are subject and interested party of a relationship, None where they are not named.
    """

    kind: str
    subtype: str | None
    status: str | None
    dated: str
    ends: tuple[str | None, str | None]
    is_component: bool
    place: Place
    order: int

    def followed_by(self, later: Record) -> Record:
        """Give the record once a later statement of it was seen."""
        return replace(later, place=self.place, order=self.order)


def record_of(statement: Statement, place: Place, order: int) -> Record | None:
    """Read what is kept of a statement; None where it does not say which record it is about."""
    details = statement.get("recordDetails")
    record_id, kind = statement.get("recordId"), statement.get("recordType")
    if not (isinstance(record_id, str) and isinstance(kind, str) and isinstance(details, Mapping)):
        return None
    entity = details.get("entityType")
    return Record(
        kind=kind,
        subtype=_text(entity.get("subtype")) if isinstance(entity, Mapping) else None,
        status=_text(statement.get("recordStatus")),
        dated=str(statement.get("statementDate")),
        ends=(_text(details.get("subject")), _text(details.get("interestedParty"))),
        is_component=details.get("isComponent") is True,
        place=place,
        order=order,
    )


def life(known: Record | None, record: Record, place: Place, root: str) -> Iterator[Problem]:
    """Hold a statement against the earlier ones of its record, None where it is the first."""
    if record.kind == "relationship" and record.ends[0] is not None:
        yield from _itself(record, place, root)
    if known is None:
        yield from _first(record, place, root)
        return
    yield from _status(known, record, place, root)
    if record.kind != known.kind:
        expected, advice = f"the {known.kind} of {known.place.text()}", "use another recordId"
        yield Problem(place, f"{root}/recordType", expected, f"'{record.kind}'", advice)
    elif record.kind == "relationship" and record.ends != known.ends:
        expected = "the subject and the interested party of the earlier statements"
        advice = "close this record and open one for the other party"
        yield Problem(place, f"{root}/recordDetails", expected, "others", advice)
    if record.dated < known.dated:
        expected, advice = f"a day from {known.dated} on", "put statements in the order of time"
        path = f"{root}/statementDate"
        yield Problem(place, path, expected, f"'{record.dated}'", advice, is_note=True)


def _first(record: Record, place: Place, root: str) -> Iterator[Problem]:
    if record.status in ("updated", "closed"):
        expected, advice = "'new' in a record's first statement", "give its history too"
        path, found = f"{root}/recordStatus", f"'{record.status}'"
        yield Problem(place, path, expected, found, advice, is_note=True)


def _status(known: Record, record: Record, place: Place, root: str) -> Iterator[Problem]:
    before = f"that of {known.place.text()}"
    if known.status == "closed":
        advice = "open a record of its own; recordIds are not used again"
        expected = "no statement after the one that closed the record"
        yield Problem(place, f"{root}/recordId", expected, f"one more, first {before}", advice)
    elif record.status == "new":
        expected, advice = f"'updated' or 'closed' after {before}", "correct it"
        yield Problem(place, f"{root}/recordStatus", expected, "'new' again", advice)


def _itself(record: Record, place: Place, root: str) -> Iterator[Problem]:
    if record.ends[0] == record.ends[1]:
        expected, advice = "another record than the subject", "a holding of itself makes no owner"
        path = f"{root}/recordDetails/interestedParty"
        yield Problem(place, path, expected, "the subject", advice, is_note=True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
