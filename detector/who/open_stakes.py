"""What a possible owner may hold in a customer, in words, and which single fact would settle it."""

from __future__ import annotations

from datetime import datetime, timedelta

from detector.ownership.words import share_words
from detector.who.four_tests import beneficial_owner
from detector.who.graph import ALWAYS, OwnershipGraph
from detector.who.ownership import Holding
from detector.who.records import TenantHistory

_ONE_STEP = timedelta(milliseconds=1)


def started(holding: Holding) -> datetime:
    """Give the instant from which a holding holds."""
    return holding.valid_from or ALWAYS


def customer_during(history: TenantHistory, holding: Holding, as_of: datetime) -> str | None:
    """Give the BODS record of a tenant's customer while somebody held it, last before ``as_of``."""
    held = history.held_at(_inside(holding, as_of))
    return held.customer_record_id if held is not None else None


def open_stake(
    graph: OwnershipGraph, record_id: str, holding: Holding, as_of: datetime
) -> tuple[str, tuple[str, ...]]:
    """Say what a possible owner may hold in a record, and each fact that alone makes it an owner.

    The facts are those of the test of beneficial owners: a stake of a size, or control.
    """
    at = _inside(holding, as_of)
    answer = beneficial_owner(graph, record_id, holding.owner_id, at)

    def named(each: str) -> str:
        return graph.called(each, at)

    held = share_words(holding.share_min, holding.share_max)
    if holding.share_max == 0:
        held = "no share stated, may control it"
    return f"{named(record_id)}: {held}", tuple(flip.told(named) for flip in answer.flips)


def _inside(holding: Holding, as_of: datetime) -> datetime:
    """Give the last instant of a holding up to ``as_of``; its first where it starts later."""
    last = as_of if holding.valid_to is None else min(as_of, holding.valid_to - _ONE_STEP)
    return max(last, started(holding))
