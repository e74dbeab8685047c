"""BODS statements as a graph of who holds what in whom, with the time each interest held.

A record is known by its ``recordId``. Its statements are read by ``statementDate``, then by when
they became known: the later one replaces the earlier. Where the later one states another interest
that starts later, the earlier interest held until then: a buyer does not inherit earlier work.
The same interest with another start is a corrected date. A closing statement ends what has no end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from detector.who.interests import Interest, midnight, read_interests

PartyKind = Literal["person", "organisation", "unknown"]
Statement = Mapping[str, Any]

ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
#: The reason by which a discloser says that there is no beneficial owner, rather than an unknown.
NO_OWNER_REASON: Final = "noBeneficialOwners"


@dataclass(frozen=True)
class Party:
    """A person or organisation; ``unknown`` where a record is named but never described."""

    record_id: str
    kind: PartyKind
    name: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """One interest of ``party_id`` in ``subject_id``; no party id where the party is unspecified.

    ``unspecified_reason`` is then the reason that the discloser gave.
    """

    relationship_id: str
    subject_id: str
    party_id: str | None
    unspecified_reason: str | None
    interest: Interest

    def holds_at(self, instant: datetime) -> bool:
        """Say whether the interest holds at an instant."""
        start, end = self.interest.starts_at, self.interest.ends_at
        return (start is None or start <= instant) and (end is None or instant < end)


@dataclass(frozen=True)
class OwnershipGraph:
    """Parties by record id, and the links into each subject, at every time.

    ``kept`` holds the owners of a record once they were worked out; it is no part of the value.
    """

    parties: Mapping[str, Party]
    links_into: Mapping[str, tuple[Link, ...]]
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def party(self, record_id: str) -> Party:
        """Give a party, of kind ``unknown`` where no statement describes it."""
        return self.parties.get(record_id) or Party(record_id, "unknown", None, {})

    def links_behind(self, record_id: str) -> tuple[Link, ...]:
        """Give every link on a path to the record, at any time, in a fixed order."""
        seen, waiting, found = {record_id}, [record_id], list[Link]()
        while waiting:
            for link in self.links_into.get(waiting.pop(), ()):
                found.append(link)
                if link.party_id is not None and link.party_id not in seen:
                    seen.add(link.party_id)
                    waiting.append(link.party_id)
        return tuple(sorted(found, key=_link_order))


def build_graph(
    statements: Iterable[tuple[Statement, datetime]], as_of: datetime | None = None
) -> OwnershipGraph:
    """Build the graph from (statement, when it became known), as far as known at ``as_of``."""
    known = [pair for pair in statements if as_of is None or pair[1] <= as_of]
    records: dict[str, list[tuple[Statement, datetime]]] = {}
    for pair in known:
        record_id = pair[0].get("recordId")
        if isinstance(record_id, str):
            records.setdefault(record_id, []).append(pair)
    parties: dict[str, Party] = {}
    links: dict[str, list[Link]] = {}
    for record_id in sorted(records):
        versions = [statement for statement, _ in _in_order(records[record_id])]
        if versions[-1].get("recordType") == "relationship":
            for link in _fold(versions):
                links.setdefault(link.subject_id, []).append(link)
        else:
            parties[record_id] = _party(record_id, versions[-1])
    return OwnershipGraph(parties, {subject: tuple(each) for subject, each in links.items()})


def _in_order(
    record: list[tuple[Statement, datetime]],
) -> list[tuple[Statement, datetime]]:
    return record if len(record) == 1 else sorted(record, key=_statement_order)


def _statement_order(pair: tuple[Statement, datetime]) -> tuple[datetime, datetime, str, str]:
    statement, known_at = pair
    dated = _instant(statement.get("statementDate"))
    return dated, known_at, str(statement.get("statementId")), json.dumps(statement, sort_keys=True)


def _link_order(link: Link) -> tuple[str, str, str, str, datetime]:
    start = link.interest.starts_at or ALWAYS
    return link.subject_id, link.party_id or "", link.relationship_id, link.interest.type, start


def _instant(value: object) -> datetime:
    """Give the instant of a statement date, with its time of day where it has one."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else ALWAYS
    except ValueError:
        return ALWAYS
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _details(statement: Statement) -> Mapping[str, Any]:
    details = statement.get("recordDetails")
    return details if isinstance(details, Mapping) else {}


def _party(record_id: str, statement: Statement) -> Party:
    details = _details(statement)
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


def _fold(versions: Sequence[Statement]) -> tuple[Link, ...]:
    """Fold the statements of one relationship, earliest first, into what held when."""
    held: tuple[Link, ...] = ()
    for statement in versions:
        later = _links(statement)
        kept = (_until(link, later) for link in held)
        held = (*(link for link in kept if link is not None), *later)
        if statement.get("recordStatus") == "closed":
            held = _closed(held, midnight(statement.get("statementDate")))
    return tuple(link for link in held if not _is_empty(link.interest))


def _links(statement: Statement) -> tuple[Link, ...]:
    details = _details(statement)
    subject, party = details.get("subject"), details.get("interestedParty")
    if not isinstance(subject, str):
        return ()
    reason = None
    if not isinstance(party, str):
        stated = party.get("reason") if isinstance(party, Mapping) else None
        party, reason = None, str(stated or "unknown")
    relationship_id = str(statement["recordId"])
    return tuple(
        Link(relationship_id, subject, party, reason, interest)
        for interest in read_interests(details)
    )


def _until(link: Link, later: Sequence[Link]) -> Link | None:
    """Give what a later statement leaves of a link: up to the start of what follows it."""
    alike = [each for each in later if each.interest.type == link.interest.type] or later
    if not alike or any(_is_the_same_redated(link, each) for each in alike):
        return None
    starts = [each.interest.starts_at or ALWAYS for each in alike]
    end = min([*starts, *([link.interest.ends_at] if link.interest.ends_at else [])])
    shortened = replace(link.interest, ends_at=end)
    return None if _is_empty(shortened) else replace(link, interest=shortened)


def _is_the_same_redated(link: Link, later: Link) -> bool:
    same_parties = (link.subject_id, link.party_id) == (later.subject_id, later.party_id)
    same_end = link.interest.ends_at in {None, later.interest.ends_at}
    return same_parties and same_end and link.interest.says_the_same_as(later.interest)


def _closed(held: Sequence[Link], closed_at: datetime | None) -> tuple[Link, ...]:
    return tuple(
        link
        if link.interest.ends_at is not None
        else replace(link, interest=replace(link.interest, ends_at=closed_at))
        for link in held
    )


def _is_empty(interest: Interest) -> bool:
    end = interest.ends_at
    return end is not None and end <= (interest.starts_at or ALWAYS)
