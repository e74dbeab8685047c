"""Which figures of a cell cannot both be true: a pipe at rest on a device at work."""

from __future__ import annotations

import polars as pl
import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from features.witness import HEARSAY
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
#: Device seconds of one hour times the 16-bit peak of the small catalogue's H100.
PEAK = 3600 * 1e15


def cells(host: dict[str, float], guest: dict[str, float] | None = None) -> pl.DataFrame:
    """Give the cells of an hour that host and guest metered."""
    rows = [
        usage_row(0, HOUR, vantage=who, **{f"telemetry.{name}": v for name, v in seen.items()})
        for who, seen in (("host", host), ("guest", guest))
        if seen
    ]
    usage = accumulate(usage_frame(rows))
    return describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells


def figures(host: dict[str, float], guest: dict[str, float] | None = None) -> list[float]:
    found = cells(host, guest)
    names = ("operations_low", "operations_expected", "operations_high")
    return [float(found[name].sum()) / PEAK for name in names]


def plugged(power_w: float) -> list[float]:
    """Give the figures of an hour of which a bmc metered the power alone."""
    row = usage_row(0, HOUR, vantage="bmc", **{"telemetry.power_w": power_w})
    usage = accumulate(usage_frame([row]))
    found = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells
    names = ("operations_low", "operations_expected", "operations_high")
    return [float(found[name].sum()) / PEAK for name in names]


@pytest.mark.parametrize("use", ["sm_active", "gpu_util"])
def test_a_pipe_at_rest_on_a_device_in_use_cannot_be_told_from_a_dead_counter(use: str) -> None:
    dead = {"tensor_active": 0.0, use: 0.45}
    assert figures(dead) == pytest.approx([0.0, 0.15, 0.5])
    assert cells(dead)["pipe_at_rest"].to_list() == [True]
    assert figures({"tensor_active": 0.0, use: 0.1}) == [0.0, 0.0, 0.0]


def test_a_pipe_at_rest_is_believed_only_at_the_power_of_an_idle_device() -> None:
    low, expected, high = figures({"tensor_active": 0.0, "power_w": 250.0})
    assert [low, high] == pytest.approx([0.0, 0.5])
    assert expected == pytest.approx(figures({"power_w": 250.0})[1])
    assert figures({"tensor_active": 0.0, "power_w": 100.0}) == [0.0, 0.0, 0.0]


def test_a_guests_use_is_no_witness_that_the_hosts_counters_are_dead() -> None:
    assert figures({"tensor_active": 0.0}, {"gpu_util": 0.9}) == pytest.approx([0.0, 0.0, 0.5])


def test_a_pipe_at_rest_beside_another_that_works_is_believed() -> None:
    found = cells({"tensor_active": 0.0, "fp64_active": 0.5, "gpu_util": 0.9})
    assert found["pipe_at_rest"].to_list() == [False]


#: A training whose matrix pipe is not counted: the 32-bit pipe works beside it, on full power.
UNCOUNTED = {"tensor_active": 0.0, "fp32_active": 0.1, "dram_active": 0.35, "power_w": 640.0}


def test_a_little_work_of_other_pipes_does_not_hide_a_dead_counter() -> None:
    assert cells(UNCOUNTED)["pipe_at_rest"].to_list() == [True]
    assert figures(UNCOUNTED)[1] == pytest.approx(figures({"power_w": 640.0})[1])


@pytest.mark.parametrize(
    "true",
    [
        {"fp32_active": 0.5},  # molecular dynamics at 32 bit
        {"dram_active": 0.8},  # a simulation bound by memory
        {"dram_active": None},  # what memory takes is not known
        {"power_w": 540.0},
    ],
    ids=str,
)
def test_work_that_its_pipes_and_memory_account_for_is_believed(
    true: dict[str, float | None],
) -> None:
    seen = {name: value for name, value in (UNCOUNTED | true).items() if value is not None}
    assert cells(seen)["pipe_at_rest"].to_list() == [False]
    assert figures(seen)[2] < 0.05


def test_power_that_no_counter_accounts_for_says_that_all_of_them_read_low() -> None:
    low = {"tensor_active": 0.05, "sm_active": 0.08, "gpu_util": 0.1, "dram_active": 0.05}
    powered = {"power_w": 600.0}
    assert cells({**low, **powered})["power_above_use"].to_list() == [True]
    opened = figures({**low, **powered})
    assert opened[1] == pytest.approx(figures(powered)[1])
    assert opened[0] < figures(low)[1] < opened[1] < opened[2]


@pytest.mark.parametrize(
    "shown",
    [
        {"sm_active": 0.5},
        {"sm_active": 0.1, "gpu_util": 0.6},
        {"sm_active": 0.1, "dram_active": 0.5},
        {"sm_active": 0.1, "power_w": 350.0},
        {},
    ],
    ids=str,
)
def test_power_that_some_counter_accounts_for_or_none_could_is_no_contradiction(
    shown: dict[str, float],
) -> None:
    seen = {"tensor_active": 0.05, "power_w": 600.0, **shown}
    assert cells(seen)["power_above_use"].to_list() == [False]


