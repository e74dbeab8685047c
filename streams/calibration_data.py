"""Reads the folder of measured runs that the prior is fitted to and judged by."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from detector.calibration.cases import benchmark_cases, ordinary_cases, published_cases
from detector.calibration.paired import paces
from streams.files import InputError

PUBLISHED: Final = "published_runs/published_runs.csv"
BENCHMARK: Final = "mlperf_training/runs.csv.gz"
POWER_RUNS: Final = "mlperf_power/training_power_runs.csv"
POWER_SERIES: Final = "mlperf_power/training_power_series.csv.gz"
THROUGHPUT: Final = "training_mfu/llmfoundry_mpt.csv"


@dataclass(frozen=True)
class Measured:
    """CASES of all populations, (case_id, power_ratio) and (source, algorithmic, ...).

    ``pauses``: (owner, pause_ratio), the rate over billed hours over that in step, of long runs.
    ``paced``: ``paces`` of the benchmark runs of any kind whose power was metered, with
    ``power_ratio``.
    """

    cases: pl.DataFrame
    powered: pl.DataFrame
    ratios: pl.DataFrame
    pauses: pl.DataFrame
    paced: pl.DataFrame


def read_measured(folder: Path, accelerators: pl.DataFrame) -> Measured:
    """Read the five files; InputError where one is missing or lacks a column."""
    names = (PUBLISHED, BENCHMARK, THROUGHPUT)
    published, benchmark, throughput = (_read(folder, name) for name in names)
    try:
        cases = pl.concat(
            [
                published_cases(published, accelerators),
                benchmark_cases(benchmark, accelerators),
                ordinary_cases(throughput, accelerators),
            ]
        )
        powered = _powered(folder, cases, accelerators)
        paced = paces(benchmark, accelerators)
        paced = paced.join(_powered(folder, paced, accelerators), on="case_id", how="inner")
        ratios = pl.concat([_recomputed(published), _throughput(throughput)])
        pauses = _pauses(published)
    except pl.exceptions.ColumnNotFoundError as error:
        raise InputError(
            f"{folder}: expected the columns that docs/validation.md names, found no "
            f"{str(error).splitlines()[0]}; give the folder of measured runs with --data"
        ) from error
    return Measured(cases, powered, ratios, pauses, paced)


def _read(folder: Path, name: str) -> pl.DataFrame:
    path = folder / name
    try:
        return pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema_length=None)
    except OSError as error:
        raise InputError(
            f"{path}: expected a file of measured runs, found {error.strerror or error}; give the "
            "folder of measured runs with --data"
        ) from error


def _powered(folder: Path, cases: pl.DataFrame, accelerators: pl.DataFrame) -> pl.DataFrame:
    """Give (case_id, power_ratio): mean wall power of the nodes during a run over rated power."""
    rated = accelerators.unique("sku").select("sku", "tdp_w")
    runs = (
        _read(folder, POWER_RUNS)
        .join(cases, left_on="run_id", right_on="case_id", how="inner")
        .join(rated, on="sku", how="inner")
    )
    ends = runs.select("run_no", "run_start_ms", "run_stop_ms")
    inside = pl.col("time_ms").is_between("run_start_ms", "run_stop_ms")
    return (
        _read(folder, POWER_SERIES)
        .filter(pl.col("node").str.starts_with("node_") & (pl.col("watts") > 0))
        .join(ends, on="run_no", how="inner")
        .filter(inside)
        .group_by("run_no", "node")
        .agg(pl.col("watts").mean())
        .group_by("run_no")
        .agg(watts=pl.col("watts").sort().sum(), node_count=pl.len())
        .join(runs, on="run_no", how="inner")
        .filter(pl.col("node_count") == pl.col("n_nodes"))
        .select(
            case_id="run_id",
            power_ratio=pl.col("watts") / pl.col("devices") / pl.col("tdp_w"),
        )
        .sort("case_id")
    )


def _recomputed(published: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("reported_mfu").is_not_null() & pl.col("reported_hfu").is_not_null()
    return published.filter(both).select(
        source=pl.lit("published"),
        algorithmic=pl.col("reported_mfu") / pl.col("reported_hfu"),
    )


def _pauses(published: pl.DataFrame) -> pl.DataFrame:
    billed, stepping = pl.col("implied_utilisation_independent"), pl.col("reported_mfu")
    both = billed.is_not_null() & stepping.is_not_null() & (pl.col("hours_kind") == "metered")
    return (
        published.filter(both)
        .select(owner="developer", pause_ratio=(billed / stepping).clip(upper_bound=1.0))
        .sort("owner", "pause_ratio")
    )


def _throughput(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        source=pl.lit("throughput tables"), algorithmic=pl.col("MFU") / pl.col("HFU")
    )
