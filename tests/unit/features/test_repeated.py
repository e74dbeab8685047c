"""How often events told of one resource at once, and what is lost if they tell of several."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, PPB, specify
from features.repeated import lost_hours, repeated
from tests.support.usage_rows import HOUR, small_catalogue, usage_frame, usage_row


def told(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Give (tenant, times, hours of resources, hours of the devices of all events)."""
    usage = merge([accumulate(usage_frame(rows))])
    frame = repeated(usage, specify(usage.strands, small_catalogue()))
    per_hour = PPB * HOUR_MS
    return [
        (tenant, times, length / HOUR_MS, devices / per_hour)
        for tenant, times, length, devices in frame.iter_rows()
    ]


def test_a_resource_that_is_told_of_once_at_a_time_is_not_repeated() -> None:
    later = usage_row(HOUR, 2 * HOUR, accelerator_count=4)
    assert told(usage_row(0, HOUR), later, usage_row(0, HOUR, resource_id="other")) == []


def test_two_vantages_and_two_tenants_are_no_repeats() -> None:
    assert told(usage_row(0, HOUR), usage_row(0, HOUR, vantage="bill")) == []
    assert told(usage_row(0, HOUR), usage_row(0, HOUR, tenant_id="u")) == []


def test_machines_under_one_name_are_counted_with_their_devices() -> None:
    rows = [
        usage_row(0, 2 * HOUR, accelerator_count=8),
        usage_row(0, 2 * HOUR, accelerator_count=8, job_id="another"),
        usage_row(HOUR, 2 * HOUR, accelerator_count=4),
    ]
    assert told(*rows) == [("t", 2, 1.0, 16.0), ("t", 3, 1.0, 20.0)]


@pytest.mark.parametrize(("sources", "hours"), [(1, 8.0 + 40.0 / 3), (2, 20.0 / 3), (3, None)])
def test_each_source_may_tell_of_a_machine_once(sources: int, hours: float | None) -> None:
    rows = [usage_row(0, 2 * HOUR, accelerator_count=8) for _ in range(2)]
    usage = merge(
        [accumulate(usage_frame([*rows, usage_row(HOUR, 2 * HOUR, accelerator_count=4)]))]
    )
    frame = repeated(usage, specify(usage.strands, small_catalogue()))
    known = pl.DataFrame({"tenant_id": ["t"], "source_count": [sources]})
    found = lost_hours(frame, known)["accelerator_hours"].to_list()
    assert found == ([] if hours is None else [pytest.approx(hours)])
