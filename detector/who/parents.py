"""The ultimate parents of a record: who controls it and has no sure parent itself.

Whoever has a sure parent outside its own cycle is no ultimate one, and that parent controls all
that it controls. So the walk looks at those alone who stand at the top as far as single links say,
and a long chain costs no more than its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from detector.who.control import HALF, closure
from detector.who.interests import RANK
from detector.who.shares import Edge, Network

Sure = Literal["yes", "possible"]


def ultimate_parents(
    network: Network, record_id: str, is_asked: Callable[[str], bool]
) -> dict[str, Sure]:
    """Give each ultimate parent, by id, and how surely it controls the record or has over half.

    ``is_asked`` says which parties are asked about: persons are no parents. An ultimate parent is
    controlled for sure by nobody asked about, but by those that it may control in turn.
    """
    asked = {party for party, _ in network.control if party != record_id and is_asked(party)}
    group_of = {each: at for at, group in enumerate(network.components) for each in group}
    tops = asked - _held_from_above(network, asked, group_of)
    below = {each: closure(network, each, "yes") for each in sorted(tops)}
    near = _reached(network, record_id)
    parents: dict[str, Sure] = {}
    for each, controlled in below.items():
        if record_id in controlled:
            parents[each] = "yes"
        elif each in near or record_id in closure(network, each, "possible"):
            parents[each] = "possible"
    higher = _higher(below, parents)
    return {
        each: certainty
        for each, certainty in parents.items()
        if _controls_in_turn(network, each, higher.get(each, []), group_of)
    }


def _held_from_above(network: Network, asked: Iterable[str], group_of: dict[str, int]) -> set[str]:
    """Give the parties that one link from outside their cycle puts under a sure parent.

    A total declared over chains is the holder's alone, so whoever has one is looked at itself.
    """
    known = set(asked)
    return {
        subject
        for party, subject in network.control
        if party in known
        and subject not in network.declared
        and group_of[party] != group_of[subject]
        and _is_control(network, (party, subject), "yes")
    }


def _reached(network: Network, record_id: str) -> set[str]:
    """Give who may control a record by links each of which may be control by itself."""
    found, waiting = {record_id}, [record_id]
    holders: dict[str, list[str]] = {}
    for party, subject in network.control:
        holders.setdefault(subject, []).append(party)
    while waiting:
        subject = waiting.pop()
        for party in holders.get(subject, ()):
            if party not in found and _is_control(network, (party, subject), "possible"):
                found.add(party)
                waiting.append(party)
    return found


def _is_control(network: Network, edge: Edge, least: Sure) -> bool:
    """Say whether one link is control by itself, as surely as this."""
    if RANK[network.control[edge]] >= RANK[least]:
        return True
    share = network.direct.get(edge[1], {}).get(edge[0])
    if share is None:
        return False
    return share.low > HALF if least == "yes" else share.high >= HALF


def _higher(below: dict[str, set[str]], parents: dict[str, Sure]) -> dict[str, list[str]]:
    """Give the parents that control a parent for sure, by the parent below."""
    found: dict[str, list[str]] = {}
    for other in parents:
        for each in below[other] & parents.keys():
            found.setdefault(each, []).append(other)
    return found


def _controls_in_turn(
    network: Network, party: str, higher: list[str], group_of: dict[str, int]
) -> bool:
    """Say whether a party may control all of those above it: then both are at the top."""
    if any(group_of[other] != group_of[party] for other in higher):
        return False
    controlled = closure(network, party, "possible") if higher else set()
    return all(other in controlled for other in higher)
