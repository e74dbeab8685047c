"""The four ownership tests, each by its own arithmetic, over one graph at one instant.

One number cannot serve them: a beneficial owner's shares multiply and control counts (proposed
15 CFR 7.301); the 50 % rules go down links of half or more and know no control; the outbound rules
do both by halves; headquarters follow control to the top. The graph says what was known
(``build_graph`` takes the instant of knowledge), ``at`` is the instant at which it held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from detector.policy.tables import CountryTable
from detector.who.answers import Answer, Flip, Step, certainty_of
from detector.who.cascade import cascade, steps_to, surely
from detector.who.control import HALF, controlled_by
from detector.who.flips import link_flips, stake_flips
from detector.who.graph import NO_OWNER_REASON, Link, OwnershipGraph
from detector.who.interests import NOTHING, Certainty, Share
from detector.who.listed import ListedParties
from detector.who.outbound import held_by_country_of_concern
from detector.who.shares import Network, network_of, shares_of
from detector.who.stakes import Owned, Stakes, stakes_of
from detector.who.standing import BENEFICIAL_OWNER_SHARE_GE, strongest_chain
from detector.who.status import Headquarters, headquarters

__all__ = [
    "beneficial_owner",
    "headquarters_walk",
    "held_by_country_of_concern",
    "owned_by_listed",
]


def beneficial_owner(
    graph: OwnershipGraph,
    record_id: str,
    person_id: str,
    at: datetime,
    share_ge: Fraction = BENEFICIAL_OWNER_SHARE_GE,
) -> Answer:
    """Say whether a natural person is a beneficial owner of a record: 25 %, or control.

    Shares multiply along a chain and add over paths. An organisation never is one; a record that
    no statement describes may be.
    """
    kind = graph.party(person_id, at).kind
    links = _links_at(graph, record_id, at)
    if kind == "organisation" or person_id == record_id:
        return Answer("no")
    network = network_of(links)
    certainty, share = _personal(network, person_id, record_id, share_ge)
    if certainty == "no":
        return Answer("no", share)
    chain = _steps(network, strongest_chain(network, person_id, record_id))
    if kind != "person":
        return Answer("possible", share, (person_id,), chain)
    found: tuple[Flip, ...] = ()
    if certainty == "possible":
        found = link_flips(
            links,
            lambda held: _personal(network_of(held), person_id, record_id, share_ge)[0] == "yes",
        )
    return Answer(certainty, share, (person_id,), chain, found)


def _personal(
    network: Network, person_id: str, record_id: str, share_ge: Fraction
) -> tuple[Certainty, Share]:
    share = shares_of(network, person_id).get(record_id, NOTHING)
    control = controlled_by(network, person_id).get(record_id, "no")
    certainty = certainty_of(
        is_sure=share.low >= share_ge or control == "yes",
        is_possible=share.high >= share_ge or control == "possible",
    )
    return certainty, share


def _steps(network: Network, path: Sequence[str]) -> tuple[Step, ...]:
    """Give the links of a path, each with the direct share, else the declared total."""
    return tuple(
        Step(
            party,
            subject,
            network.direct.get(subject, {}).get(
                party, network.declared.get(party, {}).get(subject, NOTHING)
            ),
            network.control[party, subject],
        )
        for party, subject in pairwise(path)
    )


def owned_by_listed(
    graph: OwnershipGraph,
    record_id: str,
    listed: ListedParties,
    at: datetime,
    share_ge: Fraction,
) -> Answer:
    """Say whether listed parties own a record by the 50 % rule, all together.

    ``share_ge`` is the share of the instrument, a ratio. ``parties`` are the listed that count in
    the upper bound. An owner that is not named may be a listed one, and makes it possible.
    """
    stakes = stakes_of(_links_at(graph, record_id, at))
    sure, may_be = surely(listed, "yes"), surely(listed, "possible") | stakes.unnamed
    low = cascade(stakes, sure, share_ge, record_id, is_high=False)
    high = cascade(stakes, may_be, share_ge, record_id, is_high=True)
    share = Share(low.share(stakes, record_id).low, high.share(stakes, record_id).high)
    certainty = certainty_of(is_sure=share.low >= share_ge, is_possible=share.high >= share_ge)
    chain = steps_to(stakes, low if certainty == "yes" else high, record_id)
    parties = {step.party_id for step in chain if step.party_id in listed}

    def is_yes(owned: Owned, assumed: frozenset[str]) -> bool:
        held = Stakes(owned, stakes.subjects_of, stakes.unnamed)
        counted = cascade(held, sure | assumed, share_ge, record_id, is_high=False)
        return counted.share(held, record_id).low >= share_ge

    found: tuple[Flip, ...] = ()
    if certainty == "possible":
        unsure = {each for each in surely(listed, "possible") - sure if each != record_id}
        found = stake_flips(stakes.owned, stakes.unnamed, unsure, is_yes)
    return Answer(certainty, share, tuple(sorted(parties)), chain, found)


def headquarters_walk(
    graph: OwnershipGraph,
    record_id: str,
    at: datetime,
    is_named: Callable[[str], bool],
    table: CountryTable,
) -> Answer:
    """Say whether a record or an ultimate parent of it is headquartered in a named place.

    ``is_named`` takes an ISO 3166-1 alpha-2 code, Hong Kong already counted as China. No share is
    asked for: a parent controls. A place that is not on record, and an owner that is not named and
    may control, make it possible. ``parties`` are the records that lie there, or may.
    """
    links = _links_at(graph, record_id, at)

    def places(held: Sequence[Link]) -> tuple[Headquarters, ...]:
        return headquarters(record_id, _with_links(graph, held), at, table)

    def is_there(each: Headquarters) -> bool:
        return each.country is not None and is_named(each.country)

    def is_yes(held: Sequence[Link]) -> bool:
        return any(is_there(each) and each.certainty == "yes" for each in places(held))

    found = places(links)
    sure = [each.record_id for each in found if is_there(each) and each.certainty == "yes"]
    open_ones = [each.record_id for each in found if is_there(each) or each.country is None]
    unnamed = [link for link in links if link.party_id is None and _may_be_parent(link)]
    certainty = certainty_of(is_sure=bool(sure), is_possible=bool(open_ones or unnamed))
    parties = tuple(sure or open_ones)
    network = network_of(links)
    chain = [
        step
        for party in parties
        if party != record_id
        for step in _steps(network, strongest_chain(network, party, record_id))
    ]
    flipped = link_flips(links, is_yes) if certainty == "possible" else ()
    return Answer(certainty, NOTHING, parties, tuple(dict.fromkeys(chain)), flipped)


def _may_be_parent(link: Link) -> bool:
    """Say whether an owner that is not named may control, or have more than half."""
    may_control = link.interest.control != "no" or link.interest.share.high > HALF
    return may_control and link.unspecified_reason != NO_OWNER_REASON


def _with_links(graph: OwnershipGraph, links: Sequence[Link]) -> OwnershipGraph:
    into: dict[str, tuple[Link, ...]] = {}
    for link in links:
        into[link.subject_id] = (*into.get(link.subject_id, ()), link)
    return OwnershipGraph(graph.parties, into, graph.described)


def _links_at(graph: OwnershipGraph, record_id: str, at: datetime) -> list[Link]:
    return [link for link in graph.links_behind(record_id) if link.holds_at(at)]
