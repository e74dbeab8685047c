"""What was not seen: sources, regions and sites that fell silent, and bills that no meter explains.

No metering is not no training. A tenant that simply stops looks, from its own events, like one
whose meter died; so a silence is told only where several customers stop at once while others go
on, or where the bill goes on. What else stops is taken for a clean end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

from detector.documents import instant_text
from detector.facts import FindingScope, Severity
from detector.rules.limits import Limits
from detector.rules.rule import Finding, Value, finding_id, spell
from features.activity import Activity, usual_gaps
from features.cells import whole_first
from features.completeness import AMOUNTS, SCOPES, Metered
from features.compute import HOUR_MS, hours

INSTANT: Final = pl.Datetime("ms", "UTC")
#: The rows of completeness.csv, one per scope and id, in this order.
COMPLETENESS: Final = pl.Schema(
    {
        "scope": pl.String(),
        "id": pl.String(),
        "tenant_count": pl.Int64(),
        "event_count": pl.Int64(),
        "resource_hours": pl.Float64(),
        "accelerator_hours": pl.Float64(),
        "provider_hours": pl.Float64(),
        "bill_hours": pl.Float64(),
        "unmetered_hours": pl.Float64(),
        "gap_hours": pl.Float64(),
        "guest_only_hours": pl.Float64(),
        "silent_ratio": pl.Float64(),
        "metered_since": INSTANT,
        "last_metered_at": INSTANT,
        "silent_hours": pl.Float64(),
        "usual_gap_hours": pl.Int64(),
        "live_tenant_count": pl.Int64(),
        "is_silent": pl.Boolean(),
        "live_tenant_ids": pl.List(pl.String()),
    }
)
#: Tenants named in one finding; a finding must fit one message.
TENANTS_MAX: Final = 200
#: A group's customers of its last day are those that a sudden end is held against.
_LAST_DAY_MS: Final = 24 * HOUR_MS
_KEY: Final = ["scope", "id"]


def completeness(metered: Metered, activity: Activity, limits: Limits) -> pl.DataFrame:
    """Give the COMPLETENESS rows of everything metered, sorted by scope and id."""
    spoken = activity.spoken.select(pl.lit("source").alias("scope"), pl.all())
    stretches = pl.concat([metered.stretches, spoken.rename({"source": "id"})])
    rows = pl.concat(
        [*(_placed(metered.places, s) for s in SCOPES), _sources(activity)], how="diagonal"
    )
    ends = pl.concat([*(_ends(metered.places, s) for s in SCOPES), _source_ends(activity)])
    known = rows.join(usual_gaps(stretches, _KEY), on=_KEY, how="left")
    judged = _judged(_with_live(_with_silence(known, limits), ends), limits)
    return judged.select(list(COMPLETENESS)).cast(COMPLETENESS).sort(_KEY)


def silent_counts(rows: pl.DataFrame) -> dict[str, int]:
    """Count the silent ones of each scope, of COMPLETENESS rows."""
    return dict(rows.filter("is_silent").group_by("scope").len().iter_rows())


def unseen_hours(rows: pl.DataFrame) -> tuple[float, float]:
    """Give the billed hours that no meter of the provider saw, and those that a meter lost."""
    tenants = rows.filter(scope="tenant").sort("id")
    return float(tenants["unmetered_hours"].sum()), float(tenants["gap_hours"].sum())


def _placed(places: pl.DataFrame, scope: str) -> pl.DataFrame:
    """Sum the places of each tenant, region or site; what names none is in no row of that scope."""
    unseen = pl.col("unmetered_ppb_ms") + pl.col("guest_only_ppb_ms")
    silent, device = (pl.col(f"{name}_ppb_ms").cast(pl.Float64) for name in ("silent", "device"))
    return (
        places.filter(pl.col(SCOPES[scope]).is_not_null())
        .group_by(id=SCOPES[scope])
        .agg(
            pl.col(AMOUNTS).sum(),
            pl.col("first_start_ms").min(),
            pl.col("last_end_ms").max(),
            tenant_count=pl.col("tenant_id").n_unique(),
        )
        .with_columns(
            **{name.replace("_ppb_ms", "_hours"): _hours(pl.col(name)) for name in AMOUNTS},
            scope=pl.lit(scope),
            provider_hours=_hours((pl.col("device_ppb_ms") - unseen).clip(0)),
            silent_ratio=pl.when(device > 0).then(silent / device),
            last_ms=pl.col("last_end_ms"),
        )
        .rename({"device_hours": "accelerator_hours"})
        .drop(AMOUNTS, "silent_hours")
    )


def _hours(ppb_ms: pl.Expr) -> pl.Expr:
    return hours(whole_first(ppb_ms))


def _sources(activity: Activity) -> pl.DataFrame:
    return activity.heard.group_by(id="source").agg(
        scope=pl.lit("source"),
        tenant_count=pl.len(),
        event_count=pl.col("event_count").sum(),
        resource_hours=hours(pl.col("resource_ms").sum().cast(pl.Float64)),
        first_start_ms=pl.col("first_ms").min(),
        last_end_ms=pl.col("last_end_ms").max(),
        last_ms=pl.col("last_ms").max(),
    )


def _ends(places: pl.DataFrame, scope: str) -> pl.DataFrame:
    """Give (scope, id, tenant_id, end_ms): when each tenant was last metered there."""
    known = places.filter(pl.col(SCOPES[scope]).is_not_null())
    return known.group_by(
        pl.lit(scope).alias("scope"), id=SCOPES[scope], tenant=pl.col("tenant_id")
    ).agg(end_ms=pl.col("last_end_ms").max())


def _source_ends(activity: Activity) -> pl.DataFrame:
    return activity.heard.select(
        pl.lit("source").alias("scope"), id="source", tenant="tenant_id", end_ms="last_ms"
    )


def _with_silence(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Say how long each has been silent, and from when on that is unusual.

    Silence counts up to what two of the kind have reached, so that one wrong clock makes nobody
    silent. Events tell the time here, never the clock: equal sets give equal rows.
    """
    last = pl.col("last_ms")
    newest = pl.when(pl.len() > 2).then(last.top_k(2).min()).otherwise(last.max()).over("scope")
    gap_ms = pl.col("usual_gap_hours").fill_null(1) * HOUR_MS
    least_ms = limits.silent_hours_min * HOUR_MS
    return rows.with_columns(
        silent_ms=(newest - last).clip(0),
        gap_ms=gap_ms,
        allowed_ms=pl.max_horizontal(gap_ms * limits.silent_gap_ratio, pl.lit(least_ms)),
    )


