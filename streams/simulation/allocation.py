"""When each resource of each workload is allocated: restarts, working days, load that scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

#: How many replacements of one node have names of their own.
GENERATIONS: Final = 10
#: Purchase options under which resources stay when load is low.
HELD: Final = frozenset({"reserved", "capacity_block"})
_Span = tuple[int, int, int, int]  # resource number, generation, start, end


@dataclass(frozen=True)
class Allocations:
    """All allocations as columns: workload number, resource, [start, end) in milliseconds.

    ``number`` tells a workload's resources apart, in whole numbers.
    """

    workload: np.ndarray
    number: np.ndarray
    resource: pl.Series
    start_ms: np.ndarray
    end_ms: np.ndarray


def allocate(rng: np.random.Generator, workloads: tuple[Workload, ...]) -> Allocations:
    """Lay out every workload's resources over time."""
    numbers: list[int] = []
    places: list[int] = []
    names: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for number, workload in enumerate(workloads):
        for resource, generation, start, end in _spans(rng, workload):
            numbers.append(number)
            places.append(resource * GENERATIONS + generation % GENERATIONS)
            names.append(f"{workload.name}-n{resource:04d}{'abcdefghij'[generation % GENERATIONS]}")
            starts.append(start)
            ends.append(end)
    return Allocations(
        workload=np.asarray(numbers, dtype=np.int64),
        number=np.asarray(places, dtype=np.int64),
        resource=pl.Series("resource_id", names, dtype=pl.String),
        start_ms=np.asarray(starts, dtype=np.int64),
        end_ms=np.asarray(ends, dtype=np.int64),
    )


def _spans(rng: np.random.Generator, workload: Workload) -> list[_Span]:
    if workload.shape == "daytime":
        return _working_days(rng, workload)
    if workload.shape == "scaling":
        return _scaled(rng, workload)
    return _gang(rng, workload)


def _gang(rng: np.random.Generator, workload: Workload) -> list[_Span]:
    """All resources together, in stretches between restarts; a restart replaces some of them."""
    length = workload.end_ms - workload.start_ms
    idle = (1.0 - workload.duty_ratio) * length
    gap_count = 0 if idle < HOUR_MS / 4 else 1 + int(length / (5 * DAY_MS))
    gap = int(idle / max(1, gap_count)) // 60_000 * 60_000
    cuts = np.sort(rng.integers(0, max(1, length - gap * gap_count), gap_count))
    spans: list[_Span] = []
    generations = np.zeros(workload.resource_count, dtype=np.int64)
    begin = workload.start_ms
    for stretch, cut in enumerate([*cuts.tolist(), length - gap * gap_count]):
        end = workload.start_ms + int(cut) // 60_000 * 60_000 + gap * stretch
        if end > begin:
            spans += [(k, int(g), begin, end) for k, g in enumerate(generations)]
        begin = end + gap
        generations += rng.random(workload.resource_count) < 0.03
    return spans


def _working_days(rng: np.random.Generator, workload: Workload) -> list[_Span]:
    """Open in the working hours of most days."""
    spans: list[_Span] = []
    first_hour = int(rng.integers(6, 18))
    length = max(HOUR_MS, int(workload.duty_ratio * DAY_MS) // 60_000 * 60_000)
    day = workload.start_ms // DAY_MS * DAY_MS
    while day < workload.end_ms:
        start = max(workload.start_ms, day + first_hour * HOUR_MS)
        end = min(workload.end_ms, day + first_hour * HOUR_MS + length)
        if end > start and rng.random() < 0.75:
            spans += [(k, 0, start, end) for k in range(workload.resource_count)]
        day += DAY_MS
    return spans or [(0, 0, workload.start_ms, workload.end_ms)]


def _scaled(rng: np.random.Generator, workload: Workload) -> list[_Span]:
    """A base that never stops, and resources that come for the busy hours of the day.

    What is reserved is paid for anyway, and stays.
    """
    swing = 0.0 if workload.purchase_option in HELD else workload.level("diurnal")
    base = max(1, round(workload.resource_count * (1 - swing)))
    spans: list[_Span] = [(k, 0, workload.start_ms, workload.end_ms) for k in range(base)]
    middle = peak_hour(workload.name) * HOUR_MS
    extra = workload.resource_count - base
    for k in range(extra):
        half = int((2 + 8 * (extra - k) / max(1, extra)) * HOUR_MS) // 60_000 * 60_000
        day = workload.start_ms // DAY_MS * DAY_MS - DAY_MS
        while day < workload.end_ms:
            jitter = int(rng.integers(-30, 31)) * 60_000
            start = max(workload.start_ms, day + middle - half + jitter)
            end = min(workload.end_ms, day + middle + half + jitter)
            if end > start:
                spans.append((base + k, 0, start, end))
            day += DAY_MS
    return spans


def peak_hour(name: str) -> int:
    """Give the hour of the day (UTC) at which a workload's load peaks; fixed by its name."""
    return 10 + sum(name.encode()) % 12
