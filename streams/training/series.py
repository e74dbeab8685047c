"""Measured series (power, utilisation) to feature rows: cut to windows, metered a minute at a time.

The series become usage data and go through the pipeline, as a provider's would.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from streams.simulation.cloud import END_MS
from streams.simulation.families import Hardware
from streams.simulation.workload import DAY_MS, HOUR_MS
from streams.training.measure import feature_rows

READING_SECONDS: Final = 60
WINDOW_SECONDS: Final = 300
#: Share of a window that must have been read.
LEAST_SHARE: Final = 0.4
_BEGIN_MS: Final = END_MS - 10 * DAY_MS

#: One reading a row. ``t_s``: seconds since the run began; ``power_w``: watts per accelerator;
#: ``gpu_util``: 0 to 1, null where not measured; ``device_count``: accelerators of the node.
SERIES: Final = pl.Schema(
    {
        "run": pl.String,
        "node": pl.String,
        "t_s": pl.Float64,
        "power_w": pl.Float64,
        "gpu_util": pl.Float64,
        "accelerator": pl.String,
        "device_count": pl.Int64,
    }
)


def windows(
    series: pl.DataFrame,
    hardware: tuple[Hardware, ...],
    reading_seconds: int = READING_SECONDS,
    window_seconds: int = WINDOW_SECONDS,
) -> pl.DataFrame:
    """Give a feature row for each window of each run: ``run``, ``window``, FEATURE_NAMES.

    ``reading_seconds``: how often the series is metered; it divides ``window_seconds``.
    """
    usage = _usage(series, reading_seconds, window_seconds // reading_seconds)
    names = usage.select("workload_name", "run", "window").unique()
    found = feature_rows([usage.drop("run", "window")], hardware, END_MS // HOUR_MS)
    return (
        found.with_columns(workload_name=pl.col("workload").str.split("/").list.last())
        .join(names, on="workload_name")
        .drop("workload", "workload_name")
        .sort("run", "window")
    )


def _usage(series: pl.DataFrame, reading_seconds: int, window_readings: int) -> pl.DataFrame:
    """One usage row per node and reading; readings that the series only grazes are left out."""
    reading = (pl.col("t_s") // reading_seconds).cast(pl.Int64)
    watts = pl.col("power_w").filter(pl.col("power_w") > 0)
    readings = (
        series.with_columns(reading=reading)
        .group_by("run", "node", "reading", "accelerator", "device_count", maintain_order=True)
        .agg(
            watts.mean(),
            watts.std(ddof=0).alias("power_w_std"),
            pl.col("gpu_util").mean(),
            seconds=pl.col("t_s").max() - pl.col("t_s").min(),
        )
        .filter(pl.col("seconds") >= reading_seconds / 2)
        .with_columns(window=pl.col("reading") // window_readings)
    )
    held = pl.col("reading").n_unique().over("run", "window") >= LEAST_SHARE * window_readings
    runs = pl.col("run").rank("dense").cast(pl.String)
    start = _BEGIN_MS + pl.col("reading") * reading_seconds * 1000
    return readings.filter(held).select(
        "run",
        "window",
        "accelerator",
        pl.col("device_count").alias("accelerator_count"),
        pl.col("power_w").alias("telemetry.power_w"),
        pl.col("power_w_std").alias("telemetry.power_w_std"),
        pl.col("gpu_util").alias("telemetry.gpu_util"),
        workload_name=pl.concat_str(runs, pl.lit("-"), "window"),
        job_id=pl.concat_str(runs, pl.lit("-"), "window"),
        tenant_id=pl.concat_str(pl.lit("run-"), runs),
        resource_id=pl.concat_str(runs, pl.lit("-"), "node"),
        start=_instant(start),
        end=_instant(start + reading_seconds * 1000),
    )


def _instant(milliseconds: pl.Expr) -> pl.Expr:
    return pl.from_epoch(milliseconds, time_unit="ms").dt.replace_time_zone("UTC")
