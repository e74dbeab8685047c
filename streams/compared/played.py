"""Simulated series in the form of the real ones, one family at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from streams.compared.real import JOBS, READINGS
from streams.simulation.allocation import allocate
from streams.simulation.cloud import END_MS
from streams.simulation.draw import draw_workload
from streams.simulation.families import family, node
from streams.simulation.meter import Meter
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload

SEED: Final = 20_262
#: Workloads of each family, hours looked at, and nodes of one workload looked at.
WORKLOADS: Final = 60
HOURS: Final = 4
NODES: Final = 8
JOBS_DRAWN: Final = 2_000
_BEGIN_MS: Final = END_MS - 30 * DAY_MS


def readings(name: str, step_s: int, begin_minutes: int = 0) -> pl.DataFrame:
    """Play workloads of one family on whole large nodes, fully metered every ``step_s`` seconds.

    The first ``begin_minutes`` of the work are left out.
    """
    plans = tuple(_metered(each, step_s) for each in _drawn(name, WORKLOADS, 8 * NODES))
    meter = Meter(SEED, plans, allocate(np.random.default_rng(SEED), plans))
    hours = 24 if step_s >= 60 else HOURS
    begin_ms = _BEGIN_MS + begin_minutes * 60_000
    rows = meter.readings(begin_ms, begin_ms + hours * HOUR_MS)
    tdp = pl.Series("tdp", [w.hardware.tdp_w for w in plans])
    return rows.select(
        run=pl.col("workload").cast(pl.String),
        node="resource_id",
        t_s=(pl.col("start_ms") - _BEGIN_MS) / 1000.0,
        power=pl.col("power_w") / tdp.gather(rows["workload"]),
        util="gpu_util",
    ).cast(READINGS)


def jobs(name: str) -> pl.DataFrame:
    """Draw jobs of one family: devices held at the peak, and hours from first to last."""
    drawn = _drawn(name, JOBS_DRAWN, 131_072, days=90)
    return pl.DataFrame(
        {
            "devices": [float(w.device_count) for w in drawn],
            "hours": [(w.end_ms - w.start_ms) / HOUR_MS for w in drawn],
        },
        schema=JOBS,
    )


def _drawn(name: str, count: int, most: int, days: int = 20) -> list[Workload]:
    rng = np.random.default_rng([SEED, len(name)])
    limits = Limits((_BEGIN_MS, _BEGIN_MS + days * DAY_MS), 10**9, most)
    kind = family(name)
    return [
        draw_workload(rng, kind, f"t-{number}", f"{name}-{number}", limits)
        for number in range(count)
    ]


def _metered(workload: Workload, step_s: int) -> Workload:
    """Let it run through all of the hours looked at, seen by the host."""
    hardware = workload.hardware
    if hardware.device_count == 1:
        hardware = node("A100-SXM4-80GB")
    shifted = workload.start_ms - _BEGIN_MS
    return replace(
        workload,
        hardware=hardware,
        start_ms=_BEGIN_MS,
        end_ms=max(workload.end_ms - shifted, _BEGIN_MS + DAY_MS),
        stalls=tuple((low - shifted, high - shifted) for low, high in workload.stalls),
        duty_ratio=1.0,
        cadence_ms=step_s * 1000,
        vantage="host",
        telemetry="full",
    )