def _with_live(rows: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Count the tenants that were live at the end of each, and those of its last day."""
    before_ms = pl.col("last_ms") - pl.col("end_ms")
    counts = (
        ends.join(rows.select(*_KEY, "last_ms", "gap_ms"), on=_KEY)
        .group_by(_KEY)
        .agg(
            live_tenant_count=(before_ms <= pl.col("gap_ms")).sum().cast(pl.Int64),
            recent_count=(before_ms <= _LAST_DAY_MS).sum().cast(pl.Int64),
            live_tenant_ids=pl.col("tenant").filter(before_ms <= pl.col("gap_ms")).sort(),
        )
    )
    return rows.join(counts, on=_KEY, how="left")


def _judged(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    is_quiet = pl.col("silent_ms") >= pl.col("allowed_ms")
    live, recent = pl.col("live_tenant_count"), pl.col("recent_count")
    at_once = (live >= limits.silent_tenants_min) & (live >= limits.silent_tenants_ratio * recent)
    return rows.with_columns(
        is_silent=pl.when(pl.col("scope") == "tenant")
        .then(pl.col("open_gap_hours") > 0)
        .otherwise(is_quiet & at_once),
        silent_hours=hours(pl.col("silent_ms").cast(pl.Float64)),
        metered_since=pl.col("first_start_ms").cast(INSTANT),
        last_metered_at=pl.col("last_end_ms").cast(INSTANT),
    )


def completeness_findings(rows: pl.DataFrame, limits: Limits, as_of: datetime) -> Iterator[Finding]:
    """Turn COMPLETENESS rows into findings; evidence moves only when something happens."""
    for row in rows.filter(pl.col("is_silent") & (pl.col("scope") != "tenant")).iter_rows(
        named=True
    ):
        yield _silent(row, as_of)
    for row in _underbilled(rows, limits).iter_rows(named=True):
        yield _gap(row, as_of)


def _underbilled(rows: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Keep tenants whose meters lost sight of a large part of what the bill says ran."""
    share = pl.col("gap_hours") / pl.col("bill_hours")
    tenants = rows.filter(pl.col("scope") == "tenant", pl.col("bill_hours") > 0)
    return tenants.filter(share >= limits.unmetered_ratio_min)


def _silent(row: Mapping[str, Any], as_of: datetime) -> Finding:
    evidence: dict[str, Value] = {
        "last_metered_at": instant_text(row["last_metered_at"]),
        "usual_gap_hours": row["usual_gap_hours"],
        "live_tenant_count": row["live_tenant_count"],
    }
    because = (
        f"The {row['scope']} {row['id']} has told of no metering since "
        f"{evidence['last_metered_at']}, while others go on; {row['live_tenant_count']} tenants "
        "were live when it ended. No metering is not no training."
    )
    return _finding("source-silent", "medium", row, because, evidence, as_of)


def _gap(row: Mapping[str, Any], as_of: datetime) -> Finding:
    evidence: dict[str, Value] = {
        "bill_hours": row["bill_hours"],
        "provider_hours": row["provider_hours"],
        "gap_hours": row["gap_hours"],
    }
    because = (
        f"Of {spell(row['bill_hours'])} accelerator-hours on the bill, the provider's meters lost "
        f"sight of {spell(row['gap_hours'])} on resources that they saw before; these count at the "
        "width of an allocation without telemetry."
    )
    severity: Severity = "medium" if row["is_silent"] else "low"
    return _finding("metering-gap", severity, row, because, evidence, as_of)


def _finding(
    rule_id: str,
    severity: Severity,
    row: Mapping[str, Any],
    because: str,
    evidence: dict[str, Value],
    as_of: datetime,
) -> Finding:
    scope: FindingScope = row["scope"]
    return Finding(
        finding_id=finding_id(rule_id, scope, row["id"]),
        rule_id=rule_id,
        policy_id=None,
        severity=severity,
        scope=scope,
        subject_id=row["id"],
        tenant_ids=(row["id"],)
        if scope == "tenant"
        else tuple(row["live_tenant_ids"][:TENANTS_MAX]),
        at=as_of,
        because=because,
        evidence=evidence,
    )
