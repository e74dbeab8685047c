"""What one party has in every subject at one instant, and the chain that leads to a record.

What a party has depends only on the links that can be reached from it, so an answer is kept for
each set of those links that held together: a change elsewhere costs nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final, Literal

from detector.who.control import controlled_by
from detector.who.graph import Link
from detector.who.interests import NOTHING, Certainty, Share
from detector.who.shares import Network, network_of, shares_of

#: The share from which a natural person is a beneficial owner; the contract fixes it.
BENEFICIAL_OWNER_SHARE_GE: Final = Fraction(1, 4)

#: What a link weighs on the way of a chain where it has neither share nor control.
WEAKEST: Final = Fraction(1, 10**9)


@dataclass(frozen=True)
class Standing:
    """Shares and control of one party; ``owned`` are the subjects that pass the owner test.

    ``chain`` is the strongest path to the record that was asked about.
    """

    shares: Mapping[str, Share]
    control: Mapping[str, Certainty]
    owned: Mapping[str, Literal["yes", "possible"]]
    chain: tuple[str, ...]


class Standings:
    """The standings behind one record at any instant."""

    def __init__(self, links: Sequence[Link], record_id: str) -> None:
        self.links = links
        self._record_id = record_id
        self._reach = _reach(links, record_id)
        self.parties = tuple(self._reach)
        self._kept: dict[tuple[str, tuple[int, ...]], Standing] = {}
        self._networks: dict[tuple[int, ...], Network] = {}

    def at(self, instant: datetime, parties: Iterable[str]) -> dict[str, Standing]:
        """Give the standing of those of the parties that have a way to the record, by id."""
        holds = [link.holds_at(instant) for link in self.links]
        found = {
            party: self._standing(party, tuple(at for at in self._reach[party] if holds[at]))
            for party in parties
        }
        return {party: each for party, each in found.items() if self._record_id in each.shares}

    def _standing(self, party: str, held: tuple[int, ...]) -> Standing:
        key = (party, held)
        if key not in self._kept:
            if held not in self._networks:
                self._networks[held] = network_of([self.links[at] for at in held])
            self._kept[key] = standing_of(self._networks[held], party, self._record_id)
        return self._kept[key]


def standing_of(network: Network, party: str, record_id: str) -> Standing:
    """Give what a party has in the subjects of a network."""
    shares, control = shares_of(network, party), controlled_by(network, party)
    owned: dict[str, Literal["yes", "possible"]] = {}
    for subject, share in shares.items():
        held = control.get(subject, "no")
        if share.low >= BENEFICIAL_OWNER_SHARE_GE or held == "yes":
            owned[subject] = "yes"
        elif share.high >= BENEFICIAL_OWNER_SHARE_GE or held == "possible":
            owned[subject] = "possible"
    return Standing(shares, control, owned, strongest_chain(network, party, record_id))


def _reach(links: Sequence[Link], record_id: str) -> dict[str, tuple[int, ...]]:
    """Give, for the record and every party behind it, the links reached from it at any time."""
    links_of: dict[str, list[int]] = {record_id: []}
    for at, link in enumerate(links):
        if link.party_id is not None:
            links_of.setdefault(link.party_id, []).append(at)
    return {party: _links_from(party, links, links_of) for party in sorted(links_of)}


def _links_from(
    party: str, links: Sequence[Link], links_of: Mapping[str, Sequence[int]]
) -> tuple[int, ...]:
    seen, waiting, found = {party}, [party], list[int]()
    while waiting:
        for at in links_of.get(waiting.pop(), ()):
            found.append(at)
            if links[at].subject_id not in seen:
                seen.add(links[at].subject_id)
                waiting.append(links[at].subject_id)
    return tuple(sorted(found))


def strongest_chain(network: Network, owner_id: str, record_id: str) -> tuple[str, ...]:
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
