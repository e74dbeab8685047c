"""Feature rows: means by device time, sizes, rhythm; what was never metered is null."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from typing import Any, Final

import polars as pl
import pytest

from detector.policy.physics import parse_physics
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import Described, describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

PHYSICS: Final = (
    resources.files("detector.policy").joinpath("reference/physics.toml").read_text("utf-8")
)
NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100


def feature_rows(*rows: dict[str, Any], now: int = NOW) -> pl.DataFrame:
    return described(*rows, now=now).rows


def described(*rows: dict[str, Any], now: int = NOW) -> Described:
    usage = merge([accumulate(usage_frame(rows))])
    return describe(usage, small_catalogue(), no_segments(), moments({now: now}))


def busy(start_ms: int, end_ms: int, **fields: Any) -> dict[str, Any]:
    return usage_row(start_ms, end_ms, job_id="j", **fields)


def test_means_are_weighted_by_device_time_over_all_strands() -> None:
    rows = [
        busy(0, HOUR, accelerator_count=3, **{"telemetry.tensor_active": 0.2}),
        busy(0, HOUR, resource_id="s", vantage="bmc", **{"telemetry.tensor_active": 0.6}),
    ]
    (row,) = feature_rows(*rows).to_dicts()
    assert row["workload"] == "job/t/j"
    assert row["tensor_active_mean"] == pytest.approx(0.3)
    assert row["tensor_active_std"] == pytest.approx(0.03**0.5)
    assert (row["gpu_util_mean"], row["sync_ratio_mean"]) == (None, None)
    assert (row["device_hours"], row["devices_max"], row["resources_count"]) == (4, 4, 2)
    assert (row["duration_hours"], row["duty_ratio"], row["telemetry_ratio"]) == (1, 1, 1)


def test_shares_of_service_and_purchase_are_of_device_time() -> None:
    rows = [
        busy(0, HOUR, accelerator_count=3, service_class="batch", purchase_option="spot"),
        busy(0, HOUR, resource_id="s"),
    ]
    (row,) = feature_rows(*rows).to_dicts()
    assert (row["share_batch"], row["share_spot"], row["share_notebook"]) == (0.75, 0.75, 0)


def test_use_by_day_and_night_shows_after_two_days() -> None:
    days = [
        busy((24 * day + hour) * HOUR, (24 * day + hour + 1) * HOUR, **{"telemetry.gpu_util": use})
        for day in range(2)
        for hour, use in enumerate([0.25] * 12 + [0.75] * 12)
    ]
    assert feature_rows(*days)["day_night_ratio"].to_list() == pytest.approx([0.5])
    assert feature_rows(*days[:24])["day_night_ratio"].to_list() == [None]


def test_steady_work_does_not_seem_to_rest_once_most_of_its_hours_are_merged_to_days() -> None:
    (steady,) = [busy(0, (24 * 10 + 8) * HOUR, **{"telemetry.gpu_util": 0.5})]
    swings = [feature_rows(steady, now=NOW + 24 * (41 + day)) for day in range(11)]
    found = [swing["day_night_ratio"].to_list() for swing in swings]
    assert found == [[0.0476190476], *[[0.0]] * 8, [None], [None]]


@pytest.mark.parametrize("fields", [{"telemetry.gpu_util": 0.0}, {"accelerator_count": None}])
def test_no_use_at_all_has_no_rhythm_and_no_feature_is_ever_not_a_number(
    fields: dict[str, Any],
) -> None:
    if "accelerator_count" in fields:
        fields = {**fields, "accelerator": None, "instance_type": "m7i.large"}
    found = feature_rows(busy(0, 72 * HOUR, **fields))
    assert found["day_night_ratio"].to_list() == [None]
    numbers = found.select(pl.selectors.float())
    assert not any(series.is_nan().any() for series in numbers)


def test_scatter_between_readings_and_what_a_meter_tells_of_it_within_them_stand_apart() -> None:
    fine = [
        busy(n * HOUR // 4, (n + 1) * HOUR // 4, **{"telemetry.power_w": watts})
        for n, watts in enumerate([300.0, 500.0, 300.0, 500.0])
    ]
    coarse = busy(0, HOUR, **{"telemetry.power_w": 400.0, "telemetry.power_w_std": 100.0})
    names = ["power_ratio_std", "power_inner_std", "power_hour_std"]
    (between, *nothing), within = (
        feature_rows(*rows).select(names).row(0) for rows in (fine, [coarse])
    )
    assert between == pytest.approx(100 / 700)
    assert nothing == [None, None]
    assert within == (0.0, pytest.approx(100 / 700), None)


def test_what_is_told_over_the_hours_does_not_depend_on_how_often_an_hour_was_read() -> None:
    uses = [0.2, 0.8, 0.4, 0.6, 0.2, 0.8]
    hourly = [
        busy(
            n * HOUR,
            (n + 1) * HOUR,
            **{"telemetry.gpu_util": use, "telemetry.egress_bytes": 3.6e6 * use},
        )
        for n, use in enumerate(uses)
    ]
    halves = [
        busy(
            n * HOUR + half * HOUR // 2,
            n * HOUR + (half + 1) * HOUR // 2,
            **{
                "telemetry.gpu_util": use + (0.1 if half else -0.1),
                "telemetry.egress_bytes": 1.8e6 * use,
            },
        )
        for n, use in enumerate(uses)
        for half in range(2)
    ]
    names = ["gpu_util_hour_std", "egress_follows_use", "gpu_util_mean"]
    coarse, fine = (feature_rows(*rows).select(names).row(0) for rows in (hourly, halves))
    assert fine == pytest.approx(coarse)
    assert coarse[1] == pytest.approx(1.0)
    assert feature_rows(*hourly[:1]).select(names[:2]).row(0) == (None, None)


def test_bytes_are_told_for_the_operations_that_were_metered_beside_them() -> None:
    both = {"telemetry.tensor_active": 0.5, "telemetry.nvlink_bytes": 7.2e12}
    row = feature_rows(busy(0, HOUR, accelerator_count=2, **both)).to_dicts()[0]
    assert row["nvlink_bytes_per_billion_operations"] == pytest.approx(2000.0)
    assert row["fabric_bytes_per_billion_operations"] is None


def test_a_gang_comes_and_goes_at_once_and_a_service_by_and_by() -> None:
    gang = [busy(n * 60_000, 4 * HOUR, resource_id=f"r{n}") for n in range(4)]
    service = [busy(n * HOUR, (8 - n) * HOUR, resource_id=f"r{n}") for n in range(4)]
    names = ["gang_start_ratio", "gang_stop_ratio"]
    assert feature_rows(*gang).select(names).row(0) == (1.0, 1.0)
    assert feature_rows(*service).select(names).row(0) == (0.25, 0.25)


def test_counters_that_the_power_drawn_contradicts_say_nothing_and_power_is_heard() -> None:
    use = {"telemetry.gpu_util": 0.1, "telemetry.tensor_active": 0.04, "telemetry.sm_active": 0.09}
    names = ["gpu_util_mean", "tensor_active_mean", "sm_active_mean", "power_ratio_mean"]
    limits = replace(small_catalogue(), physics=parse_physics(PHYSICS).physics())
    found = [
        describe(
            merge(
                [accumulate(usage_frame([busy(0, HOUR, **use, **{"telemetry.power_w": watts})]))]
            ),
            limits,
            no_segments(),
            moments({NOW: NOW}),
        )
        .rows.select(names)
        .row(0)
        for watts in (200.0, 650.0)
    ]
    assert found[0] == pytest.approx((0.1, 0.04, 0.09, 200 / 700))
    assert found[1] == (None, None, None, pytest.approx(650 / 700))


def test_the_peak_is_that_of_one_accelerator_and_null_where_the_hardware_is_unknown() -> None:
    known = feature_rows(busy(0, HOUR, accelerator_count=8))
    unknown = feature_rows(busy(0, HOUR, accelerator="nobody's", accelerator_count=8))
    assert known["peak_operations_per_second"].to_list() == [1e15]
    assert unknown["peak_operations_per_second"].to_list() == [None]
