"""Nodes that nobody metered beside metered nodes of the same run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.usage_rows import HOUR, usage_row
from tests.unit.features.test_describe import ALLOCATED, figures


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"telemetry.tensor_active": 0.0}, [0.0, ALLOCATED[1], 0.0]),
        ({"telemetry.tensor_active": 0.9}, [0.72, 0.72, 0.72]),
    ],
    ids=["idle", "busy"],
)
def test_a_node_that_was_never_metered_is_expected_like_the_busier_of_others_and_any(
    seen: dict[str, float], expected: list[float]
) -> None:
    def node(number: int, begin: int, end: int, **told: float) -> dict[str, Any]:
        return usage_row(begin, end, resource_id=f"n{number}", job_id="j", **told)

    whole, half = node(0, 0, HOUR, **seen), node(1, 0, HOUR // 2, **seen)
    dark, lost = node(1, 0, HOUR), node(1, HOUR // 2, HOUR)
    alone, beside_dark, beside_lost = (
        figures(*rows)[1] for rows in ((whole,), (whole, dark), (whole, half, lost))
    )
    assert [alone, beside_dark - alone, beside_lost - alone] == pytest.approx(expected)


@pytest.mark.parametrize(("silent_hours", "expected"), [(23, 0.0), (24, ALLOCATED[1])])
def test_a_node_that_fell_silent_for_a_day_is_expected_as_if_it_had_never_been_metered(
    silent_hours: int, expected: float
) -> None:
    idle = {"job_id": "j", "telemetry.tensor_active": 0.0}
    end = (silent_hours + 1) * HOUR
    beside = usage_row(0, end, resource_id="other", **idle)
    once = usage_row(0, HOUR, resource_id="node", **idle)
    silent = usage_row(HOUR, end, resource_id="node", job_id="j")
    found = figures(beside, once, silent)[1]
    assert found == pytest.approx(expected * silent_hours)


@pytest.mark.parametrize(("silent_hours", "expected"), [(0, 0.0), (24, ALLOCATED[1])])
def test_samples_inside_a_long_event_without_telemetry_leave_no_long_silence(
    silent_hours: int, expected: float
) -> None:
    idle = {"job_id": "j", "telemetry.tensor_active": 0.0}
    most = HOUR * 5 // 6
    sampled = [usage_row(n * HOUR, n * HOUR + most, resource_id="node", **idle) for n in range(30)]
    end = (30 + silent_hours) * HOUR
    beside = usage_row(0, end, resource_id="other", **idle)
    long = usage_row(0, end, resource_id="node", job_id="j")
    found = figures(beside, *sampled, long)[1]
    last_gap = (HOUR - most) / HOUR if silent_hours else 0.0
    assert found == pytest.approx(expected * (silent_hours + last_gap))


def test_a_guests_word_makes_no_sighted_node_of_a_dark_one() -> None:
    idle = usage_row(0, HOUR, job_id="j", **{"telemetry.tensor_active": 0.0})
    dark = usage_row(0, HOUR, job_id="j", resource_id="s")
    guest = dark | {"vantage": "guest", "telemetry.gpu_util": 0.0}
    assert figures(idle, dark, guest)[1] == pytest.approx(figures(idle, dark)[1])
