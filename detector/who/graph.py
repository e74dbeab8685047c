"""BODS statements as a graph of who holds what in whom, with the time each interest held.

A record is known by its ``recordId``. Its statements are read by ``statementDate``, then by when
they became known, then by their publication: the later one replaces the earlier. Where it states
another interest that starts later, the earlier interest held until then: a buyer does not inherit
earlier work. The same interest with another start is a corrected date, and a statement annotated as
a correction takes the place of the one before it. A closing statement ends what has no end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from detector.who.descriptions import (
    ALWAYS,
    Description,
    Party,
    Statement,
    dated,
    descriptions,
    details_of,
    instant_of,
    is_correction,
)
from detector.who.interests import Interest, midnight, read_interests

__all__ = [
    "ALWAYS",
    "NO_OWNER_REASON",
    "Link",
    "OwnershipGraph",
    "Party",
    "Statement",
    "build_graph",
]

#: The reason by which a discloser says that there is no beneficial owner, rather than an unknown.
NO_OWNER_REASON: Final = "noBeneficialOwners"


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
    """Parties by record id as last described, and the links into each subject, at every time.

    ``described``: how parties were described over time, of those with several descriptions.
    ``kept`` holds the owners of a record once they were worked out; it is no part of the value.
    """

    parties: Mapping[str, Party]
    links_into: Mapping[str, tuple[Link, ...]]
    described: Mapping[str, tuple[Description, ...]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def party(self, record_id: str, at: datetime | None = None) -> Party:
        """Give a party as described at an instant, or last; ``unknown`` where nothing does."""
        if at is not None and record_id in self.described:
            return self.described[record_id][self.version(record_id, at)][1]
        return self.parties.get(record_id) or Party(record_id, "unknown", None, {})

    def called(self, record_id: str, at: datetime | None = None) -> str:
        """Call a party by its name, with its id; by the id alone where no name is on file."""
        name = self.party(record_id, at).name
        return f"{name} ({record_id})" if name and name != record_id else record_id

    def version(self, record_id: str, at: datetime) -> int:
        """Say which description of a party holds at an instant, counted from 0."""
        later = self.described.get(record_id, ())[1:]
        return sum(start <= at for start, _ in later)

    def descriptions(self, record_id: str) -> tuple[Party, ...]:
        """Give everything that a party was said to be, the last first."""
        if record_id in self.described:
            return tuple(each for _, each in reversed(self.described[record_id]))
        return (self.party(record_id),)

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
    described: dict[str, tuple[Description, ...]] = {}
    links: dict[str, list[Link]] = {}
    for record_id in sorted(records):
        versions = [statement for statement, _ in _in_order(records[record_id])]
        if versions[-1].get("recordType") == "relationship":
            for link in _fold(versions):
                links.setdefault(link.subject_id, []).append(link)
        else:
            told = descriptions(record_id, versions)
            parties[record_id] = told[-1][1]
            if len(told) > 1:
                described[record_id] = told
    into = {subject: tuple(each) for subject, each in links.items()}
    return OwnershipGraph(parties, into, described)


def _in_order(
    record: list[tuple[Statement, datetime]],
) -> list[tuple[Statement, datetime]]:
    return record if len(record) == 1 else sorted(record, key=_statement_order)


def _statement_order(
    pair: tuple[Statement, datetime],
) -> tuple[datetime, datetime, datetime, bool, str, str]:
    """Order by what a statement says; one day's corrections come last, however they arrived."""
    statement, known_at = pair
    published = statement.get("publicationDetails")
    published_at = published.get("publicationDate") if isinstance(published, Mapping) else None
    return (
        instant_of(statement.get("statementDate")),
        known_at,
        instant_of(published_at),
        is_correction(statement),
        str(statement.get("statementId")),
        json.dumps(statement, sort_keys=True),
    )


def _link_order(link: Link) -> tuple[str, str, str, str, datetime]:
    start = link.interest.starts_at or ALWAYS
    return link.subject_id, link.party_id or "", link.relationship_id, link.interest.type, start


def _fold(versions: Sequence[Statement]) -> tuple[Link, ...]:
    """Fold the statements of one relationship, earliest first, into what held when."""
    held: tuple[Link, ...] = ()
    for _, statement in dated(versions):
        later = _links(statement)
        kept = (_until(link, later) for link in held)
        held = (*(link for link in kept if link is not None), *later)
        if statement.get("recordStatus") == "closed":
            held = _closed(held, midnight(statement.get("statementDate")))
    return tuple(link for link in held if not _is_empty(link.interest))


def _links(statement: Statement) -> tuple[Link, ...]:
    details = details_of(statement)
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
