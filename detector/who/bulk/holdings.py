"""Holdings of many records, the same as ``detector.who.ownership`` gives for each by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import numpy as np

from detector.who.bulk.pairs import SOLVED
from detector.who.bulk.ragged import Bools, index
from detector.who.bulk.resolve import Exact, Resolved, resolve
from detector.who.bulk.rows import Entries
from detector.who.bulk.table import owner_table
from detector.who.graph import OwnershipGraph
from detector.who.interests import RANK
from detector.who.ownership import DIGITS, Holding, continued, ratio
from detector.who.shares import shares_of
from detector.who.standing import strongest_chain

#: Records from which on it is quicker to lay them all out than to take them one by one.
MANY: Final = 50

#: A share is worked out exactly where its last digit hangs on less than this much of that digit.
_ROOM: Final = 0.01


def owners_of_all(
    graph: OwnershipGraph, record_ids: Iterable[str]
) -> dict[str, tuple[Holding, ...]]:
    """Give every owner of each of some records over all time, by record."""
    asked = sorted(set(record_ids))
    if not asked:
        return {}
    found = _Holdings(graph, resolve(graph, asked))
    return {record_id: continued(found.of(record_id)) for record_id in asked}


def keep_owners(graph: OwnershipGraph, record_ids: Iterable[str]) -> None:
    """Work out the owners of records that the graph does not keep yet, where these are many.

    ``detector.who.ownership.owners`` finds them there, and works out the few by itself.
    """
    missing = set(record_ids) - graph.kept.keys()
    if len(missing) >= MANY:
        graph.kept.update(owners_of_all(graph, missing))


class _Holdings:
    """Reads holdings off what was resolved."""

    def __init__(self, graph: OwnershipGraph, resolved: Resolved) -> None:
        layout = resolved.layout
        self._graph, self._names, self._spans = graph, layout.names, layout.spans
        self._instants: list[datetime | None] = [*layout.instants, None]
        self._codes = {name: code for code, name in enumerate(layout.names)}
        self._exact = Exact(graph, layout)
        table = owner_table(resolved)
        entries, count = table.entries, len(layout.spans.record)
        self._starts = index(entries.node, count).tolist()
        self._is_sure = (table.certainty == RANK["yes"]).tolist()
        self._is_below = table.is_below_test.tolist()
        self._sources = entries.source.tolist()
        self._has_control = (entries.control == RANK["yes"]).tolist()
        self._lows, self._highs = (
            np.round(entries.low, DIGITS).tolist(),
            np.round(entries.high, DIGITS).tolist(),
        )
        self._is_open = _is_open(entries).tolist()
        self._parties = layout.pairs.party.tolist()
        self._into = index(layout.pairs.subject, count).tolist()
        rows = resolved.rows.all()
        self._reached = set(zip(rows.source.tolist(), rows.node.tolist(), strict=True))

    def of(self, record_id: str) -> Iterator[Holding]:
        """Give the holdings of a record piece by piece, in order of time."""
        first, spans = self._codes[record_id], self._spans
        for node in range(int(spans.first[first]), int(spans.first[first + 1])):
            since, until = int(spans.since[node]), int(spans.until[node])
            start = None if since < 0 else self._instants[since]
            for at in range(self._starts[node], self._starts[node + 1]):
                yield self._holding(at, node, start, self._instants[until])

    def _holding(self, at: int, node: int, start: datetime | None, end: datetime | None) -> Holding:
        source = self._sources[at]
        owner_id = self._names[self._spans.record[source]]
        party = self._graph.party(owner_id)
        low, high = self._lows[at], self._highs[at]
        if self._is_open[at]:
            share = shares_of(self._exact.network(node), owner_id)[
                self._names[self._spans.record[node]]
            ]
            low, high = ratio(share.low), ratio(share.high)
        return Holding(
            owner_id=owner_id,
            kind=party.kind,
            name=party.name,
            share_min=low,
            share_max=high,
            has_control=self._has_control[at],
            is_owner="yes" if self._is_sure[at] else "possible",
            is_below_test=self._is_below[at],
            valid_from=start,
            valid_to=end,
            chain=self._chain(source, node),
        )

    def _chain(self, source: int, node: int) -> tuple[str, ...]:
        """Give the one way from a source to a node; of several the exact code takes the best."""
        path = [node]
        while path[-1] != source:
            last = path[-1]
            holders = [
                each
                for each in self._parties[self._into[last] : self._into[last + 1]]
                if each == source or (source, each) in self._reached
            ]
            if len(holders) != 1 or holders[0] in path:
                owner_id, record_id = (self._names[self._spans.record[e]] for e in (source, node))
                return strongest_chain(self._exact.network(node), owner_id, record_id)
            path.append(holders[0])
        return tuple(self._names[self._spans.record[each]] for each in reversed(path))


def _is_open(entries: Entries) -> Bools:
    """Say which shares are not sure to their last digit."""
    is_open = entries.quality == SOLVED
    for bound in (entries.low, entries.high):
        rest = bound * 10.0**DIGITS % 1.0
        is_open |= np.abs(rest - 0.5) < _ROOM
    return np.asarray(is_open)
