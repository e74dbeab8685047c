"""Shares over chains: multiplied along a chain, added over paths, cycles solved.

For one owner, the share ``x`` in every subject is the least solution of
``x_subject = sum over holders of share(holder in subject) * x_holder``, with 1 for the owner
itself and never above 1. It is solved once with the known minima and once with the known maxima,
so each bound rises with every share in it. A share declared as a total over chains is a floor of
the minimum and takes the place of the maximum; where the two disagree, the larger holds.

Fractions are exact outside cycles. A cycle is solved in floating point and rounded to 12 digits;
where companies own one another almost wholly, the last of them may be off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Final

import networkx
import numpy as np

from detector.who.cycles import least_fixed_point
from detector.who.graph import Link
from detector.who.interests import NOTHING, RANK, STEP, Certainty, Share, bound

ONE: Final = Fraction(1)
Edge = tuple[str, str]


@dataclass(frozen=True)
class Network:
    """What held at one instant: shares and control from party to subject, each pair once."""

    direct: Mapping[str, Mapping[str, Share]]  # subject to party to share
    declared: Mapping[str, Mapping[str, Share]]  # party to subject to total share over chains
    control: Mapping[Edge, Certainty]
    subjects_of: Mapping[str, tuple[str, ...]]
    components: tuple[tuple[str, ...], ...]  # groups in cycles, holders before what they hold


def network_at(links: Iterable[Link], instant: datetime) -> Network:
    """Give the network of the links that hold at an instant."""
    return network_of([link for link in links if link.holds_at(instant)])


def network_of(links: Sequence[Link]) -> Network:
    """Give the network of links that hold together; a party that is not named has no place."""
    held = [link for link in links if link.party_id is not None]
    direct: dict[str, dict[str, Share]] = {}
    declared: dict[str, dict[str, Share]] = {}
    for (party, subject), share in _pooled(held, indirect=False).items():
        direct.setdefault(subject, {})[party] = share
    for (party, subject), share in _pooled(held, indirect=True).items():
        declared.setdefault(party, {})[subject] = share
    control: dict[Edge, Certainty] = {}
    for link in held:
        edge = (str(link.party_id), link.subject_id)
        control[edge] = max(control.get(edge, "no"), link.interest.control, key=RANK.__getitem__)
    order = cycles_of(sorted(control))
    return Network(direct, declared, control, subjects_by_party(control), order)


def subjects_by_party(edges: Iterable[Edge]) -> dict[str, tuple[str, ...]]:
    """Give the subjects of each party by id, in order."""
    found: dict[str, list[str]] = {}
    for party, subject in sorted(edges):
        found.setdefault(party, []).append(subject)
    return {party: tuple(subjects) for party, subjects in found.items()}


def shares_of(network: Network, owner: str) -> dict[str, Share]:
    """Give the owner's share in itself (1) and in every subject it can reach."""
    cone = _cone(network, owner)
    declared = network.declared.get(owner, {})
    order = [
        members
        for group in network.components
        if (members := tuple(each for each in group if each in cone and each != owner))
    ]
    floors = {subject: share.low for subject, share in declared.items()}
    low: dict[str, Fraction] = {owner: ONE}
    for members in order:
        _solve(network, members, low, floors, is_high=False)
    high: dict[str, Fraction] = {owner: ONE}
    totals = {subject: max(share.high, low[subject]) for subject, share in declared.items()}
    for members in order:
        _solve(network, members, high, totals, is_high=True)
    return {subject: Share(low[subject], max(low[subject], high[subject])) for subject in cone}


def _pooled(links: Sequence[Link], *, indirect: bool) -> dict[Edge, Share]:
    """Add the shares of one type between one pair; of several types the largest counts."""
    by_type: dict[tuple[Edge, str], Share] = {}
    for link in links:
        if link.interest.is_indirect == indirect:
            key = ((str(link.party_id), link.subject_id), link.interest.type)
            by_type[key] = _sum(by_type.get(key, NOTHING), link.interest.share)
    pooled: dict[Edge, Share] = {}
    for (edge, _), share in by_type.items():
        other = pooled.get(edge, NOTHING)
        pooled[edge] = Share(max(share.low, other.low), max(share.high, other.high))
    return pooled


def _sum(one: Share, other: Share) -> Share:
    return Share(min(one.low + other.low, ONE), min(one.high + other.high, ONE))


def cycles_of(edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Give the parties in groups that hold one another, holders before what they hold."""
    edges = list(edges)
    holders: dict[str, list[str]] = {}
    for party, subject in edges:
        holders.setdefault(subject, []).append(party)
    try:
        return tuple((each,) for each in TopologicalSorter(holders).static_order())
    except CycleError:
        pass  # so it is condensed below
    condensed = networkx.condensation(networkx.DiGraph(edges))
    order = networkx.lexicographical_topological_sort(condensed)
    return tuple(tuple(sorted(condensed.nodes[each]["members"])) for each in order)


def _cone(network: Network, owner: str) -> set[str]:
    seen, waiting = {owner}, [owner]
    while waiting:
        for subject in network.subjects_of.get(waiting.pop(), ()):
            if subject not in seen:
                seen.add(subject)
                waiting.append(subject)
    return seen


def _solve(
    network: Network,
    members: Sequence[str],
    known: dict[str, Fraction],
    stated: Mapping[str, Fraction],
    *,
    is_high: bool,
) -> None:
    """Add the shares in one group to ``known``, which holds those of every holder above it."""
    inner = set(members)
    outside = {
        subject: sum(
            (
                bound(held[holder], is_high=is_high) * share
                for held in [network.direct.get(subject, {})]
                for holder, share in known.items()
                if holder in held and holder not in inner
            ),
            Fraction(0),
        )
        for subject in members
    }
    only = members[0]
    if len(members) == 1 and only not in network.direct.get(only, {}):
        total = min(outside[only], ONE)
        if only in stated:
            total = stated[only] if is_high else max(total, stated[only])
        known[only] = total
        return
    held = np.array(
        [
            [float(bound(_direct(network, holder, subject), is_high=is_high)) for holder in members]
            for subject in members
        ]
    )
    floor = np.array([float(stated.get(subject, 0)) for subject in members])
    ceiling = np.array([float(stated.get(subject, 1)) if is_high else 1.0 for subject in members])
    entering = np.array([float(outside[subject]) for subject in members])
    found = least_fixed_point(held, entering, floor, ceiling)
    if found is None:
        found = ceiling if is_high else floor
    for subject, value in zip(members, found, strict=True):
        known[subject] = min(max(round(Fraction(float(value)) / STEP) * STEP, Fraction(0)), ONE)


def _direct(network: Network, holder: str, subject: str) -> Share:
    return network.direct.get(subject, {}).get(holder, NOTHING)
