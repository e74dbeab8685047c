"""The customer records of one tenant over time, and the owners they lead to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from detector.who.graph import OwnershipGraph
from detector.who.ownership import Holding, owners

Record = Mapping[str, Any]


@dataclass(frozen=True)
class HeldRecord:
    """One record and the time over which it holds; None is open."""

    valid_from: datetime | None
    valid_to: datetime | None
    record: Record

    @property
    def customer_record_id(self) -> str | None:
        """The BODS record of the contracting person or organisation, None where unknown."""
        value = self.record.get("customer_record_id")
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True)
class TenantHistory:
    """Records of one tenant, earliest first, without gaps: the first covers what came before."""

    held: tuple[HeldRecord, ...]

    @classmethod
    def of(cls, records: Iterable[tuple[Record, datetime]]) -> TenantHistory:
        """Build the history from (record, event time), in any order.

        A record holds from its ``valid_from``, or else its time, until the next. Of records that
        hold from one instant the one with the later time stands; of one time, the one whose JSON
        text comes last.
        """
        latest = {_starts_at(*pair): pair[0] for pair in sorted(records, key=_record_order)}
        starts = list(latest)
        ends = [*starts[1:], None]
        held = [
            HeldRecord(start, end, latest[start]) for start, end in zip(starts, ends, strict=False)
        ]
        return cls((replace(held[0], valid_from=None), *held[1:]) if held else ())

    def at(self, instant: datetime) -> Record | None:
        """Give the record that holds at an instant, None where the tenant has no record at all."""
        holding = self.held_at(instant)
        return None if holding is None else holding.record

    def held_at(self, instant: datetime) -> HeldRecord | None:
        """Give the record that holds at an instant, with its dates."""
        started = [each for each in self.held if _starts_by(each, instant)]
        return started[-1] if started else None


def tenant_owners(history: TenantHistory, graph: OwnershipGraph) -> tuple[Holding, ...]:
    """Give every owner of a tenant over all time: owners of whoever was the customer then.

    A tenant without ``customer_record_id`` has no owner in that time: unknown, not zero.
    """
    found: list[Holding] = []
    for held in history.held:
        if held.customer_record_id is not None:
            pieces = owners(graph, held.customer_record_id)
            found.extend(each for each in (_cut(piece, held) for piece in pieces) if each)
    joined: list[Holding] = []
    for piece in sorted(found, key=lambda each: (each.owner_id, each.chain, _start(each))):
        if joined and _continues(joined[-1], piece):
            joined[-1] = replace(joined[-1], valid_to=piece.valid_to)
        else:
            joined.append(piece)
    return tuple(sorted(joined, key=lambda each: (each.owner_id, _start(each), each.chain)))


def _record_order(pair: tuple[Record, datetime]) -> tuple[datetime, datetime, str]:
    record, time = pair
    return _starts_at(record, time), time, json.dumps(record, sort_keys=True, default=str)


def _starts_at(record: Record, time: datetime) -> datetime:
    value = record.get("valid_from")
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if isinstance(value, datetime) else time


def _starts_by(held: HeldRecord, instant: datetime) -> bool:
    return held.valid_from is None or held.valid_from <= instant


def _start(holding: Holding) -> datetime:
    return holding.valid_from or datetime.min.replace(tzinfo=UTC)


def _cut(holding: Holding, held: HeldRecord) -> Holding | None:
    """Give the part of a holding that lies in the time of a record."""
    starts = [each for each in (holding.valid_from, held.valid_from) if each is not None]
    ends = [each for each in (holding.valid_to, held.valid_to) if each is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    if start is not None and end is not None and end <= start:
        return None
    return replace(holding, valid_from=start, valid_to=end)


def _continues(earlier: Holding, later: Holding) -> bool:
    is_alike = replace(earlier, valid_from=None, valid_to=None) == replace(
        later, valid_from=None, valid_to=None
    )
    return is_alike and earlier.valid_to is not None and earlier.valid_to == later.valid_from
