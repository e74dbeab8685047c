"""Findings on tenants and owners whose work the provider's own corrections took out of the totals.

Assembled over all parts of the state, for who corrected is kept by source and not by part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from detector.findings.groups import group_facts
from detector.meaning import Meaning
from detector.parties import Parties
from detector.related import Withdrawn
from detector.rules import Case, Finding, apply
from detector.rules.withdrawn import RULES

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def withdrawn_findings(
    rows: pl.DataFrame,
    corrected: pl.DataFrame,
    parties: Parties,
    as_of: datetime,
    meaning: Meaning,
) -> Iterator[Finding]:
    """Give at most one finding a tenant or owner.

    ``rows``: WITHDRAWN of everybody; ``corrected``: CORRECTED, who corrected what of whom.
    """
    for row in rows.sort("scope", "id").iter_rows(named=True):
        tenants = row["tenant_ids"].split(";") if row["scope"] == "owner" else [row["id"]]
        by_whom = corrected.filter(pl.col("tenant_id").is_in(tenants))
        if by_whom.is_empty():
            continue  # it gained time that was moved to it, and lost none
        facts = group_facts((row["scope"], row["id"]), [row], tenants, parties, as_of)
        case = Case(
            facts,
            parties.customers(facts.tenant_ids),
            meaning.policy.packs,
            meaning.limits,
            meaning.countries,
            withdrawn=_withdrawn(row, by_whom),
        )
        yield from apply(case, RULES)


def _withdrawn(row: Mapping[str, Any], by_whom: pl.DataFrame) -> Withdrawn:
    names = ("source", "original_source", "moved_to")
    sources, originals, moved = (
        tuple(by_whom[name].drop_nulls().unique().sort()) for name in names
    )
    counts = by_whom.select(pl.col("correction_count", "void_count").sum()).row(0)
    span = by_whom.select(pl.col("first_ms").min(), pl.col("last_ms").max()).row(0)
    first_at, last_at = (_EPOCH + timedelta(milliseconds=each) for each in span)
    return Withdrawn(
        accelerator_hours=row["held_accelerator_hours"],
        operations=float(row["held_operations_expected"]),
        training=float(row["held_training_operations_expected"]),
        sources=sources,
        original_sources=originals,
        correction_count=counts[0],
        void_count=counts[1],
        first_at=first_at,
        last_at=last_at,
        moved_to_tenant_ids=moved,
    )
