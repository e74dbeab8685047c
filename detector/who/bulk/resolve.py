"""Who owns each of many records, all at once: nodes in time, levels, rings, tops of chains.

The arithmetic is that of ``detector.who.ownership``, over arrays of floats. Where rounding could
decide, the exact code is asked, so no answer differs from its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from detector.who.bulk.flow import certainty, decided, flow, is_near_the_test
from detector.who.bulk.order import Order, groups_of, order_of
from detector.who.bulk.pairs import Pairs, Stakes, number, pairs_of, stakes_of
from detector.who.bulk.ragged import Bools, Ints, index, places
from detector.who.bulk.ring import Ring
from detector.who.bulk.rows import Entries, Rows, joined, themselves
from detector.who.bulk.spans import Spans, spans_of
from detector.who.control import controlled_by
from detector.who.graph import ALWAYS, Link, OwnershipGraph
from detector.who.interests import RANK
from detector.who.shares import Network, network_of, shares_of


@dataclass(frozen=True)
class Layout:
    """Records and links behind them as arrays; codes are places in ``names`` and ``instants``."""

    names: Sequence[str]
    is_person: Bools
    instants: Sequence[datetime]
    spans: Spans
    pairs: Pairs


@dataclass(frozen=True)
class Resolved:
    """What every source has in every node, and which nodes are organisations that top a chain."""

    layout: Layout
    rows: Rows
    is_top: Bools


class Exact:
    """The exact code, asked about one source and one node."""

    def __init__(self, graph: OwnershipGraph, layout: Layout) -> None:
        self._graph, self._layout = graph, layout
        self._network = lru_cache(maxsize=64)(self.network)

    def __call__(self, source: int, node: int) -> tuple[float, float, int]:
        """Give low, high and control rank of a source in a node."""
        names, record = self._layout.names, self._layout.spans.record
        owner, subject = names[record[source]], names[record[node]]
        network = self._network(node)
        share = shares_of(network, owner)[subject]
        control = controlled_by(network, owner).get(subject, "no")
        return number(share.low)[0], number(share.high)[0], RANK[control]

    def network(self, node: int) -> Network:
        """Give the network of the links behind a node."""
        spans = self._layout.spans
        record_id = self._layout.names[spans.record[node]]
        since = spans.since[node]
        instant = ALWAYS if since < 0 else self._layout.instants[since]
        links = self._graph.links_behind(record_id)
        return network_of([link for link in links if _holds(link, instant)])


def _holds(link: Link, instant: datetime) -> bool:
    """Say whether a link holds in the stretch that begins at an instant."""
    if instant == ALWAYS:
        return link.interest.starts_at is None
    return link.holds_at(instant)


def lay_out(graph: OwnershipGraph, record_ids: Iterable[str]) -> Layout:
    """Lay out some records with all that is behind them."""
    links = links_behind_all(graph, record_ids)
    asked = {*record_ids, *[link.subject_id for link in links]}
    names = sorted(asked | {link.party_id for link in links if link.party_id is not None})
    codes = {name: code for code, name in enumerate(names)}
    interests = [link.interest for link in links]
    dates = {each.starts_at for each in interests} | {each.ends_at for each in interests}
    instants = sorted(each for each in dates if each is not None)
    stakes = stakes_of(links, codes, {each: code for code, each in enumerate(instants)})
    order = order_of(stakes.party, stakes.subject, len(names))
    spans = spans_of(stakes, order, len(names), len(instants))
    people = {name for name, party in graph.parties.items() if party.kind == "person"}
    is_person = np.array([name in people for name in names], dtype=bool)
    return Layout(names, is_person[spans.record], instants, spans, pairs_of(_cut(stakes, spans)))


def links_behind_all(graph: OwnershipGraph, record_ids: Iterable[str]) -> list[Link]:
    """Give every link on a way to any of some records."""
    waiting = list(record_ids)
    seen, found = set(waiting), list[Link]()
    while waiting:
        for link in graph.links_into.get(waiting.pop(), ()):
            found.append(link)
            if link.party_id is not None and link.party_id not in seen:
                seen.add(link.party_id)
                waiting.append(link.party_id)
    return found


def _cut(stakes: Stakes, spans: Spans) -> Stakes:
    """Give each link once for every stretch of its subject over which it holds, between nodes."""
    first = spans.first[stakes.subject]
    counts = spans.first[stakes.subject + 1] - first
    node, link = places(first, counts), np.repeat(np.arange(len(first)), counts)
    begun = stakes.starts[link] <= spans.since[node]
    holds = begun & (spans.until[node] <= stakes.ends[link])
    node, link = node[holds], link[holds]
    cut = stakes.take(link)
    party = spans.at(cut.party, spans.since[node])
    return Stakes(party, node, *(getattr(cut, n) for n in list(cut.__dataclass_fields__)[2:]))


def resolve(graph: OwnershipGraph, record_ids: Iterable[str]) -> Resolved:
    """Work out who has what in each of some records, and in everything behind them."""
    return resolve_layout(graph, lay_out(graph, list(record_ids)))


def resolve_layout(graph: OwnershipGraph, layout: Layout) -> Resolved:
    """Work out who has what in every node of a layout."""
    pairs, count = layout.pairs, len(layout.spans.record)
    order = order_of(pairs.party, pairs.subject, count)
    work = _Work(layout, order, Exact(graph, layout))
    for start, end in zip(order.level_starts[:-1], order.level_starts[1:], strict=True):
        work.level(order.by_level[start:end])
    return Resolved(layout, work.rows, work.is_top)


class _Work:
    """The rows as they grow, level by level."""

    def __init__(self, layout: Layout, order: Order, exact: Exact) -> None:
        self._layout, self._order, self._exact = layout, order, exact
        pairs, count = layout.pairs, len(layout.spans.record)
        self.rows = Rows(count)
        self.is_top = np.zeros(count, dtype=bool)
        self._first = index(pairs.subject, count)
        self._is_below = _below_organisations(layout, order)

    def level(self, nodes: Ints) -> None:
        """Write the rows of the nodes of one level."""
        in_ring = self._order.is_cyclic[nodes]
        plain = nodes[~in_ring]
        found = [flow(self.rows, self._layout.pairs, self._into(plain), self._exact)]
        rings = [(self._ring(ring), ring) for ring in self._rings(nodes[in_ring])]
        is_person = self._layout.is_person
        for ring, members in rings:
            found.append(self._checked(ring, ring.from_above(self.rows)))
            found.append(self._checked(ring, ring.from_within(members[is_person[members]])))
        self._choose_tops(nodes, joined(found))
        for ring, members in rings:
            tops = members[self.is_top[members]]
            found.append(self._checked(ring, ring.from_within(tops)))
        sources = nodes[(is_person | self.is_top)[nodes]]
        self.rows.write(joined([*found, themselves(sources)]))

    def _into(self, nodes: Ints) -> Ints:
        return places(self._first[nodes], self._first[nodes + 1] - self._first[nodes])

    def _rings(self, nodes: Ints) -> list[Ints]:
        group = self._order.group[nodes]
        order = np.argsort(group, kind="stable")
        cuts = np.flatnonzero(np.diff(group[order])) + 1
        return np.split(nodes[order], cuts) if len(nodes) else []

    def _ring(self, nodes: Ints) -> Ring:
        at, group = self._into(nodes), self._order.group
        is_inside = group[self._layout.pairs.party[at]] == group[nodes[0]]
        return Ring(nodes, self._layout.pairs, at[is_inside], at[~is_inside])

    def _checked(self, ring: Ring, found: Entries) -> Entries:
        doubtful = is_near_the_test(found) if ring.is_decimal else np.ones(len(found.node), bool)
        return decided(found, np.flatnonzero(doubtful), self._exact)

    def _choose_tops(self, nodes: Ints, found: Entries) -> None:
        """Find the organisations that nobody above them owns, nor an organisation is above of."""
        is_person = self._layout.is_person
        is_owned = np.zeros(len(is_person), dtype=bool)
        is_owned[found.node[is_person[found.source] & (certainty(found) > 0)]] = True
        self.is_top[nodes] = ~(is_person | is_owned | self._is_below)[nodes]


def _below_organisations(layout: Layout, order: Order) -> Bools:
    """Say in which nodes an organisation outside their own ring has an interest."""
    pairs, is_person = layout.pairs, layout.is_person
    at = np.flatnonzero(~is_person[pairs.party])
    party, subject = pairs.party[at], pairs.subject[at]
    group = order.group
    if is_person[pairs.subject].any():
        group = groups_of(party, subject, len(is_person))
    below = np.zeros(len(is_person), dtype=bool)
    below[subject[group[party] != group[subject]]] = True
    return below
