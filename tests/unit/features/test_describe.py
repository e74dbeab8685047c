"""Operations by method: counters, use, power, allocation; silence, guests, unknown hardware."""

from __future__ import annotations

from typing import Any

import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.usage_rows import BEGIN, HOUR, no_segments, small_catalogue, usage_frame, usage_row

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
#: Device seconds of one hour times the 16-bit peak of the small catalogue's H100.
PEAK = 3600 * 1e15
FIGURES = ("operations_low", "operations_expected", "operations_high")


def figures(*rows: dict[str, Any]) -> list[float]:
    """Give low, expected and high of all rows together, in hours at the 16-bit peak."""
    usage = accumulate(usage_frame(rows))
    cells = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells
    return [float(cells[name].sum()) / PEAK for name in FIGURES]


def metered(vantage: str | None = None, **telemetry: float) -> dict[str, Any]:
    named = {f"telemetry.{name}": value for name, value in telemetry.items()}
    return usage_row(0, HOUR, vantage=vantage, **named)


SILENT = [0.1, 0.3, 2.0]


def test_silence_keeps_the_prior_and_opens_the_high_bound_to_the_peak() -> None:
    assert figures(metered()) == pytest.approx(SILENT)


def test_counters_of_the_host_bind() -> None:
    assert figures(metered(tensor_active=0.5)) == pytest.approx([0.25, 0.4, 1.0])


def test_use_bounds_what_ran_where_no_pipe_was_counted() -> None:
    assert figures(metered(gpu_util=0.45)) == pytest.approx([0.045, 0.15, 2 * 0.45 * 1.05])


def test_power_tells_idle_from_busy() -> None:
    assert figures(metered(power_w=700 * 0.375)) == pytest.approx([0.05, 0.15, 2 * 0.6875])
    assert figures(metered(energy_j=700 * 3600 * 0.15)) == pytest.approx([0, 0, 0.25])


def test_a_stretch_of_silence_opens_only_its_own_share() -> None:
    half = HOUR // 2
    counted = usage_row(0, half, **{"telemetry.tensor_active": 0.5})
    silent = usage_row(half, HOUR)
    one, other = [0.25, 0.4, 1.0], SILENT
    mean = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
    assert figures(counted, silent) == pytest.approx(mean)


@pytest.mark.parametrize(
    "claim",
    [
        {"tensor_active": 0.0},
        {"gpu_util": 0.0},
        {"sm_active": 0.01},
        {"power_w": 1.0},
        {"energy_j": 0.0},
    ],
    ids=str,
)
def test_a_guest_alone_lowers_neither_the_expected_figure_nor_the_high_bound(
    claim: dict[str, float],
) -> None:
    _, expected, high = figures(metered("guest", **claim))
    assert [expected, high] == pytest.approx(SILENT[1:])


def test_a_guest_raises_the_expected_figure() -> None:
    assert figures(metered("guest", tensor_active=1.0))[1] == pytest.approx(0.8)


def test_a_guest_cannot_speak_for_the_time_in_which_the_hosts_counters_were_silent() -> None:
    half = HOUR // 2
    counted = usage_row(0, half, **{"telemetry.tensor_active": 0.5})
    silent = usage_row(half, HOUR)
    guest = metered("guest", sm_active=0.0)
    without = figures(counted, silent)
    assert figures(counted, silent, guest)[1:] == pytest.approx(without[1:])


def test_what_a_guest_says_of_the_same_figure_does_not_hide_the_hosts() -> None:
    host, guest = metered(gpu_util=0.45), metered("guest", sm_active=0.9, power_w=650.0)
    assert figures(host, guest) == pytest.approx(figures(host))


@pytest.mark.parametrize("name", ["toaster", "big"])
def test_a_guest_that_names_other_hardware_lowers_nothing(name: str) -> None:
    host = usage_row(0, HOUR, accelerator_count=8)
    guest = usage_row(0, HOUR, accelerator=name, vantage="guest", job_id="j")
    assert figures(host, guest) == pytest.approx(figures(host))


def test_a_tensor_counter_at_rest_beside_much_power_is_not_believed() -> None:
    assert figures(metered(tensor_active=0.0, power_w=600.0)) == pytest.approx([0.1, 0.3, 2.0])
    believed = figures(metered(tensor_active=0.0, power_w=600.0, fp64_active=0.5))
    assert believed == pytest.approx([0.025, 0.04, 0.05])


@pytest.mark.parametrize(("vantage", "high"), [(None, 1.0), ("bmc", 1.0), ("guest", 2.0)])
def test_a_claimed_precision_narrows_the_high_bound_only_from_the_providers_vantage(
    vantage: str | None, high: float
) -> None:
    claimed = usage_row(0, HOUR, vantage=vantage, precision="bf16")
    assert figures(claimed) == pytest.approx([0.1, 0.3, high])


def test_eight_bit_moves_the_expected_figure_by_the_root_of_its_gain() -> None:
    claimed = usage_row(0, HOUR, precision="fp8")
    assert figures(claimed) == pytest.approx([0.1, 0.3 * 2**0.5, 2.0])


def test_an_alias_of_several_accelerators_spans_them() -> None:
    assert figures(usage_row(0, HOUR, accelerator="big")) == pytest.approx([0.1, 0.45, 4.0])


def test_unknown_hardware_counts_its_hours_and_no_operations() -> None:
    unknown = usage_row(0, HOUR, accelerator="toaster", accelerator_count=4)
    usage = accumulate(usage_frame([unknown]))
    cells = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells
    columns = ("device_ms", "is_known", "peak_operations", *FIGURES)
    assert cells.select(columns).to_dicts() == [
        dict(zip(columns, (4 * HOUR, False, 0, 0, 0, 0), strict=True))
    ]


def test_a_type_that_carries_no_accelerator_is_known_and_counts_nothing() -> None:
    plain = usage_row(0, HOUR, accelerator=None, accelerator_count=None, instance_type="M7I.large")
    usage = accumulate(usage_frame([plain]))
    cells = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells
    columns = ("device_ms", "resource_ms", "is_known", *FIGURES)
    assert cells.select(columns).to_dicts() == [
        dict(zip(columns, (0, HOUR, True, 0, 0, 0), strict=True))
    ]
