"""A simulated cloud: workloads, people and mess put together and played day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from streams.simulation import mess as messy
from streams.simulation.allocation import allocate
from streams.simulation.encode import event_lines, usage_data, with_data
from streams.simulation.mess import LINES, Mess
from streams.simulation.meter import Meter
from streams.simulation.people import Record
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

#: Every simulation ends here, so that a seed gives the same bytes on every day it is run.
END_AT: Final = datetime(2026, 11, 20, tzinfo=UTC)
END_MS: Final = int(END_AT.timestamp() * 1000)
MAX_DAYS: Final = 400

#: What is true of each workload; operations are device time x dense 16-bit peak x utilisation.
TRUTH: Final = pl.Schema(
    {
        "run_id": pl.String,
        "tenant_id": pl.String,
        "job_id": pl.String,
        "data_ref": pl.String,
        "family": pl.String,
        "is_training": pl.Boolean,
        "device_count": pl.Int64,
        "device_hours": pl.Float64,
        "operations": pl.Float64,
    }
)


@dataclass(frozen=True)
class Cloud:
    """What is to be played. ``false_readings``: workloads whose guest meter lies (by number)."""

    seed: int
    start_ms: int
    workloads: tuple[Workload, ...]
    records: tuple[Record, ...] = ()
    mess: Mess = field(default_factory=Mess)
    false_readings: tuple[int, ...] = ()
    corrected_days: tuple[int, ...] = ()

    def readings(self) -> Iterator[pl.DataFrame]:
        """Give each day's readings, sound ones only, as ``Meter.day`` does."""
        rng = np.random.default_rng([self.seed, 1])
        meter = Meter(self.seed, self.workloads, allocate(rng, self.workloads))
        for day_ms in range(self.start_ms, END_MS, DAY_MS):
            yield meter.day(day_ms)

    def usage(self) -> Iterator[pl.DataFrame]:
        """Give each day's readings as usage data (wide frame), with the workload's number."""
        for rows in self.readings():
            yield usage_data(rows, self.workloads)

    def blocks(self) -> Iterator[bytes]:
        """Give each day's events as NDJSON, whole lines, in order of arrival."""
        waiting = self._record_lines()
        for day_ms, rows in zip(range(self.start_ms, END_MS, DAY_MS), self.readings(), strict=True):
            waiting = pl.concat([waiting, self._day_lines(day_ms, rows)])
            due = pl.col("arrival_ms") < day_ms + DAY_MS
            yield _block(waiting.filter(due))
            waiting = waiting.filter(~due)
        yield _block(waiting)

    def truth(self) -> pl.DataFrame:
        """Give what is true of each workload, in the order of ``workloads``."""
        hours = np.zeros(len(self.workloads))
        for rows in self.readings():
            spent = (rows["end_ms"] - rows["start_ms"]).to_numpy() / HOUR_MS
            hours += np.bincount(rows["workload"].to_numpy(), spent, len(self.workloads))
        return pl.DataFrame(
            [_truth(w, float(h)) for w, h in zip(self.workloads, hours, strict=True)],
            schema=TRUTH,
            orient="row",
        )

    def _day_lines(self, day_ms: int, rows: pl.DataFrame) -> pl.DataFrame:
        rng = np.random.default_rng([self.seed, 2, day_ms // DAY_MS])
        day = (day_ms - self.start_ms) // DAY_MS
        readings = with_data(rows, self.workloads)
        stamped = messy.stamp(rng, readings, self.workloads, self.mess)
        parts = [messy.overlap(rng, stamped, self.mess), self._lies(stamped)]
        sent = pl.concat(parts).select("arrival_ms", event_lines().alias("line"))
        lines = [messy.repeat(rng, sent, self.mess)]
        if day in self.corrected_days and stamped.height > 0:
            lines.append(messy.correct(stamped, day_ms))
            lines.append(messy.broken(day_ms, sent["line"][0]))
        return pl.concat(lines)

    def _lies(self, stamped: pl.DataFrame) -> pl.DataFrame:
        """The guest's own meter on some workloads: nearly idle, and once more than possible."""
        lying = stamped.filter(pl.col("workload").is_in(list(self.false_readings)))
        hour = pl.col("start_ms") // HOUR_MS
        return lying.with_columns(
            pl.lit("/guest/agent").alias("source"),
            pl.concat_str(pl.lit("guest-"), "id").alias("id"),
            pl.col("data")
            .str.replace('"vantage":"[a-z]+"', '"vantage":"guest"')
            .str.replace('"telemetry":.*$', "")
            + pl.when(hour % 24 == 0)
            .then(pl.lit('"telemetry":{"gpu_util":1.7,"power_w":90000}}'))
            .otherwise(pl.lit('"telemetry":{"gpu_util":0.02,"power_w":95}}')),
        )

    def _record_lines(self) -> pl.DataFrame:
        frame = pl.DataFrame(
            {
                "kind": [record.kind for record in self.records],
                "id": [record.identity for record in self.records],
                "source": ["/provider/records"] * len(self.records),
                "time_ms": [record.time_ms for record in self.records],
                "data": [record.text for record in self.records],
            },
            schema_overrides={
                "time_ms": pl.Int64,
                "kind": pl.String,
                "id": pl.String,
                "source": pl.String,
                "data": pl.String,
            },
        )
        arrival = pl.col("time_ms").alias("arrival_ms")
        return frame.select(arrival, event_lines().alias("line")).cast(LINES)


def _block(lines: pl.DataFrame) -> bytes:
    ordered = lines.sort("arrival_ms", maintain_order=True)["line"].to_list()
    return ("\n".join(ordered) + "\n").encode() if ordered else b""


def _truth(workload: Workload, resource_hours: float) -> tuple[object, ...]:
    devices = workload.resource_device_count * workload.partition_fraction
    device_hours = resource_hours * devices
    rate = workload.hardware.peak_operations_per_second * workload.levels[0]
    return (
        workload.run_id,
        workload.tenant_id,
        workload.job_id,
        workload.data_ref,
        workload.family,
        workload.is_training,
        workload.device_count,
        device_hours,
        device_hours * 3600.0 * rate,
    )
