"""A simulated cloud: workloads, people and mess put together and played in stretches of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from streams.simulation import mess as messy
from streams.simulation.allocation import Allocations, allocate
from streams.simulation.encode import event_lines, heads, usage_data, with_data
from streams.simulation.faults import NONE, Faults, told
from streams.simulation.mess import LINES, Mess
from streams.simulation.meter import Meter
from streams.simulation.people import Customer, Record
from streams.simulation.truth import Tally
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload

#: Every simulation ends here, so that a seed gives the same bytes on every day it is run.
END_AT: Final = datetime(2026, 11, 20, tzinfo=UTC)
END_MS: Final = int(END_AT.timestamp() * 1000)
MAX_DAYS: Final = 400

#: Rows of readings held at once, about; a stretch that would hold more is cut.
ROWS_AT_ONCE: Final = 50_000
#: Lengths of the stretches that a cloud may be played in; each divides the one before.
STRETCHES_MS: Final = (DAY_MS, 6 * HOUR_MS, HOUR_MS, HOUR_MS // 4)


@dataclass(frozen=True)
class Cloud:
    """What is to be played. ``false_readings``: workloads whose guest meter lies (by number)."""

    seed: int
    start_ms: int
    workloads: tuple[Workload, ...]
    customers: tuple[Customer, ...] = ()
    mess: Mess = field(default_factory=Mess)
    faults: Faults = NONE
    false_readings: tuple[int, ...] = ()
    corrected_days: tuple[int, ...] = ()

    @cached_property
    def allocations(self) -> Allocations:
        """When each resource of each workload is held."""
        return allocate(np.random.default_rng([self.seed, 1]), self.workloads)

    @cached_property
    def _heads(self) -> pl.Series:
        return heads(self.workloads)

    @cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """The stretches of time it is played in, in order: a day each, shorter where it is busy."""
        held = self.allocations
        cadence = np.array([w.cadence_ms for w in self.workloads], dtype=np.int64)[held.workload]
        rows = float(((held.end_ms - held.start_ms) / cadence).sum() + len(cadence))
        rows_a_ms = rows / (END_MS - self.start_ms)
        fitting = [each for each in STRETCHES_MS if each * rows_a_ms <= ROWS_AT_ONCE]
        length = fitting[0] if fitting else STRETCHES_MS[-1]
        return tuple((at, at + length) for at in range(self.start_ms, END_MS, length))

    @property
    def block_count(self) -> int:
        """How many blocks ``blocks`` gives: one a stretch, and what arrives after the last."""
        return len(self.stretches) + 1

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record of every customer, customers in order."""
        return tuple(record for customer in self.customers for record in customer.records)

    def readings(self) -> Iterator[pl.DataFrame]:
        """Give each stretch's readings, sound ones only, as ``Meter.readings`` does."""
        meter = Meter(self.seed, self.workloads, self.allocations)
        for begin_ms, stop_ms in self.stretches:
            yield meter.readings(begin_ms, stop_ms)

    def usage(self) -> Iterator[pl.DataFrame]:
        """Give each stretch's readings as usage data (wide frame), with the workload's number."""
        for rows in self.readings():
            yield usage_data(rows, self.workloads)

    def blocks(
        self, tally: Tally | None = None, records: tuple[Record, ...] | None = None
    ) -> Iterator[bytes]:
        """Give each stretch's events as NDJSON, whole lines, in order of arrival.

        ``tally`` is told every reading; ``records`` are sent instead of the customers' own.
        """
        waiting = _record_lines(self.records if records is None else records)
        for (begin_ms, stop_ms), rows in zip(self.stretches, self.readings(), strict=True):
            if tally is not None:
                tally.add(rows)
            waiting = pl.concat([waiting, self._lines(begin_ms, rows)])
            due = pl.col("arrival_ms") < stop_ms
            yield _block(waiting.filter(due))
            waiting = _apart(waiting.filter(~due))
        yield _block(waiting)

    def truth(self, tally: Tally | None = None) -> pl.DataFrame:
        """Give what is true of each workload (``truth.WORKLOADS``), in the order of ``workloads``.

        Without the tally of a play it is played once more.
        """
        told = tally
        if told is None:
            told = Tally(self.workloads)
            for rows in self.readings():
                told.add(rows)
        return told.workloads(self.allocations, self.customers)

    def _lines(self, begin_ms: int, rows: pl.DataFrame) -> pl.DataFrame:
        rng = np.random.default_rng([self.seed, 2, begin_ms // STRETCHES_MS[-1]])
        day, since_midnight = divmod(begin_ms - self.start_ms, DAY_MS)
        readings = with_data(told(rows, self.faults), self._heads)
        stamped = messy.stamp(rng, readings, self.workloads, self.mess)
        parts = [messy.overlap(rng, stamped, self.mess), self._lies(stamped)]
        if self.mess.second_ratio > 0.0:
            parts.append(messy.second(stamped, self.mess))
        sent = pl.concat(parts).select("arrival_ms", event_lines().alias("line"))
        lines = [messy.repeat(rng, sent, self.mess)]
        if day in self.corrected_days and since_midnight == 0 and sent.height > 0:
            lines.append(messy.correct(stamped, begin_ms))
            lines.append(messy.broken(begin_ms, sent["line"][0]))
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


def _record_lines(records: tuple[Record, ...]) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "kind": [record.kind for record in records],
            "id": [record.identity for record in records],
            "source": ["/provider/records"] * len(records),
            "time_ms": [record.time_ms for record in records],
            "data": [record.text for record in records],
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


def _apart(lines: pl.DataFrame) -> pl.DataFrame:
    """Copy the text of lines: a filtered column keeps the text of every line it was cut from."""
    return lines.with_columns(pl.Series("line", lines["line"].to_list(), dtype=pl.String))


def _block(lines: pl.DataFrame) -> bytes:
    ordered = lines.sort("arrival_ms", maintain_order=True)["line"].to_list()
    return ("\n".join(ordered) + "\n").encode() if ordered else b""
