"""The MLPerf power series (Apache-2.0) to a small table of labelled rows that the project ships.

Only power, size and duration are taken. The logs measure the wall of a node; the boards' part of
it is taken as ``BOARD_SHARE``, since processors, fans, network cards and losses take the rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from detector.classifier.manifest import FEATURE_NAMES
from streams.simulation.families import Hardware
from streams.training.boards import board
from streams.training.series import SERIES, windows

SOURCE: Final = "mlperf_power"
#: Share of a node's wall power that its accelerator boards draw: 8 boards of 700 W in nodes rated
#: near 8.5 to 10 kW, and what the logs themselves show at full load. An assumption.
BOARD_SHARE: Final = 0.65
DEVICES_PER_NODE: Final = 8
_SEED: Final = 6
#: Columns of the shipped table beside the features. The windows of a run weigh as one row.
COLUMNS: Final = (
    "is_training",
    "work_class",
    "group",
    "source",
    "weight",
    "system",
    "benchmark",
    "resources_count",
)


#: Part of a system's name, and its accelerator.
BOARDS: Final = (
    ("A100-PCIe", board("A100-PCIE-80GB", DEVICES_PER_NODE)),
    ("A100-SXM", board("A100-SXM4-80GB", DEVICES_PER_NODE)),
    ("H100-SXM", board("H100-SXM5-80GB", DEVICES_PER_NODE)),
    ("H200-SXM", board("H200-SXM-141GB", DEVICES_PER_NODE)),
    ("H100-PCIe", board("H100-PCIE-80GB", DEVICES_PER_NODE)),
    ("B200", board("B200-SXM", DEVICES_PER_NODE)),
    ("H100", board("H100-SXM5-80GB", DEVICES_PER_NODE)),
)


def derive(folder: Path) -> pl.DataFrame:
    """Read the series in ``folder`` and give the table: FEATURE_NAMES and COLUMNS."""
    runs = _runs(folder)
    series, boards = board_series(folder)
    found = windows(series, tuple(boards), are_machines=True)
    return (
        found.join(runs, on="run")
        .with_columns(work_class=_classes())
        .with_columns(source=pl.lit(SOURCE), weight=1.0 / pl.len().over("group"))
        .sort("group", "window")
        .select(*FEATURE_NAMES, *COLUMNS)
    )


def board_series(folder: Path) -> tuple[pl.DataFrame, frozenset[Hardware]]:
    """Give the series as readings of boards (``SERIES``), and what kinds of board they are."""
    runs = _runs(folder)
    series = pl.concat([_training_series(folder), _inference_series(folder)])
    boards = [(run, _board_of(system)) for run, system in runs.select("run", "system").rows()]
    known = pl.DataFrame(
        {"run": [run for run, _ in boards], "accelerator": [b.accelerator for _, b in boards]}
    )
    joined = series.join(known, on="run").with_columns(
        power_w=pl.col("watts") * BOARD_SHARE / DEVICES_PER_NODE,
        gpu_util=pl.lit(None, pl.Float64),
        device_count=pl.lit(DEVICES_PER_NODE, pl.Int64),
    )
    return joined.select(list(SERIES)), frozenset(board for _, board in boards)


def _runs(folder: Path) -> pl.DataFrame:
    return pl.concat([_training_runs(folder), _inference_runs(folder)])


def read_table(text: str) -> pl.DataFrame:
    """Read the shipped table back; features as numbers, empty = not metered."""
    kinds = {
        **dict.fromkeys(FEATURE_NAMES, pl.Float64),
        "weight": pl.Float64,
        "resources_count": pl.Float64,
    }
    return pl.read_csv(
        text.encode(), schema_overrides=kinds, infer_schema_length=None
    ).with_columns(pl.col("is_training").cast(pl.Boolean))


def levelled(table: pl.DataFrame) -> pl.DataFrame:
    """Take out of rows that are fitted on what only tells who measured them.

    Each kind of work has accelerators of its own here: each run gets the peak of any of them. And
    how many of the runs train is the choice of who published them: the two kinds weigh alike.
    """
    runs = table["group"].unique(maintain_order=True)
    peaks = table["peak_operations_per_second"].unique().sort()
    drawn = np.random.default_rng(_SEED).integers(max(1, peaks.len()), size=runs.len())
    own = pl.DataFrame({"group": runs, "peak_operations_per_second": peaks.gather(drawn)})
    weight, kinds = pl.col("weight").sum(), pl.col("is_training").n_unique()
    return (
        table.drop("peak_operations_per_second")
        .join(own, on="group", maintain_order="left")
        .with_columns(weight=pl.col("weight") * weight / kinds / weight.over("is_training"))
    )


def write_table(table: pl.DataFrame) -> str:
    """Write the table with six significant digits a figure."""
    return table.with_columns(pl.col(FEATURE_NAMES).round_sig_figs(6)).write_csv()


def class_of_benchmark(benchmark: str, *, is_training: bool) -> str:
    """Give the class of an MLPerf benchmark: one named after LoRA tunes a model it was given."""
    if not is_training:
        return "inference"
    return "fine-tuning" if "lora" in benchmark.lower() else "training"


def _classes() -> pl.Expr:
    """Give the class of each row, from its benchmark and label."""
    return pl.struct("benchmark", "is_training").map_elements(
        lambda row: class_of_benchmark(row["benchmark"], is_training=row["is_training"]),
        return_dtype=pl.String,
    )


def _training_runs(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "training_power_runs.csv").select(
        run=pl.concat_str(pl.lit("training-"), "run_no"),
        group="run_id",
        system="system",
        benchmark="benchmark",
        is_training=pl.lit(value=True),
    )


def _inference_runs(folder: Path) -> pl.DataFrame:
    """One row a measurement: two accuracy targets may share one log, which counts once."""
    return (
        pl.read_csv(folder / "inference_power_runs.csv")
        .unique(["system", "start_local", "n_samples_raw"], keep="first", maintain_order=True)
        .select(
            run=pl.concat_str(pl.lit("inference-"), "run_no"),
            group="run_id",
            system="system",
            benchmark=pl.concat_str("model", pl.lit(" "), "scenario"),
            is_training=pl.lit(value=False),
        )
    )


def _training_series(folder: Path) -> pl.DataFrame:
    """The nodes' readings (not the switches') between the run's start and stop."""
    bounds = pl.read_csv(folder / "training_power_runs.csv").select(
        "run_no", "run_start_ms", "run_stop_ms"
    )
    return (
        pl.read_csv(folder / "training_power_series.csv.gz", schema_overrides={"watts": pl.Float64})
        .join(bounds, on="run_no")
        .filter(
            pl.col("node").str.starts_with("node_"),
            pl.col("time_ms").is_between("run_start_ms", "run_stop_ms"),
        )
        .select(
            run=pl.concat_str(pl.lit("training-"), "run_no"),
            node="node",
            t_s=(pl.col("time_ms") - pl.col("run_start_ms")) / 1000.0,
            watts="watts",
        )
    )


def _inference_series(folder: Path) -> pl.DataFrame:
    return pl.read_csv(
        folder / "inference_power_series.csv.gz",
        schema_overrides={"t_s": pl.Float64, "watts": pl.Float64},
    ).select(
        run=pl.concat_str(pl.lit("inference-"), "run_no"),
        node=pl.lit("node_0"),
        t_s="t_s",
        watts="watts",
    )


def _board_of(system: str) -> Hardware:
    for part, found in BOARDS:
        if part.lower() in system.lower():
            return found
    raise ValueError(
        f"mlperf_power: expected a system with one of {[p for p, _ in BOARDS]} in its name, got "
        f"{system!r}; add its accelerator to BOARDS"
    )
