"""Covered time: counted once, with the largest size, for the strand that names the work best."""

from __future__ import annotations

from typing import Any

import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, PPB, moments, specify
from features.timeline import Timeline, lay_out
from tests.support.usage_rows import BEGIN, HOUR, small_catalogue, usage_frame, usage_row

START = int(BEGIN.timestamp()) * 1000
NOW = START // HOUR_MS + 100


def timeline(*rows: dict[str, Any], as_of: int = NOW) -> Timeline:
    usage = accumulate(usage_frame(rows))
    return lay_out(
        usage.coverage, specify(usage.strands, small_catalogue()), moments({as_of: as_of}), 24.0
    )


def stretches(found: Timeline) -> list[tuple[float, float, float, int]]:
    """Give (from hour, to hour, accelerators, resources)."""
    return [
        ((start - START) / HOUR, (end - START) / HOUR, devices / PPB, resources)
        for start, end, devices, resources in found.levels.sort("start_ms")
        .select("start_ms", "end_ms", "devices_ppb", "resources")
        .iter_rows()
    ]


def test_intervals_that_touch_or_overlap_are_one_stretch() -> None:
    rows = [usage_row(0, HOUR), usage_row(HOUR, 2 * HOUR), usage_row(HOUR // 2, 3 * HOUR)]
    assert stretches(timeline(*rows)) == [(0, 3, 1, 1)]


def test_of_two_device_counts_the_larger_holds_and_the_dispute_is_told() -> None:
    rows = [usage_row(0, 2 * HOUR), usage_row(HOUR, 3 * HOUR, accelerator_count=4)]
    found = timeline(*rows)
    assert stretches(found) == [(0, 1, 1, 1), (1, 3, 4, 1)]
    assert found.disputes.to_dicts() == [
        {
            "as_of": NOW,
            "kind": "device_count",
            "resource_id": "r",
            "tenant_ids": ["t"],
            "disputed_ms": HOUR,
        }
    ]


def test_a_count_times_its_fraction_is_compared_not_the_count() -> None:
    slice_of_eight = usage_row(0, HOUR, accelerator_count=8, partition_fraction=0.25)
    whole_three = usage_row(0, HOUR, accelerator_count=3)
    assert stretches(timeline(slice_of_eight, whole_three)) == [(0, 1, 3, 1)]


def test_time_claimed_for_two_tenants_counts_for_each_and_the_dispute_names_both() -> None:
    rows = [usage_row(0, 2 * HOUR), usage_row(HOUR, 3 * HOUR, tenant_id="u")]
    found = timeline(*rows)
    assert stretches(found) == [(0, 2, 1, 1), (1, 3, 1, 1)]
    assert [(d["kind"], d["tenant_ids"], d["disputed_ms"]) for d in found.disputes.to_dicts()] == [
        ("tenant", ["t", "u"], HOUR)
    ]


def test_the_linked_strand_names_the_work_and_the_trusted_one_its_hardware() -> None:
    host = usage_row(0, HOUR, accelerator=None, accelerator_count=None, instance_type="p5.48xlarge")
    guest = usage_row(0, HOUR, accelerator="toaster", vantage="guest", job_id="j")
    usage = accumulate(usage_frame([host, guest]))
    known = moments({NOW: NOW})
    found = lay_out(usage.coverage, specify(usage.strands, small_catalogue()), known, 24.0)
    named = {n: {"strand": s} for s, n in usage.strands.select("strand", "vantage").iter_rows()}
    assert found.levels.to_dicts() == [
        {
            "as_of": NOW,
            "strand": named["guest"]["strand"],
            "hardware": named[None]["strand"],
            "start_ms": START,
            "end_ms": START + HOUR,
            "devices_ppb": 8 * PPB,
            "resources": 1,
            "seen_1": 0,
            "seen_2": 0,
            "seen_4": 0,
            "dark_ppb": 8_000_000_000,
        }
    ]


def test_hardware_that_nobody_knows_but_a_guest_is_the_guests() -> None:
    host = usage_row(0, HOUR, accelerator="toaster")
    guest = usage_row(0, HOUR, vantage="guest")
    found = timeline(host, guest)
    assert found.levels["hardware"].to_list() != found.levels["strand"].to_list()


def test_resources_of_one_strand_add_up_and_empty_ones_stay() -> None:
    rows = [
        usage_row(0, 2 * HOUR, resource_id="a"),
        usage_row(HOUR, 3 * HOUR, resource_id="b", accelerator_count=2),
    ]
    assert stretches(timeline(*rows)) == [(0, 1, 1, 1), (1, 2, 3, 2), (2, 3, 2, 1)]
    none_carried = usage_row(
        0, HOUR, accelerator=None, accelerator_count=None, instance_type="m7i.large"
    )
    assert stretches(timeline(none_carried)) == [(0, 1, 0, 1)]


@pytest.mark.parametrize(("as_of", "hours"), [(NOW - 1, [(0, 1, 1, 1)]), (NOW, [(0, 4, 1, 1)])])
def test_what_is_known_later_is_not_seen_before(as_of: int, hours: list[object]) -> None:
    rows = [usage_row(0, HOUR, hour=NOW - 1), usage_row(HOUR, 4 * HOUR, hour=NOW)]
    assert stretches(timeline(*rows, as_of=as_of)) == hours


def test_siblings_are_the_strands_that_metered_the_same_resource_on_a_day() -> None:
    host = usage_row(0, 25 * HOUR)
    guest = usage_row(0, HOUR, vantage="guest")
    found = timeline(host, guest)
    day = START // HOUR_MS // 24
    (held,) = found.levels["strand"].unique()
    assert found.siblings.to_dicts() == [
        {"as_of": NOW, "strand": held, "sibling": 1 - held, "day": day}
    ]
