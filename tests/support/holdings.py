"""Holdings of a graph, as short as they can be written, for tests of ownership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from detector.who.graph import OwnershipGraph
from detector.who.ownership import owners


@dataclass(frozen=True)
class Row:
    """One holding, as short as it can be written."""

    owner: str
    low: float
    high: float
    sure: str
    start: str | None = None
    end: str | None = None


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rows(graph: OwnershipGraph, record_id: str = "T") -> list[Row]:
    return [
        Row(
            each.owner_id,
            each.share_min,
            each.share_max,
            each.is_owner,
            None if each.valid_from is None else each.valid_from.date().isoformat(),
            None if each.valid_to is None else each.valid_to.date().isoformat(),
        )
        for each in owners(graph, record_id)
    ]
