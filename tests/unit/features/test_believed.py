"""Whose word the feature rows hold: the provider's; a customer's own stands in another row."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.rows import KEY
from features.schema import TELEMETRY_FIELDS
from features.witness import CONFLICTS
from tests.support.usage_rows import HOUR, usage_row
from tests.unit.features.test_rows import busy, described

#: What a customer's own meter may tell, all at once.
STATED = {f"telemetry.{field}": 0.1 for field in TELEMETRY_FIELDS if field != "energy_j"}
STATED |= {"telemetry.power_w": 90.0, "telemetry.energy_j": 90.0 * 3600}


def alone(*rows: dict[str, Any]) -> pl.DataFrame:
    return described(*rows).rows


@pytest.mark.parametrize("who", ["guest", "bill"])
def test_whatever_a_customer_states_alone_the_row_is_that_of_the_allocation(who: str) -> None:
    found = described(*[busy(n * HOUR, (n + 1) * HOUR, vantage=who, **STATED) for n in range(30)])
    bare = [busy(n * HOUR, (n + 1) * HOUR, vantage=who) for n in range(30)]
    assert_frame_equal(found.rows, alone(*bare))
    assert found.told["tensor_active_mean"].to_list() == [0.1]


@pytest.mark.parametrize(
    "own",
    [{"telemetry.gpu_util": 0.98}, {"telemetry.power_w": 600.0}, {"telemetry.dram_active": 0.5}],
)
def test_beside_the_providers_figures_the_row_is_that_of_these(own: dict[str, float]) -> None:
    hours = range(8)
    host = [busy(n * HOUR, (n + 1) * HOUR, vantage="host", **own) for n in hours]
    guest = [busy(n * HOUR, (n + 1) * HOUR, vantage="guest", **STATED) for n in hours]
    assert_frame_equal(alone(*host, *guest), alone(*host))


@pytest.mark.parametrize("field", ["fp64_active", "fp32_active", "dram_active", "sm_active"])
@pytest.mark.parametrize(
    "host",
    [
        {"gpu_util": 0.98, "tensor_active": 0.0, "power_w": 620.0},
        {"gpu_util": 0.05, "tensor_active": 0.03, "power_w": 620.0},
        {"tensor_active": 0.0, "power_w": 620.0},
    ],
    ids=str,
)
def test_a_customers_word_hides_no_contradiction_among_the_providers_figures(
    host: dict[str, float], field: str
) -> None:
    own = busy(0, HOUR, **{f"telemetry.{name}": value for name, value in host.items()})
    guest = busy(0, HOUR, vantage="guest", **{f"telemetry.{field}": 0.9})
    without, beside = described(own), described(own, guest)
    figures = ["operations_low", "operations_expected", "operations_high", *CONFLICTS]
    assert_frame_equal(beside.cells.select(figures), without.cells.select(figures))
    assert_frame_equal(beside.rows, without.rows)


def test_the_row_with_a_customers_word_holds_the_providers_figures_too() -> None:
    host = {"telemetry.gpu_util": 0.98, "telemetry.power_w": 600.0}
    rows = [busy(n * HOUR, (n + 1) * HOUR, **host) for n in range(2)]
    guest = busy(0, HOUR, vantage="guest", **{"telemetry.tensor_active": 0.4})
    columns = ["gpu_util_mean", "tensor_active_mean", "power_ratio_mean", "telemetry_ratio"]
    assert described(*rows, guest).told.select(columns).rows() == [
        (0.98, 0.4, pytest.approx(600 / 700), 1.0)
    ]


def test_what_the_provider_tells_has_no_second_row() -> None:
    rows = [busy(0, HOUR, **STATED), busy(0, HOUR, resource_id="s", tenant_id="u")]
    guest = busy(0, HOUR, tenant_id="v", vantage="guest", **STATED)
    assert described(*rows).told.is_empty()
    assert described(*rows, guest).told.select(KEY[1]).to_series().to_list() == ["job/v/j"]


@pytest.mark.parametrize(("count", "speaks"), [(4, ["data/d"]), (3, [])])
def test_a_customer_speaks_for_shared_work_of_which_half_or_more_is_its_own(
    count: int, speaks: list[str]
) -> None:
    shared = {"data_ref": "d", "job_id": None}
    own = {"tenant_id": "a", "resource_id": "s", "vantage": "guest", **STATED}
    theirs = usage_row(0, HOUR, tenant_id="b", accelerator_count=4, **shared)
    found = described(theirs, usage_row(0, HOUR, accelerator_count=count, **shared | own))
    assert found.told["workload"].to_list() == speaks
    assert found.rows["workload"].to_list() == ["data/d"]
