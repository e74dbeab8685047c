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
WINDOW_READINGS: Final = 5
LEAST_READINGS: Final = 2
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


def windows(series: pl.DataFrame, hardware: tuple[Hardware, ...]) -> pl.DataFrame:
    """Give a feature row for each window of five minutes of each run: ``run``, ``window``, ..."""
    usage = _usage(series)
    names = usage.select("workload_name", "run", "window").unique()
    found = feature_rows([usage.drop("run", "window")], hardware, END_MS // HOUR_MS)
    return (
        found.with_columns(workload_name=pl.col("workload").str.split("/").list.last())
        .join(names, on="workload_name")
        .drop("workload", "workload_name")
        .sort("run", "window")
    )


def _usage(series: pl.DataFrame) -> pl.DataFrame:
    """One usage row per node and minute; minutes that the series only grazes are left out."""
    minute = (pl.col("t_s") // READING_SECONDS).cast(pl.Int64)
    readings = (
        series.with_columns(minute=minute)
        .group_by("run", "node", "minute", "accelerator", "device_count", maintain_order=True)
        .agg(
            pl.col("power_w").filter(pl.col("power_w") > 0).mean(),
            pl.col("gpu_util").mean(),
            seconds=pl.col("t_s").max() - pl.col("t_s").min(),
        )
        .filter(pl.col("seconds") >= READING_SECONDS / 2)
        .with_columns(window=pl.col("minute") // WINDOW_READINGS)
    )
    held = pl.col("minute").n_unique().over("run", "window") >= LEAST_READINGS
    runs = pl.col("run").rank("dense").cast(pl.String)
    start = _BEGIN_MS + pl.col("minute") * READING_SECONDS * 1000
    return readings.filter(held).select(
        "run",
        "window",
        "accelerator",
        pl.col("device_count").alias("accelerator_count"),
        pl.col("power_w").alias("telemetry.power_w"),
        pl.col("gpu_util").alias("telemetry.gpu_util"),
        workload_name=pl.concat_str(runs, pl.lit("-"), "window"),
        job_id=pl.concat_str(runs, pl.lit("-"), "window"),
        tenant_id=pl.concat_str(pl.lit("run-"), runs),
        resource_id=pl.concat_str(runs, pl.lit("-"), "node"),
        start=pl.from_epoch(start, time_unit="ms").dt.replace_time_zone("UTC"),
        end=pl.from_epoch(start + READING_SECONDS * 1000, time_unit="ms").dt.replace_time_zone(
            "UTC"
        ),
    )
