"""Labelled feature rows from simulated workloads: to fit on, and stranger ones to be judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from streams.simulation.background import labelled
from streams.simulation.cloud import END_MS, Cloud
from streams.simulation.draw import draw_levels
from streams.simulation.families import LEVELS, Family, families, hardware
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload
from streams.training.measure import feature_rows

DAYS: Final = 100
#: Training that may last this many hours lasts here from a day to as long as is simulated: nobody
#: knows how long the largest trainings will be. Shorter stretches of it are seen as work that has
#: just begun. Other work lasts as its family says.
LASTING_HOURS: Final = 600
LEAST_TRAINING_HOURS: Final = 24.0
EVENT_BUDGET: Final = 250
BATCH: Final = 500
#: Share of the workloads that are seen in their first 2 to 90 minutes only.
YOUNG_SHARE: Final = 0.25
SOURCE: Final = "simulation"
#: Share of the workloads that break their family's habits: each some of them, a few all.
ODD_SHARE: Final = 0.35
CHEAP_TO_FAKE: Final = frozenset(
    {
        "gpu_util",
        "power",
        "nvlink",
        "fabric",
        "ingress",
        "egress",
        "storage",
        "sync",
        "diurnal",
        "noise",
    }
)


def rows(seed: int, count: int, given: Iterable[Family] | None = None) -> pl.DataFrame:
    """Give ``count`` workloads of the families as labelled rows (features, label, ``family``)."""
    chosen = tuple(_lasting(each) for each in (families() if given is None else given))
    frames = [
        measured(part, seed * 1_000 + number)
        for number, part in enumerate(_batches(seed, count, chosen))
    ]
    return pl.concat(frames)


def drawn(seed: int, count: int) -> tuple[Workload, ...]:
    """Draw workloads as ``rows`` does, without playing them."""
    chosen = tuple(_lasting(each) for each in families())
    return tuple(each for part in _batches(seed, count, chosen) for each in part)


def measured(workloads: tuple[Workload, ...], seed: int) -> pl.DataFrame:
    """Play the workloads and measure them through the pipeline."""
    cloud = Cloud(seed=seed, start_ms=END_MS - DAYS * DAY_MS, workloads=workloads)
    found = feature_rows(cloud.usage(), hardware(), END_MS // HOUR_MS + 1)
    truth = pl.DataFrame(
        {
            "workload": [workload_id(each) for each in workloads],
            "is_training": [each.is_training for each in workloads],
            "work_class": [each.work_class for each in workloads],
            "family": [each.family for each in workloads],
            "group": [f"{SOURCE}-{seed}-{each.name}" for each in workloads],
        }
    )
    return truth.join(found, on="workload", how="inner", maintain_order="left").with_columns(
        source=pl.lit(SOURCE), weight=pl.lit(1.0)
    )


def _lasting(family: Family) -> Family:
    if family.training is None or family.hours[1] < LASTING_HOURS:
        return family
    return replace(family, hours=(LEAST_TRAINING_HOURS, 24.0 * DAYS))


def _batches(seed: int, count: int, given: tuple[Family, ...]) -> list[tuple[Workload, ...]]:
    rng = np.random.default_rng([seed, 7])
    limits = Limits((END_MS - DAYS * DAY_MS, END_MS), EVENT_BUDGET)
    sizes = [min(BATCH, count - done) for done in range(0, count, BATCH)]
    drawn = [labelled(rng, given, size, limits) for size in sizes]
    return [tuple(_begun(rng, _odd(rng, each)) for each in part) for part in drawn]


def _odd(rng: np.random.Generator, workload: Workload) -> Workload:
    """Let a share of the workloads break the habits of their family, some on purpose.

    What a customer can fake cheaply (traffic, rhythm, power, the name it is billed under) is taken
    from another family now and then; what the compute units do is not.
    """
    if rng.random() >= ODD_SHARE:
        return workload
    other = families()[int(rng.integers(len(families())))]
    foreign = draw_levels(rng, other)
    swap_share = rng.random()
    swapped = [name in CHEAP_TO_FAKE and rng.random() < swap_share for name in LEVELS]
    levels = tuple(
        new if is_swapped else old
        for old, new, is_swapped in zip(workload.levels, foreign, swapped, strict=True)
    )
    classes = list(other.classes)
    renamed = classes[int(rng.integers(len(classes)))]
    billed = renamed if rng.random() < swap_share else workload.service_class
    is_sent = swapped[LEVELS.index("egress")]
    answers = other.answers if is_sent else workload.answers
    return replace(workload, levels=levels, service_class=billed, answers=answers)


def _begun(rng: np.random.Generator, workload: Workload) -> Workload:
    """See a share of the workloads when they have only just begun, as a detector does."""
    if rng.random() >= YOUNG_SHARE:
        return workload
    minutes = round(2.0 * 45.0 ** float(rng.random()))
    end_ms = min(workload.end_ms, workload.start_ms + minutes * 60_000)
    return replace(workload, end_ms=end_ms, cadence_ms=60_000 if minutes <= 10 else 300_000)


def workload_id(workload: Workload) -> str:
    """Name the workload as ``features.stitch`` does."""
    if workload.data_ref is not None:
        return f"data/{workload.data_ref}"
    return f"job/{workload.tenant_id}/{workload.job_id}"
