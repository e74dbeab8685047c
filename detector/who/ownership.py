"""Who owns a record, and from when to when: beneficial owners, and organisations atop a chain.

A beneficial owner is a natural person with 25 % or more, directly or indirectly, or with
substantial control (contract, and proposed 15 CFR 7.301). An organisation stands in where it tops
a chain: no organisation above it, and no beneficial owner of it disclosed. Nobody's share divides
the operations. Unknown is never none: an unknown share makes a possible owner.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

from detector.who.control import controlled_by
from detector.who.graph import ALWAYS, NO_OWNER_REASON, Link, OwnershipGraph, PartyKind
from detector.who.interests import NOTHING, Certainty, Share
from detector.who.shares import Network, network_at, shares_of

#: The share from which a natural person is a beneficial owner; the contract fixes it.
BENEFICIAL_OWNER_SHARE_GE: Final = Fraction(1, 4)

#: What a link weighs on the way of a chain where it has neither share nor control.
WEAKEST: Final = Fraction(1, 10**9)


@dataclass(frozen=True)
class Holding:
    """One owner of a record over [valid_from, valid_to); None is open.

    Shares are ratios from 0 to 1. ``is_below_test`` marks an organisation that tops a chain with
    less than a beneficial owner needs. ``chain`` leads from the owner to the record.
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
    links = graph.links_behind(record_id)
    found: dict[str, list[Holding]] = {}
    for start, end in _spans(links):
        for holding in _owners_at(graph, record_id, network_at(links, _inside(start, end))):
            pieces = found.setdefault(holding.owner_id, [])
            piece = replace(holding, valid_from=start, valid_to=end)
            if (
                pieces
                and replace(pieces[-1], valid_from=start, valid_to=end) == piece
                and (pieces[-1].valid_to == start)
            ):
                pieces[-1] = replace(pieces[-1], valid_to=end)
            else:
                pieces.append(piece)
    return tuple(piece for owner_id in sorted(found) for piece in found[owner_id])


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


@dataclass(frozen=True)
class _Standing:
    """What one party has in each subject at one instant."""

    shares: Mapping[str, Share]
    control: Mapping[str, Certainty]

    def is_owner_of(self, subject: str) -> Certainty:
        share = self.shares.get(subject, NOTHING)
        control = self.control.get(subject, "no")
        if share.low >= BENEFICIAL_OWNER_SHARE_GE or control == "yes":
            return "yes"
        if share.high >= BENEFICIAL_OWNER_SHARE_GE or control == "possible":
            return "possible"
        return "no"


def _owners_at(graph: OwnershipGraph, record_id: str, network: Network) -> list[Holding]:
    """Give the owners at one instant, with open dates."""
    kinds = {
        each: graph.party(each).kind for group in network.components for each in (*group, record_id)
    } or {record_id: graph.party(record_id).kind}
    standings = {
        party: standing
        for party in sorted(kinds)
        if record_id in (standing := _standing(network, party)).shares
    }
    if kinds[record_id] == "person":
        return [_holding(graph, record_id, network, record_id, standings[record_id])]
    people = [each for each in standings if kinds[each] == "person"]
    owned = {
        subject
        for each in people
        for subject in standings[each].shares
        if standings[each].is_owner_of(subject) != "no"
    }
    above = _organisations_above(network, kinds)
    tops = [
        each
        for each in standings
        if kinds[each] != "person" and each not in owned and each not in above
    ]
    found = [each for each in people if standings[each].is_owner_of(record_id) != "no"] + tops
    return [
        _holding(graph, record_id, network, each, standings[each]) for each in found or [record_id]
    ]


def _standing(network: Network, party: str) -> _Standing:
    return _Standing(shares_of(network, party), controlled_by(network, party))


def _organisations_above(network: Network, kinds: Mapping[str, PartyKind]) -> set[str]:
    """Give the subjects in which an organisation outside their own cycle has an interest."""
    group_of = {each: number for number, group in enumerate(network.components) for each in group}
    return {
        subject
        for party, subject in network.control
        if kinds[party] != "person" and group_of[party] != group_of[subject]
    }


def _holding(
    graph: OwnershipGraph, record_id: str, network: Network, owner_id: str, standing: _Standing
) -> Holding:
    party = graph.party(owner_id)
    share = standing.shares[record_id]
    certainty = "yes" if owner_id == record_id else standing.is_owner_of(record_id)
    return Holding(
        owner_id=owner_id,
        kind=party.kind,
        name=party.name,
        share_min=float(share.low),
        share_max=float(share.high),
        has_control=owner_id == record_id or standing.control.get(record_id) == "yes",
        is_owner="yes" if certainty == "yes" else "possible",
        is_below_test=certainty == "no",
        valid_from=None,
        valid_to=None,
        chain=_strongest_chain(network, owner_id, record_id),
    )


def _strongest_chain(network: Network, owner_id: str, record_id: str) -> tuple[str, ...]:
    """Give the path whose weights multiply to most; of equals the shortest, then the first."""
    waiting: list[tuple[Fraction, int, tuple[str, ...]]] = [(Fraction(-1), 1, (owner_id,))]
    seen: set[str] = set()
    while waiting:
        weight, length, path = heapq.heappop(waiting)
        if path[-1] == record_id:
            return path
        if path[-1] in seen:
            continue
        seen.add(path[-1])
        for subject in network.subjects_of.get(path[-1], ()):
            if subject not in seen:
                step = weight * _weight(network, path[-1], subject)
                heapq.heappush(waiting, (step, length + 1, (*path, subject)))
    return (owner_id, record_id)


def _weight(network: Network, party: str, subject: str) -> Fraction:
    by_control = {"yes": Fraction(1), "possible": Fraction(1, 2), "no": WEAKEST}
    direct = network.direct.get(subject, {}).get(party, NOTHING)
    declared = network.declared.get(party, {}).get(subject, NOTHING)
    return max(direct.high, declared.high, by_control[network.control[party, subject]])
