"""Operations by method: counters, use, power, allocation; silence, guests, unknown hardware."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, moments
from features.describe import BOUNDS
from features.pipeline import describe
from features.prior import flat
from features.witness import CONFLICTS
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    shipped_physics,
    small_catalogue,
    usage_frame,
    usage_row,
)

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
#: Device seconds of one hour times the 16-bit peak of the small catalogue's H100.
PEAK = 3600 * 1e15
FIGURES = ("operations_low", "operations_expected", "operations_high")


def described(*rows: dict[str, Any]) -> pl.DataFrame:
    usage = accumulate(usage_frame(rows))
    return describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells


def figures(*rows: dict[str, Any]) -> list[float]:
    """Give low, expected and high of all rows together, in hours at the 16-bit peak."""
    cells = described(*rows)
    return [float(cells[name].sum()) / PEAK for name in FIGURES]


def metered(vantage: str | None = None, **telemetry: float) -> dict[str, Any]:
    named = {f"telemetry.{name}": value for name, value in telemetry.items()}
    return usage_row(0, HOUR, vantage=vantage, **named)


#: What the allocation alone says: the prior's share of the 16-bit peak.
ALLOCATED = [0.1, 0.3, 0.5]
#: What silence says of work that is metered otherwise: up to the peak at any precision.
SILENT = [0.1, 0.3, 2.0]
COUNTED = [0.25, 0.4, 1.0]


def powered(watts: float) -> list[float]:
    """Give what power alone says: the allocation's shares, moved as the flat prior responds."""
    board = flat(0.1, 0.3, 0.5).board
    ratio = watts / 700
    busy = (ratio - board.idle_ratio) / (board.reference_ratio - board.idle_ratio)
    most = (ratio - board.idle_ratio) / (board.full_ratio - board.idle_ratio)
    least = shipped_physics().least_busy_ratio
    response = max(least, busy)
    high = max(response, min(1.0, max(least, most)))
    return [0.1 * response, 0.3 * response, 0.5 * high]


def mean(*each: list[float]) -> list[float]:
    return [sum(values) / len(each) for values in zip(*each, strict=True)]


def test_an_allocation_that_was_never_metered_has_the_interval_of_the_prior() -> None:
    assert figures(metered()) == pytest.approx(ALLOCATED)


def test_counters_of_the_host_bind() -> None:
    assert figures(metered(tensor_active=0.5)) == pytest.approx(COUNTED)


def test_other_pipes_count_at_their_own_peaks_and_never_past_the_peak() -> None:
    counted = metered(tensor_active=0.0, fp64_active=0.5, fp32_active=0.2)
    assert figures(counted) == pytest.approx([0.03, 0.048, 0.06])
    assert figures(metered(tensor_active=1.0, fp64_active=1.0))[2] == pytest.approx(2.0)


def test_use_scales_what_the_allocation_says_where_no_pipe_was_counted() -> None:
    assert figures(metered(gpu_util=0.45)) == pytest.approx([0.045, 0.15, 0.5 * 0.5 * 1.05])
    assert figures(metered(gpu_util=1.0)) == pytest.approx(ALLOCATED)


def test_power_tells_idle_from_busy() -> None:
    assert figures(metered(power_w=260.0)) == pytest.approx(powered(260.0))
    assert figures(metered(energy_j=3600 * 70.0)) == pytest.approx(powered(70.0))
    assert powered(70.0)[1] < 0.01 < powered(260.0)[1] < 0.3


def test_silence_of_work_that_is_metered_otherwise_opens_the_high_bound_to_the_peak() -> None:
    counted = usage_row(0, HOUR, job_id="j", **{"telemetry.tensor_active": 0.5})
    silent = usage_row(HOUR, 2 * HOUR, job_id="j")
    other = usage_row(2 * HOUR, 3 * HOUR, job_id="other", resource_id="s")
    assert figures(counted, silent) == pytest.approx([2 * f for f in mean(COUNTED, SILENT)])
    together = [2 * f for f in mean(COUNTED, SILENT)]
    apart = [one + two for one, two in zip(together, ALLOCATED, strict=True)]
    assert figures(counted, silent, other) == pytest.approx(apart)


