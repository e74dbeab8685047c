"""Measured series (power, utilisation) to feature rows: cut to windows, metered a minute at a time.

The series become usage data and go through the pipeline, as a provider's would.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from streams.simulation.cloud import END_MS
from streams.simulation.families import Hardware
from streams.simulation.workload import DAY_MS, HOUR_MS
from streams.training.measure import feature_rows

READING_SECONDS: Final = 60
WINDOW_SECONDS: Final = 300
#: Share of a window that must have been read.
LEAST_SHARE: Final = 0.4
#: Lengths drawn for windows: longer ones would show day and night.
_LENGTHS_HOURS: Final = (0.1, 47.0)
_SEED: Final = 5
#: Parts of a reading over which nodes are held against each other, how many must be there, and the
#: correlation with their mean from which a node is in phase.
_PHASE_BINS: Final = 12
_PHASE_BINS_MIN: Final = 5
_TOGETHER: Final = 0.5
_PHASE: Final = pl.Schema({"run": pl.String(), "reading": pl.Int64(), "sync_ratio": pl.Float64()})
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
    *,
    are_machines: bool,
) -> pl.DataFrame:
    """Give a feature row for each window of each run: ``run``, ``window``, figures.

    The figures are those of ``feature_rows``.
    ``reading_seconds``: how often the series is metered; it divides ``window_seconds``.
    ``are_machines``: the nodes are machines, so that their keeping in phase is metered too. How
    long a window is says nothing of the work: a length is drawn for it, so that none is learnt.
    """
    phase = _in_phase(series, reading_seconds) if are_machines else pl.DataFrame(schema=_PHASE)
    usage = _usage(series, phase, reading_seconds, window_seconds // reading_seconds)
    names = usage.select("workload_name", "run", "window").unique()
    found = feature_rows([usage.drop("run", "window")], hardware, END_MS // HOUR_MS)
    return (
        found.with_columns(workload_name=pl.col("workload").str.split("/").list.last())
        .join(names, on="workload_name")
        .drop("workload", "workload_name")
        .sort("run", "window")
        .pipe(_relengthened)
    )


def _relengthened(rows: pl.DataFrame) -> pl.DataFrame:
    shares = np.random.default_rng(_SEED).random(rows.height)
    shortest, longest = _LENGTHS_HOURS
    return rows.with_columns(
        duration_hours=pl.Series(shortest * (longest / shortest) ** shares, dtype=pl.Float64)
    )


def _in_phase(series: pl.DataFrame, reading_seconds: int) -> pl.DataFrame:
    """Give the share of a run's nodes that rise and fall with their mean, for each reading."""
    place = ("run", "reading")
    bins = (
        series.with_columns(
            reading=(pl.col("t_s") // reading_seconds).cast(pl.Int64),
            bin=(pl.col("t_s") * _PHASE_BINS // reading_seconds).cast(pl.Int64),
        )
        .group_by(*place, "node", "bin")
        .agg(level=pl.coalesce("power_w", "gpu_util").mean())
        .sort(*place, "node", "bin")
        .with_columns(middle=pl.col("level").mean().over(*place, "bin"))
    )
    nodes = bins.group_by(*place, "node").agg(
        together=pl.corr("level", "middle").fill_nan(0.0), bin_count=pl.len()
    )
    return (
        nodes.group_by(place)
        .agg(
            sync_ratio=(pl.col("together") >= _TOGETHER).mean(),
            is_told=(pl.len() > 1) & (pl.col("bin_count").median() >= _PHASE_BINS_MIN),
        )
        .filter("is_told")
        .select(list(_PHASE))
    )


def _usage(
    series: pl.DataFrame, phase: pl.DataFrame, reading_seconds: int, window_readings: int
) -> pl.DataFrame:
    """One usage row per node and reading; readings that the series only grazes are left out."""
    reading = (pl.col("t_s") // reading_seconds).cast(pl.Int64)
    watts = pl.col("power_w").filter(pl.col("power_w") > 0)
    readings = (
        series.with_columns(reading=reading)
        .group_by("run", "node", "reading", "accelerator", "device_count", maintain_order=True)
        .agg(
            watts.mean(),
            pl.when(watts.n_unique() > 1).then(watts.std(ddof=0)).alias("power_w_std"),
            pl.col("gpu_util").mean(),
            seconds=pl.col("t_s").max() - pl.col("t_s").min(),
        )
        .filter(pl.col("seconds") >= reading_seconds / 2)
        .with_columns(window=pl.col("reading") // window_readings)
        .join(phase, on=("run", "reading"), how="left", maintain_order="left")
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
        pl.col("sync_ratio").alias("telemetry.sync_ratio"),
        workload_name=pl.concat_str(runs, pl.lit("-"), "window"),
        job_id=pl.concat_str(runs, pl.lit("-"), "window"),
        tenant_id=pl.concat_str(pl.lit("run-"), runs),
        resource_id=pl.concat_str(runs, pl.lit("-"), "node"),
        start=_instant(start),
        end=_instant(start + reading_seconds * 1000),
    )


def _instant(milliseconds: pl.Expr) -> pl.Expr:
    return pl.from_epoch(milliseconds, time_unit="ms").dt.replace_time_zone("UTC")
