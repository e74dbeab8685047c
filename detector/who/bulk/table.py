"""The owners of every node as one table: who passes the test, who tops a chain, who is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.who.bulk.flow import certainty
from detector.who.bulk.pairs import Marks
from detector.who.bulk.ragged import Bools
from detector.who.bulk.resolve import Resolved
from detector.who.bulk.rows import Entries, joined, themselves
from detector.who.interests import RANK


@dataclass(frozen=True)
class OwnerTable:
    """One element an owner of a node, in order of node, then source.

    ``entries`` have the shares and control; ``certainty`` is a rank of ``RANK``, ``is_below_test``
    marks an organisation that tops a chain with less than an owner needs.
    """

    entries: Entries
    certainty: Marks
    is_below_test: Bools


def owner_table(resolved: Resolved) -> OwnerTable:
    """Give the owners of every node, the node itself where no owner of it is sure."""
    entries, is_person = resolved.rows.all(), resolved.layout.is_person
    sure = certainty(entries)
    is_own = entries.node == entries.source
    owns = np.where(is_person[entries.node], is_own, (sure > 0) | resolved.is_top[entries.source])
    entries, sure = entries.take(np.flatnonzero(owns)), sure[owns]
    has_owner = np.zeros(len(is_person), dtype=bool)
    has_owner[entries.node[sure == RANK["yes"]]] = True
    alone = themselves(np.flatnonzero(~has_owner))
    found = joined([entries, alone])
    ranks = np.concatenate([sure, np.full(len(alone.node), RANK["yes"], dtype=np.int8)])
    order = np.lexsort((found.source, found.node))
    return OwnerTable(found.take(order), ranks[order], (ranks == 0)[order])