def test_gaps_of_a_bucket_that_was_mostly_metered_are_expected_at_its_own_rate() -> None:
    half = HOUR // 2
    counted = usage_row(0, half, **{"telemetry.tensor_active": 0.5})
    silent = usage_row(half, HOUR)
    own = [SILENT[0], COUNTED[1], SILENT[2]]
    assert figures(counted, silent) == pytest.approx(mean(COUNTED, own))
    less = usage_row(0, half - 1, **{"telemetry.tensor_active": 0.5})
    longer = usage_row(half - 1, HOUR)
    assert figures(less, longer) == pytest.approx(mean(COUNTED, SILENT), rel=1e-5)


def test_a_guests_telemetry_makes_no_silence_of_the_rest() -> None:
    guest = usage_row(0, HOUR, job_id="j", vantage="guest", **{"telemetry.gpu_util": 0.9})
    rest = usage_row(HOUR, 2 * HOUR, job_id="j")
    assert figures(guest, rest) == pytest.approx([2 * f for f in ALLOCATED])


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
    assert [expected, high] == pytest.approx(ALLOCATED[1:])


def test_a_guest_raises_the_expected_figure() -> None:
    assert figures(metered("guest", tensor_active=1.0))[1] == pytest.approx(0.8)


def test_a_guest_cannot_speak_for_the_time_in_which_the_hosts_counters_were_silent() -> None:
    half = HOUR // 2
    counted = usage_row(0, half, **{"telemetry.tensor_active": 0.5})
    silent = usage_row(half, HOUR)
    without = figures(counted, silent)
    for claim in ({"sm_active": 0.0}, {"tensor_active": 0.0}, {"power_w": 60.0}):
        guest = metered("guest", **claim)
        assert figures(counted, silent, guest) == pytest.approx(without)


def test_what_a_guest_says_of_the_same_figure_does_not_hide_the_hosts() -> None:
    host, guest = metered(gpu_util=0.45), metered("guest", sm_active=0.9, power_w=650.0)
    assert figures(host, guest) == pytest.approx(figures(host))


@pytest.mark.parametrize("name", ["toaster", "big"])
def test_a_guest_that_names_other_hardware_lowers_nothing(name: str) -> None:
    host = usage_row(0, HOUR, accelerator_count=8)
    guest = usage_row(0, HOUR, accelerator=name, vantage="guest", job_id="j")
    assert figures(host, guest) == pytest.approx(figures(host))


def test_a_pipe_at_rest_beside_much_power_opens_the_interval_to_both() -> None:
    opened = [0.0, *powered(600.0)[1:]]
    assert figures(metered(tensor_active=0.0, power_w=600.0)) == pytest.approx(opened)
    believed = figures(metered(tensor_active=0.0, power_w=600.0, fp64_active=0.5))
    assert believed == pytest.approx([0.025, 0.04, 0.05])


def test_a_busy_pipe_at_idle_power_opens_the_interval_to_both() -> None:
    opened = [powered(70.0)[0], 0.4, 1.0]
    assert figures(metered(tensor_active=0.5, power_w=70.0)) == pytest.approx(opened)


def test_a_use_of_nothing_beside_a_busy_pipe_opens_the_interval_to_both() -> None:
    assert figures(metered(tensor_active=0.5, gpu_util=0.0)) == pytest.approx([0.0, 0.4, 1.0])
    assert figures(metered(tensor_active=0.5, gpu_util=0.4)) == pytest.approx(COUNTED)


def test_power_and_energy_at_odds_open_what_power_says() -> None:
    odd = metered(power_w=260.0, energy_j=3600 * 70.0)
    assert figures(odd) == pytest.approx([0.0, powered(260.0)[1], ALLOCATED[2]])
    alike = metered(power_w=260.0, energy_j=3600 * 250.0)
    assert figures(alike) == figures(metered(power_w=260.0))


def test_the_providers_vantages_at_odds_open_the_interval_to_each() -> None:
    host, bmc = metered(tensor_active=0.5), metered("bmc", tensor_active=0.1)
    assert figures(host, bmc) == pytest.approx([0.05, 0.4, 1.0])
    more = metered("bmc", tensor_active=0.9)
    assert figures(host, more) == pytest.approx([0.25, 0.4, 1.8])


