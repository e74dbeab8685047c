"""Evaluation-only data: real series that nothing that ships is fitted to, most without a licence.

Each set has one class. Nothing of it is stored in the project but the scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from detector.classifier.kinds import TRAINING_CLASSES
from detector.classifier.manifest import ALLOCATION_FEATURES, FEATURE_NAMES
from streams.simulation.families import Hardware
from streams.training.boards import board, nearest_board
from streams.training.series import SERIES, windows

_H100: Final = board("H100-SXM5-80GB")
_TITAN: Final = board("Titan X")
_A100: Final = board("A100-PCIE-40GB")
_A100_SXM: Final = board("A100-SXM4-80GB")
_V100: Final = board("V100-SXM2-32GB")
_K80: Final = board("K80 half")
#: An accelerator that the source does not name; it gives no power either.
_UNNAMED: Final = board("unnamed")
#: Pods, and hosts, of one service that are taken for one workload of several nodes.
_FLEET: Final = 8


@dataclass(frozen=True)
class Outside:
    """One set: where it lies, how it is read, what it is, and how it is metered.

    ``vendor``: whose machines and measurement; ``is_fleet``: its nodes are separate machines.
    """

    name: str
    folder: str
    read: Callable[[Path], pl.DataFrame]
    board: Hardware
    work_class: str
    vendor: str
    is_fleet: bool = False
    reading_seconds: int = 60
    window_seconds: int = 300

    def rows(self, data: Path) -> pl.DataFrame:
        """Give a labelled feature row for each window; the windows of a run weigh as one row."""
        found = windows(
            self.read(data),
            (self.board,),
            self.reading_seconds,
            self.window_seconds,
            are_machines=self.is_fleet,
        )
        nodes = pl.col("resources_count") if self.is_fleet else pl.lit(1.0)
        return _labelled(found, self, pl.col("run")).with_columns(node_count=nodes)


def read_outside(data: Path) -> dict[str, pl.DataFrame]:
    """Give each set that is present under ``data`` as labelled feature rows.

    Beside FEATURE_NAMES: ``is_training``, ``work_class``, ``group``, ``weight``, ``source``,
    ``vendor``, ``accelerator`` and ``node_count``.
    """
    found = {each.name: each.rows(data) for each in _SETS if (data / each.folder).is_dir()}
    jobs = data / "acme_llm_cluster/kalos_completed_jobs.csv"
    return {**found, _ACME.name: _jobs(jobs)} if jobs.exists() else found


def _labelled(rows: pl.DataFrame, source: Outside, group: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(
        is_training=pl.lit(source.work_class in TRAINING_CLASSES),
        work_class=pl.lit(source.work_class),
        group=pl.concat_str(pl.lit(f"{source.name} "), group.cast(pl.String)),
        source=pl.lit(source.name),
        vendor=pl.lit(source.vendor),
        accelerator=pl.lit(source.board.accelerator),
    ).with_columns(weight=1.0 / pl.len().over("group"))


def _jobs(path: Path) -> pl.DataFrame:
    """Pretraining jobs of a batch cluster as their allocation alone shows them, one row a job."""
    shown = {
        "devices_max": pl.col("gpus").cast(pl.Float64),
        "resources_count": pl.col("nodes").cast(pl.Float64),
        "duration_hours": pl.col("duration_s") / 3600.0,
        "duty_ratio": pl.lit(1.0),
        "share_batch": pl.lit(1.0),
        "gang_start_ratio": pl.lit(1.0),
        "gang_stop_ratio": pl.lit(1.0),
        "peak_operations_per_second": pl.lit(_A100.peak_operations_per_second),
    }
    absent = {
        name: pl.lit(None if name not in ALLOCATION_FEATURES else 0.0, pl.Float64)
        for name in FEATURE_NAMES
        if name not in shown and name != "day_night_ratio"
    }
    swing = pl.when(pl.col("duration_s") >= 48 * 3600).then(0.0)
    rows = (
        pl.read_csv(path, infer_schema_length=None)
        .filter(pl.col("job_type") == "Pretrain")
        .select("job_id", **shown, **absent, day_night_ratio=swing)
    )
    return _labelled(rows, _ACME, pl.col("job_id")).with_columns(
        node_count=pl.col("resources_count")
    )


def _h100_training(data: Path) -> pl.DataFrame:
    return _smi(
        pl.read_csv(data / "llm_train_smi/h100_series.csv.gz", infer_schema_length=None), _H100
    )


def _titan_training(data: Path, *, burning: bool) -> pl.DataFrame:
    series = pl.read_csv(data / "llm_train_smi/titanx_series.csv.gz", infer_schema_length=None)
    return _smi(series.filter(pl.col("with_power_burn") == burning), _TITAN)


def _inference(data: Path, which: Hardware) -> pl.DataFrame:
    """Runs on one of the two boards of the set, which does not say which run was on which."""
    series = pl.read_csv(data / "llm_infer_smi/a100_series.csv.gz", infer_schema_length=None)
    highest = pl.col("power_w").max().over("run_id")
    names = (_A100.accelerator, _A100_SXM.accelerator)
    return _smi(series.filter(nearest_board(highest, names) == which.accelerator), which)


def _inference_pcie(data: Path) -> pl.DataFrame:
    return _inference(data, _A100)


def _inference_sxm(data: Path) -> pl.DataFrame:
    return _inference(data, _A100_SXM)


def _science(data: Path) -> pl.DataFrame:
    return _smi(
        pl.read_csv(data / "hecbiosim_hpc/gpu_series.csv.gz", infer_schema_length=None), _V100
    )


def _rendering(data: Path) -> pl.DataFrame:
    """Render hosts, so many to a fleet; a board's stages carry no time and last a minute each."""
    stages = pl.read_csv(
        data / "terascope_render/gpu_stage_means.csv.gz", infer_schema_length=None
    ).filter(pl.col("eventName") == "Render")
    number = pl.int_range(pl.len()).over("gpuSerial")
    fleet = (pl.col("gpuSerial").rank("dense") - 1) // _FLEET
    frames = [
        stages.select(
            run=pl.concat_str(pl.lit("fleet-"), fleet.cast(pl.String)),
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


def _serving(data: Path) -> pl.DataFrame:
    """Pods of an image service, so many to a fleet; utilisation alone."""
    pods = pl.read_csv(data / "alibaba_genai_inference/pod_gpu.csv.gz")
    fleet = (pl.col("pod").rank("dense") - 1) // _FLEET
    return pods.select(
        run=pl.concat_str(pl.lit("fleet-"), fleet.cast(pl.String)),
        node="pod",
        t_s=(pl.col("timestamp_anon") - pl.col("timestamp_anon").min()).cast(pl.Float64),
        power_w=pl.lit(None, pl.Float64),
        gpu_util=pl.col("gpu_util_pct") / 100.0,
        accelerator=pl.lit(_UNNAMED.accelerator),
        device_count=pl.lit(1, pl.Int64),
    ).cast(SERIES)


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


def _training(name: str, read: Callable[[Path], pl.DataFrame], board: Hardware) -> Outside:
    return Outside(name, "llm_train_smi", read, board, "training", "training_profile")


def _quiet_titans(data: Path) -> pl.DataFrame:
    return _titan_training(data, burning=False)


def _burning_titans(data: Path) -> pl.DataFrame:
    return _titan_training(data, burning=True)


_SETS: Final = (
    _training("llm_train_smi, 8 H100", _h100_training, _H100),
    _training("llm_train_smi, 2 Titan X", _quiet_titans, _TITAN),
    _training("llm_train_smi, 2 Titan X, burning power", _burning_titans, _TITAN),
    Outside(
        "llm_infer_smi, A100 of 250 W",
        *("llm_infer_smi", _inference_pcie, _A100, "inference", "energy-inference"),
    ),
    Outside(
        "llm_infer_smi, A100 of 400 W",
        *("llm_infer_smi", _inference_sxm, _A100_SXM, "inference", "energy-inference"),
    ),
    Outside("hecbiosim_hpc, V100", "hecbiosim_hpc", _science, _V100, "hpc", "HECBioSim"),
    Outside(
        "terascope_render, fleets of 8 K80",
        *("terascope_render", _rendering, _K80, "other", "TeraScope"),
        is_fleet=True,
    ),
    Outside(
        "alibaba_genai_inference, fleets of 8 pods",
        *("alibaba_genai_inference", _serving, _UNNAMED, "inference", "Alibaba"),
        is_fleet=True,
        reading_seconds=300,
        window_seconds=3600,
    ),
)
_ACME: Final = Outside(
    "acme_llm_cluster, pretraining jobs",
    *("acme_llm_cluster", _h100_training, _A100, "training", "Shanghai AI Laboratory"),
    is_fleet=True,
)
