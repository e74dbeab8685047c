"""Records as events: what was said, and when."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

TENANT: Final = "trainwatch.tenant.v1"
STATEMENT: Final = "trainwatch.bods.v1"
ACCESS: Final = "trainwatch.access.v1"
DECLARATION: Final = "trainwatch.declaration.v1"

#: The data of an event with its time.
Event = tuple[Mapping[str, Any], datetime]


def events_of(records: pl.DataFrame, type_name: str) -> list[Event]:
    """Give (data, event time) of the RECORDS of one type, in their order."""
    rows = records.filter(type=type_name).select("data", "time")
    return [(json.loads(data), time) for data, time in rows.iter_rows()]


def by_tenant(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    """Group events by their tenant."""
    grouped: dict[str, list[Event]] = {}
    for data, time in events:
        grouped.setdefault(data["tenant_id"], []).append((data, time))
    return grouped
