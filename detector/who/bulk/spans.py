"""Records cut in time: one node for each stretch over which nothing behind a record changes.

The cuts of a record are the starts and ends of all links behind it, so those of a holder are among
them, and each stretch of the record lies in one stretch of each of its holders.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detector.who.bulk.order import Order
from detector.who.bulk.pairs import Stakes
from detector.who.bulk.ragged import Ints, index, places


@dataclass(frozen=True)
class Spans:
    """The nodes: ``record`` is the code of each one's record, ``since`` and ``until`` of instants.

    Nodes are in order of record, then time. ``first`` gives the first node of each record, and in
    one more element the number of nodes. ``since`` is -1 where the record's time begins, ``until``
    is ``instants`` where it never ends.
    """

    record: Ints
    since: Ints
    until: Ints
    first: Ints
    instants: int

    def at(self, records: Ints, instants: Ints) -> Ints:
        """Give the node of each record that holds an instant; -1 is before all instants."""
        keys = self.record * (self.instants + 1) + self.since + 1
        wanted = records * (self.instants + 1) + instants + 1
        return np.searchsorted(keys, wanted, side="right") - 1


def unbroken(records: int) -> Spans:
    """Give one node a record, over all time."""
    codes = np.arange(records)
    return Spans(codes, np.full(records, -1), np.full(records, 0), np.arange(records + 1), 0)


def spans_of(stakes: Stakes, order: Order, records: int, instants: int) -> Spans:
    """Cut every record where a link behind it starts or ends."""
    if not instants:
        return unbroken(records)
    cuts = _cuts(stakes, order, instants)
    group = order.group
    starts = index(cuts[0], len(group))
    counts = (starts[1:] - starts[:-1])[group]
    record = np.repeat(np.arange(records), counts + 1)
    first = np.concatenate([[0], np.cumsum(counts + 1)])
    since = np.full(len(record), -1)
    is_cut = np.ones(len(record), dtype=bool)
    is_cut[first[:-1]] = False
    since[is_cut] = cuts[1][places(starts[:-1][group], counts)]
    until = np.append(since[1:], instants)
    until[first[1:] - 1] = instants
    return Spans(record, since, until, first, instants)


def _cuts(stakes: Stakes, order: Order, instants: int) -> tuple[Ints, Ints]:
    """Give the cuts of each group of records as (group, instant), each once, in order.

    Level by level: what is behind a group are its own links and what is behind their parties.
    """
    above, below = order.group[stakes.party], order.group[stakes.subject]
    links = np.argsort(order.level[stakes.subject], kind="stable")
    bounds = index(order.level[stakes.subject][links], len(order.level_starts))
    starts = np.zeros(len(order.group), dtype=np.int64)
    lengths = np.zeros(len(order.group), dtype=np.int64)
    room, used = np.zeros(1024, dtype=np.int64), 0
    for begin, end in pairwise(bounds.tolist()):
        at = links[begin:end]
        held = lengths[above[at]]
        passed = room[places(starts[above[at]], held)] % instants
        dates = np.concatenate([stakes.starts[at], stakes.ends[at], passed])
        of = np.concatenate([below[at], below[at], np.repeat(below[at], held)])
        found = np.unique((of * instants + dates)[(dates >= 0) & (dates < instants)])
        groups, first, counts = np.unique(found // instants, return_index=True, return_counts=True)
        starts[groups], lengths[groups] = used + first, counts
        if used + len(found) > len(room):
            room = np.concatenate([room[:used], np.zeros(used + 2 * len(found), dtype=np.int64)])
        room[used : used + len(found)] = found
        used += len(found)
    keys = np.sort(room[:used])
    return keys // instants, keys % instants
