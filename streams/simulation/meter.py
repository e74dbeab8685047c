"""Readings of a stretch of time: every allocated interval with what its meter sees, in arrays."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from streams.simulation.allocation import Allocations
from streams.simulation.behaviour import Behaviour
from streams.simulation.scatter import mixed
from streams.simulation.workload import Workload

Array = np.ndarray
_RATIO_FIELDS: Final = (
    ("gpu_util", "gpu_util"),
    ("sm_active", "sm"),
    ("tensor_active", "tensor"),
    ("dram_active", "dram"),
    ("fp64_active", "fp64"),
    ("fp32_active", "fp32"),
    ("sync_ratio", "sync"),
)
_BYTE_FIELDS: Final = (
    ("fabric_bytes", "fabric"),
    ("ingress_bytes", "ingress"),
    ("egress_bytes", "egress"),
    ("storage_write_bytes", "storage"),
)
#: Which telemetry fields each subset carries.
SUBSETS: Final = {
    "full": (
        "gpu_util",
        "sm_active",
        "tensor_active",
        "tensor_active_std",
        "fp64_active",
        "fp32_active",
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
    """The meters of one simulated cloud; ``readings`` gives those that begin in a stretch."""

    def __init__(
        self, seed: int, workloads: tuple[Workload, ...], allocations: Allocations
    ) -> None:
        """Lay the workloads' constants out as arrays."""
        self._allocations = allocations
        self._key = mixed(np.arange(len(workloads), dtype=np.uint64), seed)
        self._behaviour = Behaviour(seed, workloads)
        self._cadence = np.array([w.cadence_ms for w in workloads], dtype=np.int64)
        self._devices = np.array(
            [w.resource_device_count * w.partition_fraction for w in workloads]
        )
        self._tdp = np.array([w.hardware.tdp_w for w in workloads])
        self._peak = np.array(
            [w.hardware.peak_operations_per_second * w.hardware_ratio for w in workloads]
        )
        self._link = np.array([w.hardware.nvlink_bytes_per_second for w in workloads])
        self._nodes = np.array([w.device_count > w.hardware.device_count for w in workloads])
        self._metered = {
            field: np.array([field in SUBSETS[w.telemetry] for w in workloads]) for field in FIELDS
        }

    def readings(self, begin_ms: int, stop_ms: int) -> pl.DataFrame:
        """Give one row a reading that begins in [begin, stop), in order of resources, then time.

        Columns: ``workload``, ``resource_key`` (a number for each resource), ``resource_id``,
        ``start_ms``, ``end_ms``, ``operations`` (what the matrix units truly did, hardware
        operations), and the telemetry, named as in the contract without its prefix; null where
        it is not metered.
        """
        workload, allocation, start, end = self._intervals(begin_ms, stop_ms)
        number = self._allocations.number[allocation]
        level = self._behaviour.during(workload, number, start, end)
        devices, seconds = self._devices[workload], (end - start) / 1000.0
        tensor = np.clip(level["tensor"], 0.0, 1.0)
        rows = pl.DataFrame(
            {
                "workload": workload,
                "resource_key": mixed(self._key[workload], number),
                "resource_id": self._allocations.resource.gather(allocation),
                "start_ms": start,
                "end_ms": end,
                "operations": self._peak[workload] * tensor * devices * seconds,
                **self._telemetry(level, workload, devices * seconds),
            }
        )
        return rows.with_columns(pl.col(FIELDS).fill_nan(None))

    def _intervals(self, begin_ms: int, stop_ms: int) -> tuple[Array, Array, Array, Array]:
        """Cut every allocation at the ticks of its meter; give what begins in the stretch."""
        given = self._allocations
        stop = np.minimum(given.end_ms, stop_ms)
        live = np.flatnonzero((stop > given.start_ms) & (given.end_ms > begin_ms))
        cadence = self._cadence[given.workload[live]]
        begun = given.start_ms[live]
        first = np.where(begun >= begin_ms, begun // cadence, -(-begin_ms // cadence))
        count = np.maximum(-(-stop[live] // cadence) - first, 0)
        row = np.repeat(np.arange(len(live)), count)
        tick = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        step = cadence[row]
        start = np.maximum(begun[row], tick * step)
        end = np.minimum(given.end_ms[live][row], (tick + 1) * step)
        allocation = live[row]
        return given.workload[allocation], allocation, start, end

    def _telemetry(
        self, level: dict[str, Array], workload: Array, device_seconds: Array
    ) -> dict[str, Array]:
        drawn: dict[str, Array] = {
            field: np.round(np.clip(level[name], 0.0, 1.0), 3) for field, name in _RATIO_FIELDS
        }
        drawn["tensor_active_std"] = np.round(level["tensor_std"], 3)
        tdp = self._tdp[workload]
        drawn["power_w"] = np.round(np.clip(level["power"], 0.05, 1.02) * tdp, 1)
        drawn["power_w_std"] = np.round(level["power_std"] * tdp, 1)
        drawn["nvlink_bytes"] = np.floor(level["nvlink"] * self._link[workload] * device_seconds)
        drawn["nvlink_bytes"][self._link[workload] == 0] = np.nan
        for field, name in _BYTE_FIELDS:
            drawn[field] = np.floor(level[name] * device_seconds)
        drawn["step_period_s"] = np.where(
            level["step_seconds"] > 0, np.round(level["step_seconds"], 2), np.nan
        )
        for field in ("fabric_bytes", "sync_ratio"):
            drawn[field][~self._nodes[workload]] = np.nan
        for field, metered in self._metered.items():
            drawn[field] = np.where(metered[workload], drawn[field], np.nan)
        return drawn
