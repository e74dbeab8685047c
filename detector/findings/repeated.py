"""Findings on tenants of whose resources more events tell at once than sources meter them.

One name for several machines hides all of them but one; so does a node that is metered once a job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

from detector.meaning import Meaning
from detector.rules import Finding
from detector.rules.rule import Value, finding_id, spell
from features.activity import Activity
from features.repeated import lost_hours

RULE_ID: Final = "resource-repeated"


def repeated_findings(
    repeats: pl.DataFrame,
    activity: Activity,
    totals: pl.DataFrame,
    as_of: datetime,
    meaning: Meaning,
) -> Iterator[Finding]:
    """Give at most one finding a tenant; ``totals``: TOTALS rows of everybody.

    As severe as what would be lost if the events told of machines of their own: low, medium where
    that passes the smallest threshold that reports, high where it does so many times over.
    """
    if repeats.is_empty():
        return
    sources = activity.heard.group_by("tenant_id").agg(source_count=pl.len().cast(pl.Int64))
    held = totals.filter(scope="tenant").select(
        tenant_id="id", held_hours="accelerator_hours", peak="peak_operations"
    )
    share = pl.col("accelerator_hours") / (pl.col("accelerator_hours") + pl.col("held_hours"))
    found = (
        lost_hours(repeats, sources)
        .join(held, on="tenant_id")
        # Machines without accelerators lose nothing, and a share of nothing is no number.
        .filter((pl.col("accelerator_hours") > 0) & (share >= meaning.limits.repeated_ratio_min))
        .sort("tenant_id")
    )
    for row in found.iter_rows(named=True):
        yield _finding(row, as_of, meaning)


def _finding(row: Mapping[str, Any], as_of: datetime, meaning: Meaning) -> Finding:
    lost, tenant = row["accelerator_hours"], row["tenant_id"]
    operations = float(row["peak"]) * lost / row["held_hours"] if row["held_hours"] > 0 else 0.0
    evidence: dict[str, Value] = {
        "event_count": row["times"],
        "source_count": row["source_count"],
        "resource_hours": row["resource_hours"],
        "accelerator_hours": lost,
        "operations_at_most": operations,
    }
    sources = row["source_count"]
    because = (
        f"Over {spell(row['resource_hours'])} hours up to {spell(row['times'])} events told of one "
        f"resource at once, which {spell(sources)} source{'s' * (sources > 1)} metered; its time "
        f"counts once. If they are machines of their own, {spell(lost)} accelerator-hours are "
        f"missing, {spell(operations)} operations at full use: give each its own resource_id. If "
        "one machine was told of again, nothing is missing: send an event again under its first id."
    )
    return Finding(
        finding_id=finding_id(RULE_ID, "tenant", tenant),
        rule_id=RULE_ID,
        policy_id=None,
        severity=meaning.limits.unknown_severity(operations, meaning.least_limit()),
        scope="tenant",
        subject_id=tenant,
        tenant_ids=(tenant,),
        at=as_of,
        because=because,
        evidence=evidence,
    )
