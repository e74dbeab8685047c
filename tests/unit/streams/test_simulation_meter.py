"""Readings of the simulated meters: whole, in bounds, and only what the meter can see."""

from __future__ import annotations

import polars as pl
import pytest

from streams.simulation import build
from streams.simulation.encode import usage_data
from streams.simulation.families import LEVELS, families, family, hardware, node
from streams.simulation.meter import FIELDS, SUBSETS


@pytest.fixture(scope="module")
def readings() -> pl.DataFrame:
    return pl.concat(build("background", seed=3, days=4, tenants=30).readings())


def test_one_meter_never_reads_the_same_time_of_a_resource_twice(readings: pl.DataFrame) -> None:
    ordered = readings.sort("resource_id", "start_ms")
    before = ordered["end_ms"].shift(1)
    same = ordered["resource_id"] == ordered["resource_id"].shift(1)
    assert not (same & (ordered["start_ms"] < before)).any()
    assert (ordered["end_ms"] > ordered["start_ms"]).all()


def test_ratios_stay_between_zero_and_one(readings: pl.DataFrame) -> None:
    ratios = [name for name in FIELDS if name.endswith(("_util", "_active", "_ratio", "_std"))]
    values = readings.select(name for name in ratios if name != "power_w_std")
    assert all(column.min() >= 0 and column.max() <= 1 for column in values)  # type: ignore[operator]


def test_a_meter_gives_only_the_fields_of_its_subset(readings: pl.DataFrame) -> None:
    workloads = build("background", seed=3, days=4, tenants=30).workloads
    for number, rows in readings.partition_by("workload", as_dict=True).items():
        telemetry = workloads[int(number[0])].telemetry
        unseen = [name for name in FIELDS if name not in SUBSETS[telemetry]]
        assert all(rows[name].is_null().all() for name in unseen)


def test_a_whole_node_is_metered_by_its_instance_type_and_a_part_by_its_accelerators() -> None:
    cloud = build("background", seed=3, days=1, tenants=30)
    usage = pl.concat(usage_data(rows, cloud.workloads) for rows in cloud.readings())
    named = usage["instance_type"].is_not_null()
    counted = usage["accelerator_count"].is_not_null()
    assert (named ^ counted).all()
    assert named.any()
    assert counted.any()


def test_every_family_gives_every_figure_as_a_rising_range() -> None:
    assert len(families()) == 16
    for each in families():
        assert len(each.levels) == len(LEVELS)
        assert all(low <= high for low, high in (*each.levels, each.devices, each.hours))


def test_an_unknown_family_or_accelerator_is_named_in_the_error() -> None:
    assert node("L4").device_count == 1
    assert len(hardware()) == 8
    with pytest.raises(ValueError, match="expected a family out of .* got 'gold'"):
        family("gold")
    with pytest.raises(ValueError, match="expected an accelerator out of .* got 'abacus'"):
        node("abacus")
