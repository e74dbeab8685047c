"""Who owns a record, and from when to when: beneficial owners, and organisations atop a chain.

A beneficial owner is a natural person with 25 % or more, directly or indirectly, or with
substantial control (contract, and proposed 15 CFR 7.301). An organisation stands in where it tops
a chain: no organisation above it, and no beneficial owner of it disclosed. The record stands for
itself where no owner is sure. Nobody's share divides the operations. Unknown is never none: an
unknown share makes a possible owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

from detector.who.descriptions import PartyKind
from detector.who.graph import ALWAYS, NO_OWNER_REASON, Link, OwnershipGraph
from detector.who.shares import cycles_of
from detector.who.standing import Standing, Standings

#: Digits after the point to which a share is given: those that shares in cycles have.
DIGITS: Final = 12


@dataclass(frozen=True)
class Holding:
    """One owner of a record over [valid_from, valid_to); None is open.

    Shares are ratios from 0 to 1, rounded to twelve digits. ``is_below_test`` marks an organisation
    that tops a chain with less than a beneficial owner needs. ``chain`` leads from the owner to the
    record.
    """

    owner_id: str
    kind: PartyKind
    name: str | None
    share_min: float
    share_max: float
    has_control: bool
    is_owner: Literal["yes", "possible"]
    is_below_test: bool
    valid_from: datetime | None
    valid_to: datetime | None
    chain: tuple[str, ...]

    def holds_at(self, instant: datetime) -> bool:
        """Say whether the owner held the record at an instant."""
        started = self.valid_from is None or self.valid_from <= instant
        return started and (self.valid_to is None or instant < self.valid_to)


@dataclass(frozen=True)
class UnknownOwner:
    """An interest whose party the discloser did not name, with the reason given."""

    relationship_id: str
    subject_id: str
    reason: str


def owners(graph: OwnershipGraph, record_id: str) -> tuple[Holding, ...]:
    """Give every owner of a record over all time, by owner and start.

    Holdings are cut where an interest behind the record starts or ends, and joined where nothing
    about the owner changed.
    """
    if record_id not in graph.kept:
        graph.kept[record_id] = _owners(graph, record_id)
    holdings: tuple[Holding, ...] = graph.kept[record_id]
    return holdings


def _owners(graph: OwnershipGraph, record_id: str) -> tuple[Holding, ...]:
    links = graph.links_behind(record_id)
    standings = Standings(links, record_id)
    return continued(
        replace(holding, valid_from=start, valid_to=end)
        for start, end in _spans(links)
        for holding in _owners_at(graph, record_id, standings, _inside(start, end))
    )


def continued(pieces: Iterable[Holding]) -> tuple[Holding, ...]:
    """Join pieces, given in order of time, where nothing about an owner changed; by owner."""
    found: dict[str, list[Holding]] = {}
    for piece in pieces:
        held = found.setdefault(piece.owner_id, [])
        if held and _is_continued(held[-1], piece):
            held[-1] = replace(held[-1], valid_to=piece.valid_to)
        else:
            held.append(piece)
    return tuple(piece for owner_id in sorted(found) for piece in found[owner_id])


def ratio(share: Fraction) -> float:
    """Give a share as a ratio to twelve digits."""
    return round(float(share), DIGITS)


def unknown_owners(graph: OwnershipGraph, record_id: str, at: datetime) -> tuple[UnknownOwner, ...]:
    """Give the interests behind a record whose party was not named, as they held at an instant.

    A discloser's statement that there is no beneficial owner is not one of them.
    """
    return tuple(
        UnknownOwner(link.relationship_id, link.subject_id, link.unspecified_reason)
        for link in graph.links_behind(record_id)
        if link.unspecified_reason not in {None, NO_OWNER_REASON} and link.holds_at(at)
    )


def _spans(links: Sequence[Link]) -> list[tuple[datetime | None, datetime | None]]:
    """Give the stretches of time between which no interest starts or ends."""
    dates = {link.interest.starts_at for link in links} | {link.interest.ends_at for link in links}
    cuts = sorted(each for each in dates if each is not None)
    return list(zip([None, *cuts], [*cuts, None], strict=True))


def _inside(start: datetime | None, end: datetime | None) -> datetime:
    if start is not None:
        return start
    return ALWAYS if end is None else end - timedelta(milliseconds=1)


def _is_continued(earlier: Holding, later: Holding) -> bool:
    same_dates = replace(earlier, valid_from=later.valid_from, valid_to=later.valid_to)
    return earlier.valid_to == later.valid_from and same_dates == later


def _owners_at(
    graph: OwnershipGraph, record_id: str, standings: Standings, instant: datetime
) -> list[Holding]:
    """Give the owners at one instant, with open dates."""
    kinds = {each: graph.party(each).kind for each in standings.parties}
    if kinds[record_id] == "person":
        found = standings.at(instant, [record_id])
        return [_holding(graph, record_id, record_id, found[record_id])]
    people = standings.at(instant, [each for each in kinds if kinds[each] == "person"])
    owned = {subject for each in people.values() for subject in each.owned}
    below = _below_organisations(graph, standings.links, instant)
    unowned = [each for each in kinds if kinds[each] != "person" and each not in owned | below]
    tops = standings.at(instant, unowned)
    found = {each: people[each] for each in people if record_id in people[each].owned} | tops
    holdings = [_holding(graph, record_id, each, found[each]) for each in found]
    if not any(each.is_owner == "yes" for each in holdings):
        itself = standings.at(instant, [record_id])[record_id]
        holdings.append(_holding(graph, record_id, record_id, itself))
    return holdings


def _below_organisations(
    graph: OwnershipGraph, links: Sequence[Link], instant: datetime
) -> set[str]:
    """Give the subjects in which an organisation outside their own cycle has an interest."""
    edges = sorted(
        {
            (link.party_id, link.subject_id)
            for link in links
            if link.party_id is not None
            and graph.party(link.party_id).kind != "person"
            and link.holds_at(instant)
        }
    )
    group_of = {each: at for at, group in enumerate(cycles_of(edges)) for each in group}
    return {subject for party, subject in edges if group_of[party] != group_of[subject]}


def _holding(graph: OwnershipGraph, record_id: str, owner_id: str, standing: Standing) -> Holding:
    party = graph.party(owner_id)
    share = standing.shares[record_id]
    certainty = "yes" if owner_id == record_id else standing.owned.get(record_id, "no")
    return Holding(
        owner_id=owner_id,
        kind=party.kind,
        name=party.name,
        share_min=ratio(share.low),
        share_max=ratio(share.high),
        has_control=owner_id == record_id or standing.control.get(record_id) == "yes",
        is_owner="yes" if certainty == "yes" else "possible",
        is_below_test=certainty == "no",
        valid_from=None,
        valid_to=None,
        chain=standing.chain,
    )
