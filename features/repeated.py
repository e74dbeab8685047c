"""Resources of which several events tell at the same time, from one vantage and for one tenant.

Their time counts once, with the largest device count. That is right of one machine that is metered
twice, and wrong of several machines under one name; the events alone do not say which it is.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.accumulate import Usage
from features.compute import PPB, held_ppb, hours

#: For how long so many events (``times``, two or more) told of one resource at once, and the
#: devices of all of them over that time, in parts per 10^9.
REPEATS: Final = pl.Schema(
    {
        "tenant_id": pl.String(),
        "times": pl.Int64(),
        "resource_ms": pl.Int64(),
        "told_ppb_ms": pl.Int128(),
    }
)
_RESOURCE: Final = ("tenant_id", "vantage", "resource_id")


def repeated(usage: Usage, specs: pl.DataFrame) -> pl.DataFrame:
    """Give REPEATS of a state of which everything is known; ``specs``: of ``compute.specify``."""
    whose = usage.strands.select(
        "strand", "tenant_id", vantage=pl.col("vantage").fill_null("host")
    ).join(specs.select("strand", "catalogue_count"), on="strand", how="left")
    length = pl.col("until_ms") - pl.col("at_ms")
    return (
        usage.coverage.join(whose, on="strand", how="left")
        .group_by(*_RESOURCE, "at_ms")
        .agg(pl.col("delta").sum(), told=(pl.col("delta") * held_ppb()).sum())
        .sort(*_RESOURCE, "at_ms")
        # The steps of every resource sum to nothing, so one running sum serves them all.
        .select(
            "tenant_id",
            "at_ms",
            times=pl.col("delta").cum_sum(),
            told=pl.col("told").cast(pl.Int128).cum_sum(),
            until_ms=pl.col("at_ms").shift(-1),
        )
        .filter(pl.col("times") > 1)
        .group_by("tenant_id", "times")
        .agg(resource_ms=length.sum(), told_ppb_ms=(pl.col("told") * length).sum())
        .sort("tenant_id", "times")
        .cast(REPEATS)
    )


def lost_hours(repeats: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Say what more events than sources come to: what is lost if they tell of several machines.

    ``sources``: (tenant_id, source_count), who meters a tenant: each may tell of a machine once.
    Columns: ``tenant_id``, ``source_count``, ``times`` (the most), ``resource_hours``,
    ``accelerator_hours`` (of the events beyond one a source, each as large as their mean).
    """
    beyond = (pl.col("times") - pl.col("source_count")) / pl.col("times")
    return (
        repeats.join(sources, on="tenant_id")
        .filter(pl.col("times") > pl.col("source_count"))
        .with_columns(lost=(pl.col("told_ppb_ms") // PPB).cast(pl.Float64) * beyond)
        .sort("tenant_id", "times")
        .group_by("tenant_id", "source_count", maintain_order=True)
        .agg(pl.col("times").max(), pl.col("resource_ms", "lost").sum())
        .select(
            *("tenant_id", "source_count", "times"),
            resource_hours=hours(pl.col("resource_ms")),
            accelerator_hours=hours(pl.col("lost")),
        )
    )
