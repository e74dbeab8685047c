"""One feature row per workload: what the classifier sees, from what the state holds.

Means are weighted by device time; a figure that was never metered is null.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import DAY_HOURS, PPB

KEY: Final = ("as_of", "workload")
_RATES: Final = (
    "nvlink_bytes",
    "fabric_bytes",
    "ingress_bytes",
    "egress_bytes",
    "storage_write_bytes",
)
_CLASSES: Final = {
    "share_managed_training": ("service_class", "managed_training"),
    "share_managed_inference": ("service_class", "managed_inference"),
    "share_batch": ("service_class", "batch"),
    "share_notebook": ("service_class", "notebook"),
    "share_spot": ("purchase_option", "spot"),
}


def feature_rows(
    cells: pl.DataFrame, levels: pl.DataFrame, named: pl.DataFrame, strands: pl.DataFrame
) -> pl.DataFrame:
    """Give one row per (as_of, workload) with the columns of the classifier's feature list.

    ``cells``: ``describe.estimate``'s frame; ``levels``: the timeline's; ``named``: that of
    ``cells.numbered``.
    """
    works = named.select("as_of", "strand", "work")
    classed = strands.select("strand", "service_class", "purchase_option")
    rows = cells.join(classed, on="strand", maintain_order="left")
    means = rows.group_by("work").agg(pl.col(KEY).first(), *_means(), *_class_shares())
    return (
        means.join(_sizes(levels.join(works, on=("as_of", "strand"))), on="work", how="left")
        .join(_rhythm(rows), on="work", how="left")
        .with_columns(
            duty_ratio=pl.col("device_hours")
            / (pl.col("duration_hours") * pl.col("devices_max")).replace(0.0, None)
        )
        .sort("work")
        .drop("work")
    )


def _means() -> list[pl.Expr]:
    time = pl.col("device_ms")
    columns = [
        _mean(pl.col(f)).alias(f"{f}_mean")
        for f in ("tensor_active", "gpu_util", "sm_active", "dram_active", "fp64_active")
    ]
    columns += [_std(f, pl.lit(1.0)).alias(f"{f}_std") for f in ("tensor_active", "gpu_util")]
    resources = pl.when(pl.col("device_ms") > 0).then(pl.col("resource_ms") / pl.col("device_ms"))
    columns += [_mean(pl.col(f) * resources).alias(f"{f}_per_device_second") for f in _RATES]
    counted = time * (1.0 - pl.col("share_allocation") - pl.col("share_silence"))
    return [
        *columns,
        _mean(pl.col("power_ratio")).alias("power_ratio_mean"),
        _std("power_w", pl.col("tdp_w")).alias("power_ratio_std"),
        _mean(pl.col("sync_ratio")).alias("sync_ratio_mean"),
        pl.when(time.sum() > 0).then(counted.sum() / time.sum()).alias("telemetry_ratio"),
        (time.sum() / 3_600_000.0).alias("device_hours"),
    ]


def _mean(value: pl.Expr) -> pl.Expr:
    weight = pl.when(value.is_not_null()).then(pl.col("device_ms")).sum()
    return pl.when(weight > 0).then((value * pl.col("device_ms")).sum() / weight)


def _std(field: str, unit: pl.Expr) -> pl.Expr:
    """Standard deviation over time and strands of a field, in units of ``unit``."""
    mean = _mean(pl.col(field) / unit)
    square = _mean(pl.col(f"{field}.square") / unit**2)
    return (square - mean**2).clip(0.0).sqrt()


def _class_shares() -> list[pl.Expr]:
    time = pl.col("device_ms")
    return [
        pl.when(time.sum() > 0)
        .then(pl.when((pl.col(c) == v).fill_null(value=False)).then(time).sum() / time.sum())
        .alias(name)
        for name, (c, v) in _CLASSES.items()
    ]


def _sizes(levels: pl.DataFrame) -> pl.DataFrame:
    """Peak concurrent accelerators and resources, and the span from first to last."""
    held = ("devices_ppb", "resources")
    edges = [
        levels.select(
            "work",
            pl.col(at).alias("at_ms"),
            *[(pl.col(c) * sign).cast(pl.Int128).alias(c) for c in held],
        )
        for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    steps = (
        pl.concat(edges)
        .group_by("work", "at_ms")
        .agg(pl.col(held).sum())
        .sort("work", "at_ms")
        .with_columns(pl.col(held).cum_sum())
    )
    return steps.group_by("work").agg(
        devices_max=pl.col("devices_ppb").max().cast(pl.Float64) / PPB,
        resources_count=pl.col("resources").max().cast(pl.Float64),
        duration_hours=(pl.col("at_ms").max() - pl.col("at_ms").min()) / 3_600_000.0,
    )


def _rhythm(rows: pl.DataFrame) -> pl.DataFrame:
    """Relative amplitude of use over the hour of the day, of workloads that last two days."""
    use = pl.col("device_ms") * pl.coalesce("activity", "tensor_active", pl.lit(1.0))
    hours = (
        rows.filter(pl.col("width_hours") == 1)
        .group_by("work", hour_of_day=pl.col("bucket") % DAY_HOURS)
        .agg(use=use.sum(), bucket_count=pl.col("bucket").n_unique())
    )
    low = pl.when(pl.len() == DAY_HOURS).then(pl.col("use").min()).otherwise(0.0)
    return (
        hours.group_by("work")
        .agg(
            amplitude=(pl.col("use").max() - low) / (pl.col("use").max() + low).replace(0.0, None),
            days=pl.col("bucket_count").max(),
        )
        .select("work", day_night_ratio=pl.when(pl.col("days") >= 2).then("amplitude"))
    )
