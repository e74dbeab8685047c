"""Which parties decide a question about a customer, and the chain by which each of them does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from detector.ownership.chart import Question
from detector.policy.tables import CountryTable
from detector.who.graph import Link, OwnershipGraph, Party
from detector.who.interests import Certainty
from detector.who.ownership import Holding, owners, unknown_owners
from detector.who.places import is_government, own_status
from detector.who.shares import Network, network_at
from detector.who.standing import strongest_chain
from detector.who.status import headquarters, record_status

#: Nobody is listed, as far as any screening says.
NOBODY: Final[Mapping[str, Certainty]] = {}


@dataclass(frozen=True)
class Chain:
    """A path from a party down to the customer, and the question that it decides.

    ``is_open_above``: what decides is that nobody knows who stands above its first party.
    """

    question: Question
    path: tuple[str, ...]
    is_open_above: bool = False


def status_chains(
    record_id: str, graph: OwnershipGraph, at: datetime, table: CountryTable
) -> tuple[Chain, ...]:
    """Give the chains of whoever decides the person status of a customer.

    Foreign: the customer, or each sure foreign owner. Us: everybody, for all must be. Undetermined:
    whoever leaves it open, and each subject with an owner that is not named.
    """
    status = record_status(record_id, graph, at, table).status
    own = own_status(graph.party(record_id, at), table).status
    found: list[tuple[str, ...]] = [(record_id,)] if own == status else []
    if graph.party(record_id, at).kind == "person":
        return _chains("person_status", found)
    held = _owners_at(graph, record_id, at)
    found += [
        each.chain
        for each in held
        if each.owner_id != record_id
        and _decides(each, status, graph.party(each.owner_id, at), table)
    ]
    if status != "undetermined":
        return _chains("person_status", found)
    network = network_at(graph.links_behind(record_id), at)
    unnamed = [each.subject_id for each in unknown_owners(graph, record_id, at)]
    opened = [chain(network, each, record_id) for each in sorted(set(unnamed))]
    opened += [
        each.chain
        for each in held
        if each.kind != "person" and not is_government(graph.party(each.owner_id, at))
    ]
    return (
        *_chains("person_status", found),
        *(Chain("person_status", path, is_open_above=True) for path in opened if path),
    )


def headquarters_chains(
    record_id: str, graph: OwnershipGraph, at: datetime, table: CountryTable
) -> tuple[Chain, ...]:
    """Give the chains of the customer and its ultimate parents whose place is in a named group."""
    network = network_at(graph.links_behind(record_id), at)
    named = (
        each.record_id
        for each in headquarters(record_id, graph, at, table)
        if each.country is not None and _is_named(each.country, table, at)
    )
    return _chains("headquarters", [chain(network, each, record_id) for each in named])


def listed_chains(
    record_id: str, links: Iterable[Link], at: datetime, listed: Mapping[str, Certainty]
) -> tuple[Chain, ...]:
    """Give the chains of the listed parties behind a customer, itself included."""
    network = network_at(links, at)
    known = {party for party, _ in network.control} | {record_id}
    named = sorted(each for each in known if listed.get(each, "no") != "no")
    return _chains("listed", [chain(network, each, record_id) for each in named])


def owner_chains(
    record_id: str, graph: OwnershipGraph, owner_id: str, span: tuple[datetime, datetime]
) -> tuple[Chain, ...]:
    """Give the chains by which a customer's work counts for one owner, at any time of a span.

    A person who may be an owner has no sum, so no such chain.
    """
    first, last = span
    return _chains(
        "owner",
        [
            held.chain
            for held in owners(graph, record_id)
            if held.owner_id == owner_id
            and (held.is_owner == "yes" or held.kind != "person")
            and (held.valid_from is None or held.valid_from < last)
            and (held.valid_to is None or held.valid_to > first)
        ],
    )


def chain(network: Network, party: str, record_id: str) -> tuple[str, ...]:
    """Give the strongest path from a party to a record; empty where there is none."""
    if party == record_id:
        return (record_id,)
    path = strongest_chain(network, party, record_id)
    return path if all(pair in network.control for pair in pairwise(path)) else ()


def _is_named(country: str, table: CountryTable, at: datetime) -> bool:
    groups = {group.id for group in table.groups}
    is_member = any(table.is_member(country, group, at.date()) for group in groups)
    return is_member or country in table.named_beside


def _owners_at(graph: OwnershipGraph, record_id: str, at: datetime) -> list[Holding]:
    held = (each for each in owners(graph, record_id) if each.holds_at(at))
    return [each for each in held if not each.is_below_test]


def _decides(held: Holding, status: str, party: Party, table: CountryTable) -> bool:
    own = own_status(party, table).status
    if status == "undetermined":
        return own != "us"
    return own == status and held.is_owner == "yes"


def _chains(question: Question, paths: Iterable[tuple[str, ...]]) -> tuple[Chain, ...]:
    return tuple(Chain(question, path) for path in paths if path)
