"""What is true of a simulated cloud: work, operations, times and owners, whatever meters say."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
import polars.selectors as cs

from streams.simulation.allocation import Allocations
from streams.simulation.people import Customer
from streams.simulation.workload import HOUR_MS, Workload

#: One row a workload. Hardware operations are what the devices did (dense, one multiply-accumulate
#: = 2), algorithmic ones what the work needed of them; ``intervals`` are ``start/end`` in UTC,
#: ``;`` between, in which at least one resource was held; ``campaign`` the run that disguised
#: pieces truly are, ``disguise`` its name and strength.
WORKLOADS: Final = pl.Schema(
    {
        "run_id": pl.String,
        "tenant_id": pl.String,
        "job_id": pl.String,
        "data_ref": pl.String,
        "campaign": pl.String,
        "disguise": pl.String,
        "kind": pl.String,
        "class": pl.String,
        "is_training": pl.Boolean,
        "device_count": pl.Int64,
        "device_hours": pl.Float64,
        "hardware_operations": pl.Float64,
        "algorithmic_operations": pl.Float64,
        "true_owner_ids": pl.String,
        "first_start": pl.String,
        "last_end": pl.String,
        "intervals": pl.String,
    }
)


class Tally:
    """Adds up what the readings of a cloud truly stand for, as they are played."""

    def __init__(self, workloads: tuple[Workload, ...]) -> None:
        """Start from nothing."""
        self._workloads = workloads
        self._hours = np.zeros(len(workloads))
        self._operations = np.zeros(len(workloads))

    def add(self, readings: pl.DataFrame) -> None:
        """Add readings as ``Meter.readings`` gives them."""
        workload = readings["workload"].to_numpy()
        count = len(self._workloads)
        spent = (readings["end_ms"] - readings["start_ms"]).to_numpy() / HOUR_MS
        self._hours += np.bincount(workload, spent, count)
        self._operations += np.bincount(workload, readings["operations"].to_numpy(), count)

    def workloads(self, allocations: Allocations, customers: tuple[Customer, ...]) -> pl.DataFrame:
        """Give one row a workload, in the order of the plans; columns ``WORKLOADS``."""
        owners = {each.tenant_id: ";".join(each.owner_ids) for each in customers}
        spans = _spans(allocations, len(self._workloads))
        rows = [
            (
                work.run_id,
                work.tenant_id,
                work.job_id,
                work.data_ref,
                work.campaign or work.run_id,
                work.disguise,
                work.family,
                work.work_class,
                work.is_training,
                work.device_count,
                float(self._hours[number]) * work.resource_device_count * work.partition_fraction,
                float(self._operations[number]),
                float(self._operations[number]) * work.algorithmic_ratio,
                owners.get(work.tenant_id),
                _written(spans[number][0][0]) if spans[number] else None,
                _written(spans[number][-1][1]) if spans[number] else None,
                ";".join(f"{_written(low)}/{_written(high)}" for low, high in spans[number]),
            )
            for number, work in enumerate(self._workloads)
        ]
        return pl.DataFrame(rows, schema=WORKLOADS, orient="row")


def tenants(workloads: pl.DataFrame, customers: tuple[Customer, ...]) -> pl.DataFrame:
    """Give one row a customer: who it is, who truly owns it, and the sums of what it ran.

    A customer that ran nothing has zeros, and no first and last instant.
    """
    known = pl.DataFrame(
        {
            "tenant_id": [each.tenant_id for each in customers],
            "structure": [each.structure for each in customers],
            "headquarters": [each.headquarters for each in customers],
            "true_owner_ids": [";".join(each.owner_ids) for each in customers],
            "true_owner_countries": [";".join(each.owner_countries) for each in customers],
        },
        schema_overrides={"tenant_id": pl.String},
    )
    training = pl.col("algorithmic_operations").filter("is_training")
    sums = workloads.group_by("tenant_id", maintain_order=True).agg(
        pl.col("kind").unique().sort().str.join(";").alias("kinds"),
        pl.col("is_training").any(),
        pl.col("device_hours").sum(),
        pl.col("hardware_operations").sum(),
        pl.col("algorithmic_operations").sum(),
        training.sum().alias("training_operations"),
        pl.col("first_start").min(),
        pl.col("last_end").max(),
    )
    joined = known.join(sums, on="tenant_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("kinds").fill_null(""),
        pl.col("is_training").fill_null(value=False),
        cs.by_dtype(pl.Float64).fill_null(0.0),
    )


def _spans(allocations: Allocations, count: int) -> list[list[tuple[int, int]]]:
    """Give the merged spans of each workload, in order of time."""
    order = np.lexsort((allocations.start_ms, allocations.workload))
    spans: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for place in order.tolist():
        own = spans[int(allocations.workload[place])]
        start, end = int(allocations.start_ms[place]), int(allocations.end_ms[place])
        if own and start <= own[-1][1]:
            own[-1] = (own[-1][0], max(own[-1][1], end))
        else:
            own.append((start, end))
    return spans


def _written(at_ms: int) -> str:
    return str(np.datetime64(at_ms, "ms")) + "Z"