def test_a_guests_power_is_no_witness_against_the_hosts_counters() -> None:
    guest = metered("guest", power_w=60.0, gpu_util=0.0)
    assert figures(metered(tensor_active=0.5), guest) == pytest.approx(COUNTED)


BASES_OF = ("counters", "utilisation", "power", "allocation", "silence", "contradiction")


def test_every_method_speaks_for_its_own_time_and_one_binds() -> None:
    half = HOUR // 2
    rows = [
        usage_row(0, half, **{"telemetry.tensor_active": 0.5, "telemetry.power_w": 600.0}),
        usage_row(half, HOUR, resource_id="s", **{"telemetry.power_w": 600.0}),
    ]
    (cell,) = described(*rows).to_dicts()
    seconds = {basis: cell[f"seconds_{basis}"] for basis in BASES_OF}
    assert seconds == dict(zip(BASES_OF, (1800, 0, 1800, 0, 0, 0), strict=True))
    said = {
        method: [cell[f"{method}_seconds"]] + [cell[f"{method}_{bound}"] for bound in BOUNDS]
        for method in BASES_OF[:4]
    }
    assert said == {
        "counters": [1800, *(pytest.approx(f * PEAK / 2) for f in COUNTED)],
        "utilisation": [0, None, None, None],
        "power": [3600, *(pytest.approx(f * PEAK) for f in powered(600.0))],
        "allocation": [3600, *(pytest.approx(f * PEAK) for f in ALLOCATED)],
    }


def test_seconds_of_every_basis_add_up_to_the_device_time() -> None:
    most = HOUR * 3 // 4
    rows = [
        usage_row(0, most, **{"telemetry.tensor_active": 0.0, "telemetry.power_w": 600.0}),
        usage_row(most, HOUR),
    ]
    (cell,) = described(*rows).to_dicts()
    seconds = [cell[f"seconds_{basis}"] for basis in BASES_OF]
    assert seconds == [0, 0, 0, 0, 900, 2700]


def test_figures_that_may_be_of_different_times_do_not_contradict_each_other() -> None:
    half = HOUR // 2
    rows = [
        usage_row(0, half, **{"telemetry.tensor_active": 1.0}),
        usage_row(half, HOUR, **{"telemetry.gpu_util": 0.0, "telemetry.power_w": 70.0}),
    ]
    (cell,) = described(*rows).to_dicts()
    assert [cell[name] for name in CONFLICTS] == [False] * 5


def test_the_figures_of_a_cell_are_whole_operations() -> None:
    cells = described(usage_row(0, 1, **{"telemetry.tensor_active": 1 / 3}))
    whole = [name for name in cells.columns if "operations" in name]
    assert [cells[name].dtype for name in whole] == [pl.Int128] * 5


@pytest.mark.parametrize(("vantage", "high"), [(None, 0.5), ("bmc", 0.5), ("guest", 1.0)])
def test_a_claimed_precision_narrows_the_high_bound_only_from_the_providers_vantage(
    vantage: str | None, high: float
) -> None:
    claimed = usage_row(
        0, HOUR, vantage=vantage, precision="bf16", job_id="j", **{"telemetry.tensor_active": 0.5}
    )
    assert figures(claimed)[2] == pytest.approx(high)


def test_eight_bit_moves_the_expected_figure_of_counters_by_the_root_of_its_gain() -> None:
    claimed = usage_row(0, HOUR, precision="fp8", **{"telemetry.tensor_active": 0.5})
    assert figures(claimed) == pytest.approx([0.25, 0.4 * 2**0.5, 1.0])


def test_a_precision_with_a_lower_peak_bounds_what_the_allocation_says() -> None:
    claimed = usage_row(0, HOUR, precision="fp32")
    assert figures(claimed) == pytest.approx([0.005, 0.05, 0.05])


def test_an_alias_of_several_accelerators_spans_them() -> None:
    several = usage_row(0, HOUR, accelerator="big")
    assert figures(several) == pytest.approx([0.1, 0.45, 1.0])


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
