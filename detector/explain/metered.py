"""Usage as it would be had something else been metered, for ``assumptions``."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from detector.explain.scene import Setting
from features.accumulate import Usage, merge
from features.compute import DAY_HOURS, cold_bucket
from features.schema import TELEMETRY_KEYS

_BUCKET = ("strand", "bucket", "width_hours")


def blind(usage: Usage) -> Usage:
    """Give the allocations alone: every figure of counters, use and power taken away."""
    unseen = usage.coverage.with_columns(seen=pl.lit(0, pl.Int8))
    return merge([Usage(usage.strands, unseen, pl.DataFrame(schema=TELEMETRY_KEYS))])


def vantages(usage: Usage, tenant_ids: Collection[str]) -> list[str]:
    """Give the vantages from which these tenants were metered."""
    strands = usage.strands.filter(pl.col("tenant_id").is_in(list(tenant_ids)))
    return strands["vantage"].fill_null("host").unique().sort().to_list()


def without(usage: Usage, vantage: str) -> Usage:
    """Leave out everything that one vantage metered."""
    strands = usage.strands.filter(pl.col("vantage").fill_null("host") != vantage)
    kept = strands.select("strand")
    return Usage(
        strands,
        usage.coverage.join(kept, on="strand", how="semi"),
        usage.telemetry.join(kept, on="strand", how="semi"),
    )


def throughout(setting: Setting, cells: pl.DataFrame) -> Usage:
    """Give every silent stretch of a strand the mean of what the strand metered elsewhere.

    A rate is a quotient of two sums, so the sums of the whole serve for each silent bucket.
    """
    usage = setting.usage
    cold = cold_bucket(setting.moment.newest_hour)
    is_old = pl.col("bucket") < cold
    sums = [c for c in usage.telemetry.columns if c not in TELEMETRY_KEYS]
    told = usage.telemetry.select(
        "strand",
        bucket=pl.when(is_old).then(pl.col("bucket") // DAY_HOURS * DAY_HOURS).otherwise("bucket"),
        width_hours=pl.when(is_old).then(DAY_HOURS).otherwise("width_hours").cast(pl.Int8),
    ).cast({"bucket": pl.Int32})
    whole = usage.telemetry.group_by("strand").agg(pl.col(sums).sum())
    silent = cells.select(_BUCKET).unique().join(told, on=_BUCKET, how="anti")
    filled = silent.join(whole, on="strand", how="inner").with_columns(
        hour=pl.lit(0, pl.Int32), impossible_count=pl.lit(0, pl.Int64)
    )
    kinds = usage.coverage.group_by("strand").agg(kinds=pl.col("seen").bitwise_or())
    seen = usage.coverage.join(kinds, on="strand", how="left").with_columns(
        seen=pl.col("kinds").fill_null(0).cast(pl.Int8)
    )
    telemetry = pl.concat([usage.telemetry, filled.select(usage.telemetry.columns)])
    return merge([Usage(usage.strands, seen.select(usage.coverage.columns), telemetry)])
