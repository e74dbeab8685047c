"""One day of readings: every allocated interval with its telemetry, drawn in arrays."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from streams.simulation.allocation import Allocations, peak_hour
from streams.simulation.families import LEVELS
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

Array = np.ndarray
_RATIO_FIELDS: Final = (
    ("gpu_util", "gpu_util"),
    ("sm_active", "sm"),
    ("tensor_active", "tensor"),
    ("dram_active", "dram"),
)
#: Which telemetry fields each subset carries.
SUBSETS: Final = {
    "full": (
        "gpu_util",
        "sm_active",
        "tensor_active",
        "tensor_active_std",
        "fp64_active",
        "dram_active",
        "power_w",
        "power_w_std",
        "nvlink_bytes",
        "fabric_bytes",
        "ingress_bytes",
        "egress_bytes",
        "storage_write_bytes",
        "step_period_s",
        "sync_ratio",
    ),
    "basic": ("gpu_util", "power_w", "ingress_bytes", "egress_bytes"),
    "power": ("power_w", "power_w_std"),
    "none": (),
}
FIELDS: Final = SUBSETS["full"]


class Meter:
    """The meters of one simulated cloud; ``day`` gives the readings that begin in one day."""

    def __init__(
        self, seed: int, workloads: tuple[Workload, ...], allocations: Allocations
    ) -> None:
        """Lay the workloads' constants out as arrays."""
        self._seed = seed
        self._allocations = allocations
        self._cadence = np.array([w.cadence_ms for w in workloads], dtype=np.int64)
        self._devices = np.array([w.resource_device_count for w in workloads], dtype=np.int64)
        self._tdp = np.array([w.hardware.tdp_w for w in workloads])
        self._link = np.array([w.hardware.nvlink_bytes_per_second for w in workloads])
        self._nodes = np.array([w.device_count > w.hardware.device_count for w in workloads])
        self._peak_hour = np.array([peak_hour(w.name) for w in workloads])
        levels = np.array([w.levels for w in workloads]).reshape(len(workloads), len(LEVELS))
        self._levels = dict(zip(LEVELS, levels.T, strict=True))
        self._metered = {
            field: np.array([field in SUBSETS[w.telemetry] for w in workloads]) for field in FIELDS
        }

    def day(self, day_ms: int) -> pl.DataFrame:
        """Give one row a reading: ``workload``, ``resource_id``, ``start_ms``, ``end_ms``, fields.

        Telemetry is named as in the contract without its prefix; null where it is not metered.
        """
        workload, allocation, start, end = self._intervals(day_ms)
        rng = np.random.default_rng([self._seed, day_ms // DAY_MS])
        columns = self._telemetry(rng, workload, start, end)
        rows = pl.DataFrame(
            {
                "workload": workload,
                "resource_id": self._allocations.resource.gather(allocation),
                "start_ms": start,
                "end_ms": end,
                **columns,
            }
        )
        return rows.with_columns(pl.col(FIELDS).fill_nan(None))

    def _intervals(self, day_ms: int) -> tuple[Array, Array, Array, Array]:
        """Cut every allocation of the day at the ticks of its meter."""
        given = self._allocations
        low = np.maximum(given.start_ms, day_ms)
        high = np.minimum(given.end_ms, day_ms + DAY_MS)
        live = np.flatnonzero(high > low)
        cadence = self._cadence[given.workload[live]]
        first = low[live] // cadence
        count = -(-high[live] // cadence) - first
        row = np.repeat(np.arange(len(live)), count)
        tick = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        step = cadence[row]
        start = np.maximum(low[live][row], tick * step)
        end = np.minimum(high[live][row], (tick + 1) * step)
        allocation = live[row]
        return given.workload[allocation], allocation, start, end

    def _telemetry(
        self, rng: np.random.Generator, workload: Array, start: Array, end: Array
    ) -> dict[str, Array]:
        level = {name: values[workload] for name, values in self._levels.items()}
        hour = (start % DAY_MS) / HOUR_MS
        swing = level["diurnal"] * np.cos((hour - self._peak_hour[workload]) * np.pi / 12)
        busy = (1 + swing) * (1 + level["noise"] * rng.standard_normal(len(workload)))
        devices, seconds = self._devices[workload], (end - start) / 1000.0
        drawn: dict[str, Array] = {
            field: np.round(np.clip(level[name] * busy, 0.0, 1.0), 3)
            for field, name in _RATIO_FIELDS
        }
        drawn["fp64_active"] = np.round(np.clip(level["fp64"] * busy, 0.0, 1.0), 3)
        drawn["tensor_active_std"] = np.round(level["tensor_std"], 3)
        power = 0.08 + (level["power"] - 0.08) * (1 + 0.7 * (busy - 1))
        tdp = self._tdp[workload]
        drawn["power_w"] = np.round(np.clip(power, 0.05, 1.02) * tdp, 1)
        drawn["power_w_std"] = np.round(level["power_std"] * tdp, 1)
        amount = devices * seconds * np.clip(busy, 0.05, 3.0)
        drawn["nvlink_bytes"] = np.floor(level["nvlink"] * self._link[workload] * amount)
        drawn["nvlink_bytes"][self._link[workload] == 0] = np.nan
        drawn["fabric_bytes"] = np.floor(level["fabric"] * amount)
        drawn["ingress_bytes"] = np.floor(level["ingress"] * amount)
        drawn["egress_bytes"] = np.floor(level["egress"] * amount)
        drawn["storage_write_bytes"] = np.floor(level["storage"] * amount)
        drawn["step_period_s"] = np.where(
            level["step_seconds"] > 0, np.round(level["step_seconds"], 2), np.nan
        )
        drawn["sync_ratio"] = np.round(np.clip(level["sync"] * busy, 0.0, 1.0), 3)
        for field in ("fabric_bytes", "sync_ratio"):
            drawn[field][~self._nodes[workload]] = np.nan
        for field, metered in self._metered.items():
            drawn[field] = np.where(metered[workload], drawn[field], np.nan)
        return drawn
