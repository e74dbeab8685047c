"""Labelled feature rows from simulated workloads: to fit on, and stranger ones to be judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from streams.simulation.background import labelled
from streams.simulation.cloud import END_MS, Cloud
from streams.simulation.families import LEVELS, Family, families, hardware
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload
from streams.training.measure import feature_rows

DAYS: Final = 40
EVENT_BUDGET: Final = 250
BATCH: Final = 500
#: Share of the workloads that are seen in their first 5 to 90 minutes only.
YOUNG_SHARE: Final = 0.2
SOURCE: Final = "simulation"
Levels = dict[str, float]


def rows(seed: int, count: int, given: Iterable[Family] | None = None) -> pl.DataFrame:
    """Give ``count`` workloads of the families as labelled rows (features, label, ``family``)."""
    chosen = tuple(families() if given is None else given)
    frames = [
        measured(part, seed * 1_000 + number)
        for number, part in enumerate(_batches(seed, count, chosen))
    ]
    return pl.concat(frames)


def measured(workloads: tuple[Workload, ...], seed: int) -> pl.DataFrame:
    """Play the workloads and measure them through the pipeline."""
    cloud = Cloud(seed=seed, start_ms=END_MS - DAYS * DAY_MS, workloads=workloads)
    found = feature_rows(cloud.usage(), hardware(), END_MS // HOUR_MS + 1)
    truth = pl.DataFrame(
        {
            "workload": [_workload_id(each) for each in workloads],
            "is_training": [each.is_training for each in workloads],
            "family": [each.family for each in workloads],
            "group": [f"{SOURCE}-{seed}-{each.name}" for each in workloads],
        }
    )
    return truth.join(found, on="workload", how="inner", maintain_order="left").with_columns(
        source=pl.lit(SOURCE), weight=pl.lit(1.0)
    )


def disguised(seed: int, count: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Give training that hides, one family of disguise at a time; none of it is fitted to."""
    training = tuple(family for family in families() if family.is_training)
    for number, (name, disguise) in enumerate(DISGUISES.items()):
        parts = _batches(seed + number, count, training)
        hidden = tuple(disguise(each) for part in parts for each in part)
        yield name, measured(hidden, seed + number)


def _batches(seed: int, count: int, given: tuple[Family, ...]) -> list[tuple[Workload, ...]]:
    rng = np.random.default_rng([seed, 7])
    limits = Limits((END_MS - DAYS * DAY_MS, END_MS), EVENT_BUDGET)
    sizes = [min(BATCH, count - done) for done in range(0, count, BATCH)]
    drawn = [labelled(rng, given, size, limits) for size in sizes]
    return [tuple(_begun(rng, each) for each in part) for part in drawn]


def _begun(rng: np.random.Generator, workload: Workload) -> Workload:
    """See a share of the workloads when they have only just begun, as a detector does."""
    if rng.random() >= YOUNG_SHARE:
        return workload
    minutes = round(5.0 * 18.0 ** float(rng.random()))
    end_ms = min(workload.end_ms, workload.start_ms + minutes * 60_000)
    return replace(workload, end_ms=end_ms, cadence_ms=5 * 60_000)


def _workload_id(workload: Workload) -> str:
    """Name the workload as ``features.stitch`` does."""
    if workload.data_ref is not None:
        return f"data/{workload.data_ref}"
    return f"job/{workload.tenant_id}/{workload.job_id}"


def _changed(workload: Workload, **changes: Callable[[float], float]) -> Workload:
    values = zip(LEVELS, workload.levels, strict=True)
    levels = tuple(changes[name](value) if name in changes else value for name, value in values)
    return replace(workload, levels=levels)


def _throttled(workload: Workload) -> Workload:
    """Run at a third of the pace, with power to match."""
    return _changed(workload, tensor=lambda v: v / 3, sm=lambda v: v / 2, power=lambda v: v / 2)


def _smoothed(workload: Workload) -> Workload:
    """Burn power through the pauses, so that nothing dips."""
    return _changed(workload, noise=lambda _: 0.005, power=lambda _: 0.95, gpu_util=lambda _: 1.0)


def _serving(workload: Workload) -> Workload:
    """Send out padding and swing over the day, under the name of managed inference."""
    padded = _changed(workload, egress=lambda _: 3e6, diurnal=lambda _: 0.4, storage=lambda _: 1e3)
    return replace(padded, service_class="managed_inference")


def _quiet_fabric(workload: Workload) -> Workload:
    """Exchange seldom: little traffic between nodes, and out of step."""
    return _changed(workload, fabric=lambda v: v / 1e3, nvlink=lambda v: v / 10, sync=lambda _: 0.2)


def _split(workload: Workload) -> Workload:
    """Rent one node at a time, one job each: only a node is seen."""
    devices = min(workload.device_count, workload.hardware.device_count)
    return replace(workload, device_count=devices, resource_device_count=devices, cluster_id=None)


DISGUISES: Final = {
    "throttled": _throttled,
    "smoothed": _smoothed,
    "dressed as serving": _serving,
    "quiet fabric": _quiet_fabric,
    "split by node": _split,
}
