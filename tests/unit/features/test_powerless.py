"""A meter that reads no power: its zeros are silence, and what it reads above zero stays."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.accumulate import accumulate
from features.powerless import without_dead_zeros
from tests.support.usage_rows import HOUR, usage_frame
from tests.unit.features.test_rows import busy, described

REST = {"telemetry.gpu_util": 0.0, "telemetry.tensor_active": 0.0, "telemetry.nvlink_bytes": 0.0}
WORK = {"telemetry.gpu_util": 0.9, "telemetry.tensor_active": 0.4, "telemetry.power_w": 600.0}
DEAD = [
    {"telemetry.power_w": 0.0},
    {"telemetry.power_w": 1.0},
    {"telemetry.energy_j": 0.0},
    {"telemetry.power_w": 0.0, "telemetry.energy_j": 0.0},
]
FIGURES = ["operations_low", "operations_expected", "operations_high"]


def figures(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    return described(*rows).cells.select(FIGURES).rows()


@pytest.mark.parametrize("power", DEAD, ids=str)
def test_zeros_beside_no_power_are_as_if_nothing_had_been_metered(power: dict[str, float]) -> None:
    whole, half = busy(HOUR, 2 * HOUR, **WORK), busy(0, HOUR)
    assert figures(whole, half | REST | power) == figures(whole, half)
    assert figures(half | REST | power) == figures(half)


def test_zeros_beside_the_power_of_an_idle_device_are_believed() -> None:
    idle = REST | {"telemetry.power_w": 70.0}
    assert figures(busy(0, HOUR, **idle)) == [(0, 0, 0)]
    reset = idle | {"telemetry.energy_j": 0.0}
    assert figures(busy(0, HOUR, **reset))[0][1] == 0


def test_a_tool_that_knows_no_power_is_heard_where_it_reads_more_than_zero() -> None:
    told = {"telemetry.tensor_active": 0.4, "telemetry.gpu_util": 0.0, "telemetry.power_w": 0.0}
    known = {"telemetry.tensor_active": 0.4}
    assert figures(busy(0, HOUR, **told)) == figures(busy(0, HOUR, **known))


def test_a_reading_of_no_power_is_told_with_its_meter() -> None:
    found = described(busy(0, HOUR, site_id="dc-1", vantage="bmc", **REST, **DEAD[0])).impossible
    columns = ["field", "side", "vantage", "figure_count", "mean_reading", "limit", "places"]
    assert found.select(columns).rows() == [("power_w", "low", "bmc", 1, 0.0, 2.0, ["dc-1"])]


def test_events_with_power_and_without_any_stay_as_they_came() -> None:
    rows = usage_frame([busy(0, HOUR, **REST), busy(0, HOUR, **WORK)])
    assert_frame_equal(without_dead_zeros(rows), rows)


def test_a_correction_takes_a_dead_reading_back_without_a_trace() -> None:
    row = busy(0, HOUR, **REST, **DEAD[0])
    state = accumulate(usage_frame([row, row | {"sign": -1}]))
    assert state.telemetry.select(pl.len()).item() == 0
    assert state.coverage.is_empty()
