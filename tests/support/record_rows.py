"""RECORDS rows of customer records and ownership statements, each known a second after the last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from detector.parties.recorded import STATEMENT, TENANT
from detector.who.graph import Statement
from features.schema import RECORDS
from tests.support.statements import KNOWN_AT


def customer(tenant_id: str, record_id: str) -> Mapping[str, Any]:
    return {"tenant_id": tenant_id, "customer_record_id": record_id}


def rows(told: Iterable[Mapping[str, Any] | Statement]) -> pl.DataFrame:
    lines = [
        (
            at,
            "provider",
            f"event-{at}",
            KNOWN_AT + timedelta(seconds=at),
            0,
            at,
            0,
            TENANT if "tenant_id" in data else STATEMENT,
            json.dumps(data),
        )
        for at, data in enumerate(told)
    ]
    return pl.DataFrame(lines, RECORDS, orient="row")
