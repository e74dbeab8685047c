"""Counters that power denies say nothing, and neither do the rests that they leave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.usage_rows import HOUR
from tests.unit.features.test_rows import busy, described, feature_rows

LOW = {"telemetry.tensor_active": 0.05, "telemetry.gpu_util": 0.1, "telemetry.power_w": 600.0}
REST = {"telemetry.tensor_active": 0.0, "telemetry.gpu_util": 0.02, "telemetry.power_w": 90.0}
TRUE = {"telemetry.tensor_active": 0.4, "telemetry.gpu_util": 0.9, "telemetry.power_w": 600.0}
NAMES = ["tensor_active_mean", "gpu_util_mean", "power_ratio_mean"]


def seen(*hours: dict[str, float]) -> tuple[Any, ...]:
    rows = [busy(n * HOUR, (n + 1) * HOUR, **fields) for n, fields in enumerate(hours)]
    return feature_rows(*rows).select(NAMES).row(0)


def test_where_power_denies_most_of_what_counters_tell_the_rests_do_not_stand_for_the_whole() -> (
    None
):
    assert seen(LOW, LOW, LOW, REST) == (None, None, pytest.approx(1890 / 2800))


def test_where_power_denies_half_or_less_the_other_hours_are_heard() -> None:
    assert seen(LOW, TRUE) == (0.4, 0.9, pytest.approx(600 / 700))
    assert seen(LOW, REST) == (0.0, 0.02, pytest.approx(690 / 1400))


def test_rests_beside_work_that_power_bears_out_count_as_before() -> None:
    assert seen(TRUE, REST) == (pytest.approx(0.2), pytest.approx(0.46), pytest.approx(690 / 1400))


def test_half_of_the_time_of_a_slice_is_half_to_the_last_digit() -> None:
    third = {"partition_fraction": 1 / 3}
    assert seen(*[LOW | third] * 8, *[TRUE | third] * 8)[:2] == (0.4, 0.9)


def test_what_a_guest_states_is_not_heard_where_the_providers_power_denies_it() -> None:
    power = {"telemetry.power_w": 600.0, "vantage": "host"}
    stated = {"telemetry.tensor_active": 0.03, "telemetry.gpu_util": 0.05, "vantage": "guest"}
    for said, heard in (
        (stated, (None, None)),
        (stated | {"telemetry.gpu_util": 0.9}, (0.03, 0.9)),
    ):
        rows = [busy(0, HOUR, **power), busy(0, HOUR, **said)]
        found = described(*rows)
        assert found.rows.select(NAMES).row(0) == (None, None, pytest.approx(600 / 700))
        assert found.told.select(NAMES).row(0) == (*heard, pytest.approx(600 / 700))
