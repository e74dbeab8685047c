"""What a person or an organisation was said to be, and from when on.

A description holds from the date of its statement until the next; the first also covers what came
before. A statement that corrects another takes its place and its date. A closing statement ends a
record and describes nothing new, unless nothing else describes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

PartyKind = Literal["person", "organisation", "unknown"]
Statement = Mapping[str, Any]

ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
#: The motivation of an annotation by which a publisher says that an error was put right.
CORRECTING: Final = "correcting"


@dataclass(frozen=True)
class Party:
    """A person or organisation; ``unknown`` where a record is named but never described."""

    record_id: str
    kind: PartyKind
    name: str | None
    details: Mapping[str, Any]


#: A party as it was described, and from when on.
Description = tuple[datetime, Party]


def descriptions(record_id: str, versions: Sequence[Statement]) -> tuple[Description, ...]:
    """Give what a record was said to be, earliest first, from its statements in order."""
    kind = versions[-1].get("recordType")
    alike = [each for each in versions if each.get("recordType") == kind]
    telling = [each for each in alike if each.get("recordStatus") != "closed"] or alike
    found = {at: _party(record_id, statement) for at, statement in dated(telling)}
    return tuple(found.items())


def dated(versions: Sequence[Statement]) -> list[tuple[datetime, Statement]]:
    """Give statements of one record, in order, with the date from which each counts.

    A statement that corrects the one before it stands in its place, and counts from its date.
    """
    found: list[tuple[datetime, Statement]] = []
    for statement in versions:
        if found and corrects(statement, found[-1][1]):
            found[-1] = (found[-1][0], statement)
        else:
            found.append((instant_of(statement.get("statementDate")), statement))
    return found


def corrects(statement: Statement, earlier: Statement) -> bool:
    """Say whether a statement puts an error of the one before it right.

    It then carries an annotation of that motivation which the earlier one does not have: an
    annotation that publishers repeat corrects nothing again.
    """
    known = _corrections(earlier)
    return any(each not in known for each in _corrections(statement))


def is_correction(statement: Statement) -> bool:
    """Say whether a statement carries an annotation that something was put right."""
    return bool(_corrections(statement))


def instant_of(value: object) -> datetime:
    """Give the instant of a statement date, with its time of day where it has one."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else ALWAYS
    except ValueError:
        return ALWAYS
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def details_of(statement: Statement) -> Mapping[str, Any]:
    """Give the details of a statement; none where it has no object there."""
    details = statement.get("recordDetails")
    return details if isinstance(details, Mapping) else {}


def _corrections(statement: Statement) -> list[Mapping[str, Any]]:
    stated = statement.get("annotations")
    listed = stated if isinstance(stated, list) else []
    objects = [each for each in listed if isinstance(each, Mapping)]
    return [each for each in objects if each.get("motivation") == CORRECTING]


def _party(record_id: str, statement: Statement) -> Party:
    details = details_of(statement)
    if statement.get("recordType") == "person":
        return Party(record_id, "person", _person_name(details), details)
    name = details.get("name")
    return Party(record_id, "organisation", name if isinstance(name, str) else None, details)


def _person_name(details: Mapping[str, Any]) -> str | None:
    names = details.get("names")
    listed = names if isinstance(names, list) else []
    given = [each for each in listed if isinstance(each, Mapping) and each.get("fullName")]
    legal = [each for each in given if each.get("type") == "legal"]
    return next((str(each["fullName"]) for each in legal + given), None)