@pytest.mark.parametrize("power_w", [1000.0, 1275.0])
def test_power_at_the_plug_that_a_host_passes_on_contradicts_no_busy_counter(
    power_w: float,
) -> None:
    busy = {"tensor_active": 0.45, "sm_active": 0.86, "gpu_util": 0.99}
    assert figures({**busy, "power_w": power_w}) == figures(busy)
    assert figures({"power_w": power_w}) == pytest.approx(plugged(power_w))


def test_power_at_the_plug_that_no_counter_accounts_for_says_that_all_of_them_read_low() -> None:
    low = {"tensor_active": 0.05, "sm_active": 0.08, "gpu_util": 0.1, "dram_active": 0.05}
    assert cells({**low, "power_w": 1000.0})["power_above_use"].to_list() == [True]


@pytest.mark.parametrize("served", [{"tensor_active": 0.1, "gpu_util": 0.4}, {"gpu_util": 0.4}, {}])
def test_power_of_a_whole_node_says_nothing_of_one_accelerator(served: dict[str, float]) -> None:
    node = {"power_w": 8 * 640.0, **served}
    assert cells(node)["power_of_several"].to_list() == ["host"]
    assert figures(node) == figures(served or {"fp64_active": 0.0})
    assert cells(node)["power_above_use"].to_list() == [False]


TRUE = {"tensor_active": 0.5, "sm_active": 0.6, "power_w": 500.0}


@pytest.mark.parametrize(
    "lie", [{"sm_active": 0.0}, {"power_w": 60.0}, {"sm_active": 0.2}], ids=str
)
def test_the_pipe_is_expected_where_one_of_use_and_power_bears_it_out(
    lie: dict[str, float],
) -> None:
    honest, lied = figures(TRUE), figures({**TRUE, **lie})
    assert lied[1] == pytest.approx(honest[1])
    assert lied[0] < honest[0]
    assert lied[2] >= honest[2]
    assert cells({**TRUE, **lie})["odds_ratio"].to_list() == [1.0]


def test_two_against_the_pipe_do_not_lower_what_is_expected() -> None:
    seen = {"tensor_active": 0.5, "sm_active": 0.1, "power_w": 60.0}
    assert figures(seen)[1] == pytest.approx(
        max(figures({name: value})[1] for name, value in seen.items())
    )


def test_a_dead_pipe_counter_is_borne_out_by_nobody() -> None:
    others = {"sm_active": 0.6, "power_w": 500.0}
    largest = max(figures({name: value})[1] for name, value in others.items())
    assert figures({"tensor_active": 0.0, **others})[1] == pytest.approx(largest)


@pytest.mark.parametrize(
    ("host", "guest", "is_above"),
    [
        ({"power_w": 600.0}, {"tensor_active": 0.03, "gpu_util": 0.05}, True),
        ({"power_w": 600.0}, {"tensor_active": 0.03}, True),
        ({"power_w": 600.0}, {"tensor_active": 0.03, "dram_active": 0.6}, False),
        ({"power_w": 150.0}, {"tensor_active": 0.03, "gpu_util": 0.05}, False),
        ({"power_w": 600.0, "gpu_util": 0.9}, {"tensor_active": 0.03}, False),
        ({"power_w": 600.0}, None, False),
    ],
    ids=str,
)
def test_counters_of_a_guest_that_leave_the_providers_power_without_a_cause_are_told(
    host: dict[str, float], guest: dict[str, float] | None, is_above: bool
) -> None:
    assert cells(host, guest)[HEARSAY].to_list() == [is_above]
    if is_above:
        assert figures(host, guest) == figures(host)


@pytest.mark.parametrize("beside", [{"power_w": 600.0}, {"sm_active": 0.9}])
def test_a_dead_counter_of_every_second_hour_is_one_too_once_its_hours_are_a_day(
    beside: dict[str, float],
) -> None:
    seen = {f"telemetry.{name}": v for name, v in ({"tensor_active": 0.0} | beside).items()}
    rows = [
        usage_row(hour * HOUR, (hour + 1) * HOUR, **(seen if hour % 2 else {}))
        for hour in range(24)
    ]
    usage = accumulate(usage_frame(rows))
    hourly, daily = (
        describe(usage, small_catalogue(), no_segments(), moments({NOW: newest})).cells
        for newest in (NOW, NOW + 46 * 24)
    )
    assert (hourly.height, daily["pipe_at_rest"].to_list()) == (24, [True])
    before, after = (float(each["operations_expected"].sum()) for each in (hourly, daily))
    assert after == pytest.approx(before)
