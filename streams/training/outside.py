"""Evaluation-only data: real series that are not fitted to, most without a licence to ship.

Each set has one label. Nothing of it is stored in the project but the scores.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import polars as pl

from detector.classifier.manifest import ALLOCATION_FEATURES, FEATURE_NAMES
from streams.simulation.families import Hardware
from streams.training.series import SERIES, windows


def _board(name: str, tdp_w: float) -> Hardware:
    return Hardware(name, f"node-{name}", 1, tdp_w, 1e14, 0.0, 1.0)


_H100: Final = _board("H100-SXM5-80GB", 700)
_TITAN: Final = _board("Titan X", 250)
_A100: Final = _board("A100-PCIE-40GB", 250)
_V100: Final = _board("V100-SXM2-32GB", 300)
_K80: Final = _board("K80 half", 150)


def read_outside(data: Path) -> dict[str, pl.DataFrame]:
    """Give each set that is present under ``data`` as feature rows with its label."""
    found = {
        name: windows(read(data), (board,)).with_columns(is_training=pl.lit(is_training))
        for name, (folder, read, board, is_training) in _SETS.items()
        if (data / folder).is_dir()
    }
    jobs = data / "acme_llm_cluster/kalos_completed_jobs.csv"
    return {**found, "acme_llm_cluster, pretraining jobs": _jobs(jobs)} if jobs.exists() else found


def _jobs(path: Path) -> pl.DataFrame:
    """Pretraining jobs of a batch cluster as their allocation alone shows them, one row a job."""
    shown = {
        "devices_max": pl.col("gpus").cast(pl.Float64),
        "resources_count": pl.col("nodes").cast(pl.Float64),
        "duration_hours": pl.col("duration_s") / 3600.0,
        "duty_ratio": pl.lit(1.0),
        "share_batch": pl.lit(1.0),
    }
    absent = {
        name: pl.lit(None if name not in ALLOCATION_FEATURES else 0.0, pl.Float64)
        for name in FEATURE_NAMES
        if name not in shown and name != "day_night_ratio"
    }
    swing = pl.when(pl.col("duration_s") >= 48 * 3600).then(0.0)
    return (
        pl.read_csv(path, infer_schema_length=None)
        .filter(pl.col("job_type") == "Pretrain")
        .select(**shown, **absent, day_night_ratio=swing, is_training=pl.lit(value=True))
    )


def _h100_training(data: Path) -> pl.DataFrame:
    return _smi(
        pl.read_csv(data / "llm_train_smi/h100_series.csv.gz", infer_schema_length=None), _H100
    )


def _titan_training(data: Path, *, burning: bool) -> pl.DataFrame:
    series = pl.read_csv(data / "llm_train_smi/titanx_series.csv.gz", infer_schema_length=None)
    return _smi(series.filter(pl.col("with_power_burn") == burning), _TITAN)


def _inference(data: Path) -> pl.DataFrame:
    return _smi(
        pl.read_csv(data / "llm_infer_smi/a100_series.csv.gz", infer_schema_length=None), _A100
    )


def _science(data: Path) -> pl.DataFrame:
    return _smi(
        pl.read_csv(data / "hecbiosim_hpc/gpu_series.csv.gz", infer_schema_length=None), _V100
    )


def _rendering(data: Path) -> pl.DataFrame:
    """Stage means carry no time: each of a board's stages stands for two readings of a minute."""
    stages = pl.read_csv(
        data / "terascope_render/gpu_stage_means.csv.gz", infer_schema_length=None
    ).filter(pl.col("eventName") == "Render")
    number = pl.int_range(pl.len()).over("gpuSerial")
    frames = [
        stages.select(
            run=pl.concat_str(pl.lit("host-"), pl.col("host").cast(pl.String)),
            node=pl.col("gpuSerial").cast(pl.String),
            t_s=number * 60.0 + second,
            power_w="mean_power_w",
            gpu_util=pl.col("mean_gpu_util_pct") / 100.0,
            accelerator=pl.lit(_K80.accelerator),
            device_count=pl.lit(1, pl.Int64),
        )
        for second in (0.0, 59.0)
    ]
    return pl.concat(frames).cast(SERIES)


def _smi(series: pl.DataFrame, board: Hardware) -> pl.DataFrame:
    """One resource a device; readings of nvidia-smi."""
    return series.select(
        run=pl.col("run_id").cast(pl.String),
        node=pl.col("gpu").cast(pl.String),
        t_s=pl.col("t_s").cast(pl.Float64),
        power_w=pl.col("power_w").cast(pl.Float64),
        gpu_util=pl.col("util_gpu_pct").cast(pl.Float64) / 100.0,
        accelerator=pl.lit(board.accelerator),
        device_count=pl.lit(1, pl.Int64),
    ).cast(SERIES)


_Reader = Callable[[Path], pl.DataFrame]
#: Name of the set: folder, reader, its accelerator, whether it is training.
_SETS: Final[dict[str, tuple[str, _Reader, Hardware, bool]]] = {
    "llm_train_smi, 8 H100": ("llm_train_smi", _h100_training, _H100, True),
    "llm_train_smi, 2 Titan X": (
        "llm_train_smi",
        lambda data: _titan_training(data, burning=False),
        _TITAN,
        True,
    ),
    "llm_train_smi, 2 Titan X, burning power": (
        "llm_train_smi",
        lambda data: _titan_training(data, burning=True),
        _TITAN,
        True,
    ),
    "llm_infer_smi, A100": ("llm_infer_smi", _inference, _A100, False),
    "hecbiosim_hpc, V100": ("hecbiosim_hpc", _science, _V100, False),
    "terascope_render, K80": ("terascope_render", _rendering, _K80, False),
}
