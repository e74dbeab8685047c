"""Counters tell cycles: where power says that the clock may be held down, the low bound follows."""

from __future__ import annotations

import pytest

from tests.support.usage_rows import HOUR, usage_row
from tests.unit.features.test_describe import figures

BUSY = {"telemetry.tensor_active": 0.5, "telemetry.gpu_util": 1.0}
ALONE = [0.25, 0.4, 1.0]


def counted(vantage: str = "host", **more: float) -> list[float]:
    rows = [usage_row(0, HOUR, **BUSY)]
    seen = {f"telemetry.{name}": value for name, value in more.items()}
    return figures(*rows, usage_row(0, HOUR, vantage=vantage, **seen)) if more else figures(*rows)


def test_without_power_or_at_full_power_counters_stand_as_they_are() -> None:
    assert counted() == pytest.approx(ALONE)
    assert figures(usage_row(0, HOUR, **BUSY, **{"telemetry.power_w": 600.0})) == pytest.approx(
        ALONE
    )


def test_a_device_in_use_at_a_quarter_of_the_busy_power_may_run_at_half_the_clock() -> None:
    watts = 700.0 * (0.12 + 0.25 * (0.60 - 0.12))
    held = figures(usage_row(0, HOUR, **BUSY, **{"telemetry.power_w": watts}))
    assert held == pytest.approx([0.125, 0.4, 1.0])


def test_a_device_in_use_for_a_part_of_the_time_draws_less_at_any_clock() -> None:
    watts = 700.0 * (0.12 + 0.25 * (0.60 - 0.12))
    seen = {"telemetry.tensor_active": 0.2, "telemetry.gpu_util": 0.25, "telemetry.power_w": watts}
    assert figures(usage_row(0, HOUR, **seen)) == pytest.approx([0.1, 0.16, 0.4])


def test_the_power_that_a_guest_states_lowers_nothing() -> None:
    assert counted(vantage="guest", power_w=100.0) == pytest.approx(ALONE)
