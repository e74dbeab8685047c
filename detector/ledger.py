"""Cells to sums: what each run, tenant, owner and cluster did, and how it grew.

Owner sums are views: a cell counts for whoever held its tenant in its segment, and nobody's share
divides it. Training sums count a workload from a probability of 0.9 for low, 0.5 for expected and
0.1 for high; a probability never multiplies operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from features.cells import whole_first
from features.compute import HOUR_MS, hours
from features.describe import FIGURES, METHODS, SAID

COUNTS_FROM: Final = {"low": 0.9, "expected": 0.5, "high": 0.1}
SCOPES: Final = ("tenant", "training_run", "owner", "cluster")
UNATTRIBUTED: Final = "unattributed"
INSTANT: Final = pl.Datetime("ms", "UTC")

TOTALS: Final = (
    "scope",
    "id",
    "tenant_ids",
    "accelerator_hours",
    "peak_operations",
    "operations_low",
    "operations_expected",
    "operations_high",
    "hardware_operations_expected",
    "training_probability",
    "training_operations_low",
    "training_operations_expected",
    "training_operations_high",
    "first_start",
    "last_end",
)
_TRAINING: Final = tuple(f"training_operations_{bound}" for bound in COUNTS_FROM)
_SUMS: Final = (
    "device_ppb_ms",
    "resource_ms",
    *FIGURES,
    *_TRAINING,
    *(f"seconds_{method}" for method in METHODS),
    *SAID,
)


def weigh(cells: pl.DataFrame, probabilities: pl.DataFrame) -> pl.DataFrame:
    """Say which operations count as training.

    ``cells``: the pipeline's. ``probabilities``: (as_of, workload, training_probability). Adds
    ``training_probability``, the three training sums and ``run_id`` (a run, or ``unattributed``).
    """
    joined = cells.join(probabilities, on=("as_of", "workload"), how="left", maintain_order="left")
    likely = pl.col("training_probability").fill_null(0.0)
    return joined.with_columns(
        *[
            pl.when(likely >= least)
            .then(pl.col(f"operations_{bound}"))
            .otherwise(pl.lit(0, pl.Int128))
            .alias(f"training_operations_{bound}")
            for bound, least in COUNTS_FROM.items()
        ],
        run_id=pl.when("is_run").then("workload").otherwise(pl.lit(UNATTRIBUTED)),
    )


def spread(weighed: pl.DataFrame, holders: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give for each scope the cells with the ``id`` they count for.

    ``holders``: (as_of, tenant_id, segment, owner_id); a tenant may have several.
    """
    owned = weighed.join(holders, on=("as_of", "tenant_id", "segment"), how="inner")
    return {
        "tenant": weighed.with_columns(id=pl.col("tenant_id")),
        "training_run": weighed.with_columns(id=pl.col("run_id")),
        "owner": owned.with_columns(id=pl.col("owner_id")),
        "cluster": weighed.filter(pl.col("cluster_id").is_not_null()).with_columns(
            id=pl.col("cluster_id")
        ),
    }


def sums(cells: pl.DataFrame) -> pl.DataFrame:
    """Sum one scope's cells per (as_of, id), in the order of time, so that equal sets agree."""
    ordered = cells.sort(
        "as_of", "id", "bucket", "tenant_id", "workload", "strand", "hardware", "segment"
    )
    share = pl.col("training_probability") * pl.col("device_ms")
    metered = pl.when(pl.col("training_probability").is_not_null()).then(pl.col("device_ms"))
    return (
        ordered.group_by("as_of", "id", maintain_order=True)
        .agg(
            pl.col(_SUMS).sum(),
            tenant_ids=pl.col("tenant_id").unique().sort(),
            training_probability=pl.when(metered.sum() > 0).then(share.sum() / metered.sum()),
            first_start=pl.col("start_ms").min().cast(INSTANT),
            last_end=pl.col("end_ms").max().cast(INSTANT),
        )
        .with_columns(device_ms=whole_first(pl.col("device_ppb_ms")))
        .with_columns(accelerator_hours=hours(pl.col("device_ms")))
    )


def curves(cells: pl.DataFrame) -> pl.DataFrame:
    """Cumulate one scope's training operations over its buckets.

    Columns: as_of, id, start_ms, end_ms, low, expected, high.
    """
    end = (pl.col("bucket").cast(pl.Int64) + pl.col("width_hours")) * HOUR_MS
    return (
        cells.with_columns(end_of_bucket_ms=end)
        .sort("as_of", "id", "bucket", "tenant_id", "workload", "strand", "hardware", "segment")
        .group_by("as_of", "id", "end_of_bucket_ms", maintain_order=True)
        .agg(pl.col(_TRAINING).sum(), pl.col("start_ms").min(), last_ms=pl.col("end_ms").max())
        .sort("as_of", "id", "end_of_bucket_ms")
        .select(
            "as_of",
            "id",
            "start_ms",
            end_ms=pl.min_horizontal("end_of_bucket_ms", "last_ms"),
            **{
                bound: pl.col(f"training_operations_{bound}").cum_sum().over("as_of", "id")
                for bound in COUNTS_FROM
            },
        )
    )


def added(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add totals of parts that share no tenant; clusters and unattributed work may span them."""
    rows = pl.concat(parts)
    spans = rows.select(pl.struct("scope", "id").is_duplicated()).to_series()
    shared = rows.filter(spans)
    hours = pl.col("accelerator_hours")
    share = pl.col("training_probability") * hours
    counted = pl.when(pl.col("training_probability").is_not_null()).then(hours).sum()
    summed = [c for c in TOTALS if c.endswith(("_hours", "_operations")) or "operations_" in c]
    sums_ = shared.group_by("scope", "id", maintain_order=True).agg(
        pl.col(summed).sum(),
        pl.col("tenant_ids").str.split(";").explode().unique().sort().str.join(";"),
        pl.when(counted > 0).then(share.sum() / counted).alias("training_probability"),
        pl.col("first_start").min(),
        pl.col("last_end").max(),
    )
    return pl.concat([rows.filter(~spans), sums_.select(TOTALS)]).sort("scope", "id")


def totals(by_scope: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Give the rows of ``totals.csv``: TOTALS columns, sorted by scope and id."""
    rows = [
        sums(by_scope[scope]).with_columns(
            scope=pl.lit(scope),
            tenant_ids=pl.col("tenant_ids").list.join(";"),
        )
        for scope in SCOPES
    ]
    return pl.concat([row.select(TOTALS) for row in rows]).sort("scope", "id")
