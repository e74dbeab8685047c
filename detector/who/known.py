"""The ownership statements known so far, by component: what is new re-reads what it touches alone.

A component is everybody whom links join, at any time, in any direction. A statement touches the
component of the record that it describes, and those of the parties that its links join. Owners
that were worked out in any other component are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from detector.who.graph import Link, OwnershipGraph, Statement, build_graph

Told = tuple[Statement, datetime]


@dataclass(frozen=True)
class KnownOwnership:
    """All statements by record, their graph, and the component of each record that has links.

    ``component_of`` names a component by one of its records; a record without links is one by
    itself. ``touched`` are the components that the last statements touched. Components are never
    cut apart again: one that is too large only works out more than it must.
    """

    graph: OwnershipGraph = field(default_factory=lambda: OwnershipGraph({}, {}))
    told: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)
    component_of: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def component(self, record_id: str) -> str:
        """Name the component of a record."""
        return self.component_of.get(record_id, record_id)

    def with_statements(self, new: Iterable[Told]) -> KnownOwnership:
        """Give what is known with further statements, in any order."""
        added: dict[str, list[Told]] = {}
        for pair in new:
            record_id = pair[0].get("recordId")
            if isinstance(record_id, str):
                added.setdefault(record_id, []).append(pair)
        before = {each: self.told.get(each, ()) for each in added}
        after = {each: (*before[each], *added[each]) for each in added}
        old, fresh = _read(before), _read(after)
        component_of, members = _joined(self, fresh)
        links = [
            link for each in (old, fresh) for into in each.links_into.values() for link in into
        ]
        ends = {end for link in links for end in (link.subject_id, link.party_id)} | added.keys()
        touched = frozenset(component_of.get(end, end) for end in ends if end is not None)
        kept = {
            record_id: owners
            for record_id, owners in self.graph.kept.items()
            if component_of.get(record_id, record_id) not in touched
        }
        graph = _replaced(self.graph, added.keys(), old, fresh, kept)
        return KnownOwnership(graph, {**self.told, **after}, component_of, members, touched)


def _read(told: Mapping[str, Iterable[Told]]) -> OwnershipGraph:
    return build_graph(pair for pairs in told.values() for pair in pairs)


def _replaced(
    graph: OwnershipGraph,
    record_ids: Iterable[str],
    old: OwnershipGraph,
    fresh: OwnershipGraph,
    kept: dict[str, object],
) -> OwnershipGraph:
    """Put what some records say now in the place of what they said before."""
    replaced = frozenset(record_ids)
    parties = {each: party for each, party in graph.parties.items() if each not in old.parties}
    links_into = dict(graph.links_into)
    for subject in old.links_into.keys() | fresh.links_into.keys():
        stay = (
            each for each in links_into.pop(subject, ()) if each.relationship_id not in replaced
        )
        into = sorted((*stay, *fresh.links_into.get(subject, ())), key=_relationship)
        if into:
            links_into[subject] = tuple(into)
    described = {each: told for each, told in graph.described.items() if each not in old.parties}
    return OwnershipGraph(
        {**parties, **fresh.parties}, links_into, {**described, **fresh.described}, kept
    )


def _relationship(link: Link) -> str:
    return link.relationship_id


def _joined(
    known: KnownOwnership, fresh: OwnershipGraph
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Join the components that new links tie together; the larger one keeps its name."""
    component_of, members = dict(known.component_of), dict(known.members)
    grown: dict[str, list[str]] = {}
    for subject, links in fresh.links_into.items():
        for party in (link.party_id for link in links):
            one, other = (
                component_of.get(end or subject, end or subject) for end in (subject, party)
            )
            if one == other:
                continue
            small, large = sorted((one, other), key=lambda each: _size(each, grown, members))
            moved = grown.pop(small, None) or list(members.get(small, (small,)))
            members.pop(small, None)
            grown.setdefault(large, list(members.get(large, (large,)))).extend(moved)
            component_of |= dict.fromkeys((*moved, large), large)
    return component_of, members | {name: tuple(each) for name, each in grown.items()}


def _size(name: str, grown: Mapping[str, list[str]], members: Mapping[str, tuple[str, ...]]) -> int:
    return len(grown.get(name) or members.get(name, (name,)))
