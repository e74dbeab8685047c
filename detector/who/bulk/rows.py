"""What each source has in each node: rows that are written once, level by level.

A source is a node whose owner sum is asked for: a person, or an organisation that tops a chain. The
row of a node lists every source with a way to it, with its share and its control.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from detector.who.bulk.pairs import EXACT, Marks
from detector.who.bulk.ragged import Floats, Ints, places
from detector.who.interests import RANK

_FIRST_ROOM: Final = 1024


@dataclass(frozen=True)
class Entries:
    """What sources have in nodes, one element a pair; ``control`` is a rank of ``RANK``."""

    node: Ints
    source: Ints
    low: Floats
    high: Floats
    quality: Marks
    control: Marks

    def take(self, at: Ints) -> Entries:
        """Give some of the entries, in the order asked for."""
        return Entries(*(getattr(self, each.name)[at] for each in fields(self)))


def themselves(nodes: Ints) -> Entries:
    """Give what nodes have in themselves: the whole, and control."""
    one = np.ones(len(nodes))
    exact = np.full(len(nodes), EXACT, dtype=np.int8)
    sure = np.full(len(nodes), RANK["yes"], dtype=np.int8)
    return Entries(nodes, nodes.copy(), one, one.copy(), exact, sure)


def joined(parts: list[Entries]) -> Entries:
    """Lay entries end to end."""
    return Entries(
        *(np.concatenate([getattr(p, each.name) for p in parts]) for each in fields(Entries))
    )


class Rows:
    """The rows of all nodes; each node is written at most once."""

    def __init__(self, nodes: int) -> None:
        """Begin with an empty row for each of ``nodes`` nodes."""
        self.starts = np.zeros(nodes, dtype=np.int64)
        self.lengths = np.zeros(nodes, dtype=np.int64)
        self._room = themselves(np.zeros(_FIRST_ROOM, dtype=np.int64))
        self._used = 0

    def write(self, entries: Entries) -> None:
        """Write the whole rows of some nodes."""
        order = np.argsort(entries.node, kind="stable")
        entries = entries.take(order)
        end = self._used + len(order)
        if end > len(self._room.node):
            more = np.zeros(2 * end - self._used, dtype=np.int64)
            self._room = joined([self._room.take(np.arange(self._used)), themselves(more)])
        for each in fields(Entries):
            getattr(self._room, each.name)[self._used : end] = getattr(entries, each.name)
        nodes, first, counts = np.unique(entries.node, return_index=True, return_counts=True)
        self.starts[nodes] = self._used + first
        self.lengths[nodes] = counts
        self._used = end

    def of(self, nodes: Ints) -> tuple[Entries, Ints]:
        """Give the rows of nodes one after another, and for each entry the place of its node."""
        lengths = self.lengths[nodes]
        entries = self._room.take(places(self.starts[nodes], lengths))
        return entries, np.repeat(np.arange(len(nodes)), lengths)

    def all(self) -> Entries:
        """Give everything that was written, by node."""
        return self._room.take(np.argsort(self._room.node[: self._used], kind="stable"))
