"""The order in which nodes are solved: groups that hold one another, holders before what they hold.

Groups are the strongly connected components of the graph of pairs; a group's level is the length of
the longest way down to it, so everything above a level is solved before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.who.bulk.ragged import Bools, Ints, index, places


@dataclass(frozen=True)
class Order:
    """``group`` and ``level`` of each node; ``is_cyclic``: it holds a part of itself, or in a ring.

    ``by_level`` are the nodes in order of level, ``level_starts`` where each level begins.
    """

    group: Ints
    level: Ints
    is_cyclic: Bools
    by_level: Ints
    level_starts: Ints


def groups_of(party: Ints, subject: Ints, count: int) -> Ints:
    """Give the number of the group of each of ``count`` nodes."""
    from scipy.sparse import csgraph, csr_matrix  # noqa: PLC0415 - slow, and few need it

    edges = csr_matrix((np.ones(len(party), dtype=np.int8), (party, subject)), (count, count))
    _, group = csgraph.connected_components(edges, directed=True, connection="strong")
    return np.asarray(group, dtype=np.int64)


def order_of(party: Ints, subject: Ints, count: int) -> Order:
    """Put the nodes of a graph in order; edges lead from party to subject."""
    alone = np.arange(count)
    level = _levels(party, subject, count)
    if (level >= 0).all():
        return _in_order(alone, level, np.zeros(count, dtype=bool))
    group = groups_of(party, subject, count)
    sizes = np.bincount(group, minlength=count)
    is_cyclic = sizes[group] > 1
    is_cyclic[subject[party == subject]] = True
    leads = group[party] != group[subject]
    level = _levels(group[party][leads], group[subject][leads], len(sizes))[group]
    return _in_order(group, level, is_cyclic)


def _in_order(group: Ints, level: Ints, is_cyclic: Bools) -> Order:
    by_level = np.argsort(level, kind="stable")
    last = int(level.max(initial=-1))
    return Order(group, level, is_cyclic, by_level, index(level[by_level], last + 1))


def _levels(above: Ints, below: Ints, count: int) -> Ints:
    """Give the longest way to each group from one that nothing is above of; -1 below a ring."""
    order = np.argsort(above, kind="stable")
    below = below[order]
    starts = index(above[order], count)
    waits_for = np.bincount(below, minlength=count)
    level = np.full(count, -1)
    ready, at = np.flatnonzero(waits_for == 0), 0
    while len(ready):
        level[ready] = at
        reached = below[places(starts[ready], starts[ready + 1] - starts[ready])]
        near, times = np.unique(reached, return_counts=True)
        waits_for[near] -= times
        ready, at = near[waits_for[near] == 0], at + 1
    return level
