"""What a workload is known by: names, size, the gang's instants, the step period."""

from __future__ import annotations

from typing import Any

import polars as pl

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from features.signatures import commons, signatures
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

MINUTE = 60_000
NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 1000
ZERO = int(BEGIN.timestamp()) * 1000


def signed(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the signatures of everything metered, instants in minutes after the beginning."""
    usage = merge([accumulate(usage_frame(rows))])
    found = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW}))
    workloads = found.cells.select("strand", "workload").unique()
    told = signatures(workloads, usage, found.levels, found.specs, found.cells)
    instants = [pl.col(c).list.eval((pl.element() - ZERO) // MINUTE) for c in _LISTS]
    return told.with_columns(
        *instants, *[(pl.col(c) - ZERO) // MINUTE for c in ("first_ms", "last_ms")]
    ).to_dicts()


_LISTS = ("starts_ms", "stops_ms", "pauses_ms")


def node(number: int, start: int, end: int, **fields: Any) -> dict[str, Any]:
    """Give one node of eight, from and until so many minutes after the beginning."""
    given = {"resource_id": f"r{number}", "accelerator_count": 8, "job_id": "j"}
    return usage_row(start * MINUTE, end * MINUTE, **(given | fields))


def test_a_signature_names_what_the_workload_ran_on_and_when_the_gang_began_and_stopped() -> None:
    first = [node(n, 0, 60, image_id="i", cluster_id="c", region="east") for n in range(4)]
    again = [node(n, 75, 240, image_id="i", cluster_id="c", region="east") for n in range(4)]
    assert signed(*first, *again) == [
        {
            "workload": "job/t/j",
            "tenant_ids": ["t"],
            "image_ids": ["i"],
            "cluster_ids": ["c"],
            "regions": ["east"],
            "hardware": "H100",
            "devices_max": 32.0,
            "first_ms": 0,
            "last_ms": 240,
            "grain_ms": 300_000,
            "starts_ms": [0, 75],
            "stops_ms": [60, 240],
            "pauses_ms": [],
            "step_period_s": None,
        }
    ]


def test_nodes_that_begin_one_by_one_are_one_beginning_and_a_replaced_node_is_none() -> None:
    gang = [node(n, n, 120 if n else 60) for n in range(4)]
    (found,) = signed(*gang, node(9, 61, 120))
    assert (found["starts_ms"], found["stops_ms"]) == ([0], [120])


def test_the_step_period_is_the_mean_over_everything_metered_of_the_workload() -> None:
    rows = [
        node(1, 0, 60, **{"telemetry.step_period_s": 4.0}),
        node(2, 0, 60, **{"telemetry.step_period_s": 6.0}),
    ]
    assert [row["step_period_s"] for row in signed(*rows)] == [5.0]


def test_hours_in_which_a_metered_gang_fell_idle_are_pauses_by_their_first_hour() -> None:
    def busy(hour: int) -> float:
        return 0.02 if hour in (10, 11, 30) else 0.4

    rows = [node(1, 60 * h, 60 * h + 60, **{"telemetry.tensor_active": busy(h)}) for h in range(40)]
    assert [row["pauses_ms"] for row in signed(*rows)] == [[600, 1800]]


def test_hours_without_telemetry_are_no_pauses() -> None:
    rows = [
        node(1, 60 * h, 60 * h + 60, **({} if h == 10 else {"telemetry.tensor_active": 0.9}))
        for h in range(40)
    ]
    assert [row["pauses_ms"] for row in signed(*rows)] == [[]]


def test_the_grain_is_the_coarsest_spacing_on_which_the_meter_reads() -> None:
    assert [row["grain_ms"] for row in signed(node(1, 0, 1440))] == [86_400_000]
    assert [row["grain_ms"] for row in signed(node(1, 60, 1440))] == [HOUR]
    assert [row["grain_ms"] for row in signed(node(1, 61, 1440))] == [MINUTE]


def test_images_are_counted_by_tenant_and_the_row_without_one_counts_all_that_name_any() -> None:
    rows = [
        usage_row(0, HOUR, tenant_id=tenant, resource_id=f"{tenant}{image}", image_id=image)
        for tenant, image in (("t", "a"), ("t", "b"), ("u", "a"), ("v", None))
    ]
    usage = merge([accumulate(usage_frame(rows))])
    assert commons(usage.strands).rows() == [(None, 2), ("a", 2), ("b", 1)]
