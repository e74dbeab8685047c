"""Zeros beside less power than any device idles on, and rest that nothing bears out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.usage_rows import HOUR, usage_row
from tests.unit.features.test_describe import ALLOCATED, SILENT, figures

REST = {"telemetry.gpu_util": 0.0, "telemetry.tensor_active": 0.0}
WORK = {"telemetry.gpu_util": 0.9, "telemetry.tensor_active": 0.5}
#: Below a hundredth of the 700 W of the small catalogue's H100; and what it idles on.
DEAD, IDLE = 5.0, 70.0


def node(number: int, told: dict[str, float], begin: int = 0) -> dict[str, Any]:
    return usage_row(begin, begin + HOUR, resource_id=f"n{number}", job_id="j", **told)


def drawing(watts: float, seen: dict[str, float]) -> dict[str, float]:
    return seen | {"telemetry.power_w": watts}


def test_zeros_beside_a_meter_that_is_all_but_dead_are_as_if_nothing_had_been_metered() -> None:
    assert figures(node(0, drawing(DEAD, REST))) == pytest.approx(ALLOCATED)
    assert figures(node(0, drawing(DEAD, {"telemetry.gpu_util": 0.0}))) == pytest.approx(ALLOCATED)


def test_a_node_under_a_dead_meter_among_sound_ones_is_silent_and_lowers_none_of_them() -> None:
    sound = drawing(600.0, WORK)
    alone, both = (
        figures(node(0, sound)),
        figures(node(0, sound), node(1, drawing(DEAD, REST))),
    )
    assert [b - a for a, b in zip(alone, both, strict=True)] == pytest.approx(SILENT, abs=0.01)


def test_a_meter_that_reads_little_power_and_some_work_is_heard() -> None:
    assert figures(node(0, drawing(DEAD, WORK))) == pytest.approx(figures(node(0, WORK)))


def test_rest_beside_the_power_of_an_idle_device_is_believed() -> None:
    assert figures(node(0, drawing(IDLE, REST))) == [0.0, 0.0, 0.0]


def test_rest_that_nothing_bears_out_is_expected_and_leaves_the_high_bound() -> None:
    for seen in (REST, {"telemetry.gpu_util": 0.0}, {"telemetry.tensor_active": 0.0}):
        assert figures(node(0, seen)) == pytest.approx([0.0, 0.0, ALLOCATED[2]])


def test_rest_of_a_meter_that_read_work_of_the_same_run_is_believed() -> None:
    work, rest = node(0, WORK), node(0, REST, HOUR)
    assert figures(work, rest) == pytest.approx(figures(work))


def test_a_guest_bears_no_rest_out_that_the_host_reads() -> None:
    rest = {"telemetry.gpu_util": 0.0}
    guest = node(0, {"telemetry.tensor_active": 0.5}, 2 * HOUR) | {"vantage": "guest"}
    high = figures(node(0, rest), node(0, rest, HOUR), guest)[2]
    assert high == pytest.approx(2 * ALLOCATED[2] + SILENT[2])


def test_a_slice_whose_tool_reads_no_power_may_rest() -> None:
    told = drawing(0.0, REST) | {"partition_fraction": 0.5}
    assert figures(node(0, told)) == pytest.approx([0.0, 0.0, ALLOCATED[2] / 2])
    whole = drawing(0.0, REST)
    assert figures(node(0, whole)) == pytest.approx(ALLOCATED)
