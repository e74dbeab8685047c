"""Telemetry sums to rates: means, the vantage to trust, disagreement, days."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, cold_bucket, moments, specify
from features.rates import rates
from features.timeline import lay_out
from tests.support.usage_rows import BEGIN, HOUR, small_catalogue, usage_frame, usage_row

FIRST_HOUR = int(BEGIN.timestamp()) * 1000 // HOUR_MS
NOW = FIRST_HOUR + 100


def rated(*rows: dict[str, Any], as_of: int = NOW) -> tuple[pl.DataFrame, pl.DataFrame]:
    usage = merge([accumulate(usage_frame(rows))], as_of, cold_bucket(as_of))
    specs, known = specify(usage.strands, small_catalogue()), moments({as_of: as_of})
    siblings = lay_out(usage.coverage, specs, known, 24.0).siblings
    return rates(usage.telemetry, specs, siblings, known)


def metered(start_ms: int, end_ms: int, vantage: str | None = None, **figures: float) -> Any:
    named = {f"telemetry.{name}": value for name, value in figures.items()}
    return usage_row(start_ms, end_ms, vantage=vantage, **named)


def test_a_ratio_is_its_mean_over_time_and_devices() -> None:
    half = HOUR // 2
    one = metered(0, half, tensor_active=0.2)
    other = metered(half, HOUR, tensor_active=0.8) | {"accelerator_count": 3}
    found, _ = rated(one, other)
    assert found["tensor_active"].to_list() == pytest.approx([0.65])
    assert found["tensor_active.square"].to_list() == pytest.approx([(0.04 + 3 * 0.64) / 4])


def test_an_amount_is_spread_evenly_and_comes_back_per_second_of_a_resource() -> None:
    found, _ = rated(metered(HOUR // 2, 2 * HOUR, nvlink_bytes=5400.0, energy_j=540_000.0))
    by_hour = found.sort("bucket")
    assert by_hour["bucket"].to_list() == [FIRST_HOUR, FIRST_HOUR + 1]
    assert by_hour["nvlink_bytes"].to_list() == [1.0, 1.0]
    assert by_hour["energy_j"].to_list() == [100.0, 100.0]


def test_metering_twice_changes_no_rate() -> None:
    row = metered(0, HOUR, tensor_active=0.2, nvlink_bytes=7.0)
    once, twice = rated(row)[0], rated(row, row)[0]
    assert twice["tensor_active"].to_list() == once["tensor_active"].to_list()
    assert twice["nvlink_bytes"].to_list() == once["nvlink_bytes"].to_list()


def test_an_impossible_figure_is_dropped_and_counted_once_a_figure() -> None:
    found, _ = rated(metered(0, 3 * HOUR, tensor_active=1.5, power_w=1e9, gpu_util=0.5))
    by_hour = found.sort("bucket")
    assert by_hour["impossible_count"].to_list() == [2, 0, 0]
    assert by_hour["tensor_active"].to_list() == [None, None, None]
    assert by_hour["gpu_util"].to_list() == [0.5, 0.5, 0.5]


def test_every_figure_comes_from_the_most_trusted_vantage_that_has_it() -> None:
    host = metered(0, HOUR, gpu_util=0.9)
    bmc = metered(0, HOUR, "bmc", power_w=500.0)
    guest = metered(0, HOUR, "guest", gpu_util=0.1, power_w=700.0, sm_active=0.3)
    found, apart = rated(host, bmc, guest)
    winner = found.filter(pl.col("gpu_util.trust") == 0)
    names = ("gpu_util", "gpu_util.trust", "power_w", "power_w.trust", "sm_active.trust")
    assert winner.select(names).rows() == [(0.9, 0, 500.0, 1, 3)]
    assert apart["field"].to_list() == ["gpu_util", "power_w"]


def test_vantages_that_nearly_agree_are_not_apart() -> None:
    _, apart = rated(metered(0, HOUR, gpu_util=0.5), metered(0, HOUR, "guest", gpu_util=0.6))
    assert apart.height == 0


def test_old_hours_are_one_day_with_the_mean_of_their_metered_time() -> None:
    late = FIRST_HOUR + 24 * 60
    rows = [metered(n * HOUR, (n + 1) * HOUR, tensor_active=n / 10) for n in range(3)]
    found, _ = rated(*rows, as_of=late)
    assert found.select("bucket", "width_hours", "tensor_active").rows() == [(FIRST_HOUR, 24, 0.1)]
