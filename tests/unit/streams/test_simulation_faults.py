"""Faulty meters: what they tell differs from what is true, in the ways and shares asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest

from streams.simulation import Asked, build
from streams.simulation.families import families
from streams.simulation.faults import Faults, known_faults, told
from streams.simulation.meter import FIELDS


@pytest.fixture(scope="module")
def readings() -> pl.DataFrame:
    return pl.concat(build("background", seed=3, days=3, tenants=30).readings())


def test_without_faults_everything_is_told(readings: pl.DataFrame) -> None:
    assert told(readings, Faults()).equals(readings)


def test_a_silent_meter_reads_zero_and_keeps_the_time(readings: pl.DataFrame) -> None:
    found = told(readings, Faults(silent_ratio=1.0))
    assert found.select("start_ms", "end_ms").equals(readings.select("start_ms", "end_ms"))
    for field in FIELDS:
        assert found[field].is_null().equals(readings[field].is_null())
        assert set(found[field].drop_nulls()) <= {0.0}


def test_a_node_that_is_missing_tells_nothing_for_a_whole_day(readings: pl.DataFrame) -> None:
    found = told(readings, Faults(missing_ratio=0.3))
    day = pl.col("start_ms") // 86_400_000
    key = ["resource_id", "day"]
    before = readings.with_columns(day=day).group_by(key).agg(n=pl.len())
    after = found.with_columns(day=day).group_by(key).agg(n=pl.len())
    assert 0.5 < after.height / before.height < 0.9
    assert after.join(before, on=[*key, "n"], how="anti").is_empty()


def test_a_wrong_unit_strikes_one_figure_of_a_reading(readings: pl.DataFrame) -> None:
    found = told(readings, Faults(absurd_ratio=1.0))
    ratio = found["power_w"] / readings["power_w"]
    assert set(ratio.drop_nulls().round(3)) == {1.0, 1000.0}
    assert 0.2 < (ratio == 1000.0).mean() < 0.5  # type: ignore[operator]


def test_a_clock_that_is_off_shifts_a_resource_as_a_whole(readings: pl.DataFrame) -> None:
    found = told(readings, Faults(skewed_ratio=1.0, skew_seconds=90.0))
    shift = found["start_ms"] - readings["start_ms"]
    assert shift.abs().max() <= 90_000  # type: ignore[operator]
    assert (found["end_ms"] - found["start_ms"]).equals(readings["end_ms"] - readings["start_ms"])
    of_each = readings.select("resource_id", shift=shift).group_by("resource_id").n_unique()
    assert set(of_each["shift"]) == {1}


def test_faults_do_not_touch_the_truth() -> None:
    sound = build("background", seed=3, days=3, tenants=30)
    faulty = replace(sound, faults=known_faults()["many"])
    assert faulty.truth().equals(sound.truth())
    assert b"".join(faulty.blocks()) != b"".join(sound.blocks())


def test_every_set_of_faults_is_a_share() -> None:
    assert list(known_faults()) == ["none", "usual", "many"]
    for each in known_faults().values():
        ratios = (each.silent_ratio, each.missing_ratio, each.absurd_ratio, each.skewed_ratio)
        assert all(0.0 <= ratio <= 0.2 for ratio in ratios)


def test_a_second_vantage_tells_nearly_the_same_power_and_nothing_else() -> None:
    cloud = replace(build("background", 3, 2, 20, Asked(second_ratio=1.0)), corrected_days=())
    events = [json.loads(line) for block in cloud.blocks() for line in block.splitlines()]
    usage = {e["id"]: e["data"] for e in events if e["type"] == "trainwatch.usage.v1"}
    second = {name: data for name, data in usage.items() if name.startswith("bmc-")}
    assert second
    for name, data in second.items():
        first = usage[name.removeprefix("bmc-")]
        assert data["vantage"] == "bmc"
        assert list(data["telemetry"]) == ["power_w"]
        assert data["telemetry"]["power_w"] == pytest.approx(
            first["telemetry"]["power_w"], rel=0.12
        )


def test_a_sweep_is_many_jobs_of_one_tenant() -> None:
    only = tuple((each.name, 1.0 if each.name == "sweep" else 0.0) for each in families())
    work = build("background", 3, 5, 6, Asked(shares=only)).workloads
    jobs = [
        sum(each.tenant_id == tenant for each in work) for tenant in {w.tenant_id for w in work}
    ]
    assert min(jobs) >= 4
    assert len({each.job_id for each in work}) == len(work)
