"""Real series as one table a set: power and utilisation over time, and sizes and lengths of jobs.

Nothing of them is kept but their statistics: most of the sets carry no licence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from streams.training.boards import board, nearest_board
from streams.training.power import board_series

#: One reading a row; ``power`` over design power and ``util`` from 0 to 1, null where unmeasured.
READINGS: Final = pl.Schema(
    {
        "run": pl.String,
        "node": pl.String,
        "t_s": pl.Float64,
        "power": pl.Float64,
        "util": pl.Float64,
    }
)
#: One job a row.
JOBS: Final = pl.Schema({"devices": pl.Float64, "hours": pl.Float64})


@dataclass(frozen=True)
class Smi:
    """Where a set of device readings lies, what its columns are called, on which boards it ran.

    A run is taken to be on that of the ``boards`` whose rated power its readings come nearest to.
    """

    path: str
    run: str
    node: str
    power: str
    util: str
    boards: tuple[str, ...]


_H100: Final = Smi(
    "llm_train_smi/h100_series.csv.gz",
    *("run_id", "gpu", "power_w", "util_gpu_pct"),
    ("H100-SXM5-80GB",),
)
_A100: Final = Smi(
    "llm_infer_smi/a100_series.csv.gz",
    *("run_id", "gpu", "power_w", "util_gpu_pct"),
    ("A100-PCIE-40GB", "A100-SXM4-80GB"),
)
_V100: Final = Smi(
    "hecbiosim_hpc/gpu_series.csv.gz",
    *("run_id", "gpu", "power_w", "util_gpu_pct"),
    ("V100-SXM2-32GB",),
)


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=None)


def _smi(data: Path, which: Smi) -> pl.DataFrame:
    highest = pl.col(which.power).max().over(which.run)
    ratings = {name: board(name).tdp_w for name in which.boards}
    tdp_w = nearest_board(highest, which.boards).replace_strict(ratings, return_dtype=pl.Float64)
    return (
        _read(data / which.path)
        .select(
            run=pl.col(which.run).cast(pl.String),
            node=pl.col(which.node).cast(pl.String),
            t_s=pl.col("t_s").cast(pl.Float64),
            power=pl.col(which.power).cast(pl.Float64) / tdp_w,
            util=pl.col(which.util).cast(pl.Float64) / 100.0,
        )
        .cast(READINGS)
    )


def _mlperf(data: Path, labels: tuple[str, ...]) -> pl.DataFrame:
    """Read wall power of nodes, as the boards' part of it: see ``streams.training.power``."""
    folder = data / "mlperf_power"
    runs = _read(folder / "training_power_runs.csv")
    chosen = runs.filter(pl.col("workload_label").is_in(labels)).select(
        run=pl.concat_str(pl.lit("training-"), "run_no")
    )
    series, boards = board_series(folder)
    tdp = pl.DataFrame(
        {"accelerator": [b.accelerator for b in boards], "tdp_w": [b.tdp_w for b in boards]}
    ).unique()
    return (
        series.join(chosen, on="run", how="semi")
        .join(tdp, on="accelerator")
        .filter(pl.col("power_w") > 0)
        .select(
            "run",
            "node",
            "t_s",
            power=pl.col("power_w") / pl.col("tdp_w"),
            util=pl.lit(None, pl.Float64),
        )
        .cast(READINGS)
    )


def _pods(data: Path) -> pl.DataFrame:
    return (
        _read(data / "alibaba_genai_inference/pod_gpu.csv.gz")
        .select(
            run="pod",
            node="pod",
            t_s=pl.col("timestamp_anon").cast(pl.Float64),
            power=pl.lit(None, pl.Float64),
            util=pl.col("gpu_util_pct") / 100.0,
        )
        .cast(READINGS)
    )


def _stages(data: Path) -> pl.DataFrame:
    """Read means of stages: they carry no order in time, so each stands for itself."""
    return (
        _read(data / "terascope_render/gpu_stage_means.csv.gz")
        .filter(pl.col("eventName") == "Render")
        .select(
            run=pl.col("host").cast(pl.String),
            node=pl.col("gpuSerial").cast(pl.String),
            t_s=pl.int_range(pl.len()).cast(pl.Float64) * 60.0,
            power=pl.col("mean_power_w") / 149.0,
            util=pl.col("mean_gpu_util_pct") / 100.0,
        )
        .cast(READINGS)
    )


@dataclass(frozen=True)
class Pair:
    """One real set and the family that stands for it; both are averaged over ``step_s``.

    ``ordered``: its readings follow each other in time; ``begin_minutes``: how long after its
    start a simulated workload is first looked at, where the real set leaves the start out.
    """

    title: str
    folder: str
    family: str
    step_s: int
    read: Callable[[Path], pl.DataFrame]
    ordered: bool = True
    begin_minutes: int = 0


PAIRS: Final = (
    Pair(
        "MLPerf, GPT-3 on 64 nodes",
        "mlperf_power",
        "pretraining",
        15,
        lambda data: _mlperf(data, ("pretrain_llm",)),
        begin_minutes=30,
    ),
    Pair(
        "MLPerf, LoRA on 1 to 64 nodes",
        "mlperf_power",
        "lora",
        15,
        lambda data: _mlperf(data, ("finetune_llm",)),
        begin_minutes=30,
    ),
    Pair(
        "MLPerf, vision, speech, recommenders",
        "mlperf_power",
        "small_training",
        15,
        lambda data: _mlperf(data, ("train_vision", "train_recsys", "pretrain_lm_small")),
        begin_minutes=30,
    ),
    Pair(
        "small LLM training, 8 H100",
        "llm_train_smi",
        "small_training",
        15,
        lambda d: _smi(d, _H100),
    ),
    Pair(
        "offline LLM inference, A100",
        "llm_infer_smi",
        "batch_inference",
        15,
        lambda d: _smi(d, _A100),
    ),
    Pair("image generation, 144 pods", "alibaba_genai_inference", "inference", 60, _pods),
    Pair("molecular dynamics, V100", "hecbiosim_hpc", "hpc", 15, lambda d: _smi(d, _V100)),
    Pair("rendering, K80", "terascope_render", "rendering", 60, _stages, ordered=False),
)


def acme_jobs(data: Path, job_type: str) -> pl.DataFrame:
    """Read completed jobs of one type of an LLM cluster."""
    jobs = _read(data / "acme_llm_cluster/kalos_completed_jobs.csv")
    return jobs.filter(pl.col("job_type") == job_type).select(
        devices=pl.col("gpus").cast(pl.Float64), hours=pl.col("duration_s") / 3600.0
    )


def pods(data: Path) -> pl.DataFrame:
    """Read pods of a shared cluster that held accelerators and ended."""
    found = _read(data / "alibaba_gpu_lifecycle/gpu2023_pods.csv.gz")
    held = pl.col("deletion_time") - pl.col("scheduled_time")
    return found.filter((pl.col("num_gpu") > 0) & (held > 0)).select(
        devices=pl.col("num_gpu") * pl.col("gpu_milli") / 1000.0, hours=held / 3600.0
    )


def requests(data: Path) -> pl.DataFrame:
    """Read the summed request rate of all pods by the minute: ``t_s``, ``rate``."""
    return (
        _read(data / "alibaba_genai_inference/qps.csv.gz")
        .with_columns(t_s=(pl.col("timestamp_anon") // 600 * 600).cast(pl.Float64))
        .group_by("t_s")
        .agg(rate=pl.col("value").sum())
        .sort("t_s")
    )
