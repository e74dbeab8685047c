"""The prior as expressions: what each thing a provider sees does to the share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate
from features.compute import specify
from features.powered import power_shares
from features.prior import PRIOR_COLUMNS, Curve, Power, Prior, flat, shares
from tests.support.usage_rows import HOUR, shipped_physics, small_catalogue, usage_frame, usage_row

DOUBLE = 0.3010299956639812
START = flat(0.1, 0.2, 0.4)
OLD = replace(
    START.old,
    generations={"new": DOUBLE},
    unknown_spread=2.0,
    device_hours=Curve(((100.0, 0.0), (10_000.0, 0.2)), 0.1),
)
BASE = replace(
    START,
    young=replace(OLD, centre=START.old.centre + DOUBLE),
    old=OLD,
    young_until_hours=1.0,
    old_from_hours=100.0,
    stated_bits={32: -DOUBLE},
)


def of(prior: Prior = BASE, **row: object) -> list[float]:
    schema = {
        "generation": pl.String,
        "devices": pl.Float64,
        "age_hours": pl.Float64,
        "stated_bits": pl.Int32,
        "service_class": pl.String,
        "is_eight_bit_open": pl.Boolean,
    }
    assert tuple(schema) == PRIOR_COLUMNS
    full = {name: [row.get(name)] for name in schema}
    found = pl.DataFrame(full, schema=schema).select(**shares(prior)).row(0)
    return [round(share, 6) for share in found]


def test_a_known_generation_moves_the_whole_interval() -> None:
    assert of(generation="new", devices=1.0, age_hours=100.0) == [0.2, 0.4, 0.8]


def test_an_unknown_generation_stands_at_the_centre_with_a_wider_interval() -> None:
    for name in ("never seen", None):
        assert of(generation=name, devices=1.0, age_hours=100.0) == [0.05, 0.2, 0.8]


def test_a_curve_is_straight_between_knots_and_level_beyond_them() -> None:
    at = [of(generation="new", devices=n, age_hours=100.0)[1] for n in (0.01, 10.0, 100.0, 1e6)]
    rises = [0.0, 0.1, 0.2, 0.2]
    assert at == [round(0.4 * 10**rise, 6) for rise in rises]


def test_unknown_devices_have_the_effect_that_the_curve_states() -> None:
    assert of(generation="new", age_hours=100.0)[1] == round(0.4 * 10**0.1, 6)


def test_a_young_workload_turns_into_an_old_one_between_the_two_ages() -> None:
    ages = (0.5, 1.0, 10.0, 100.0, 1000.0)
    found = [of(generation="new", devices=0.001, age_hours=age)[1] for age in ages]
    assert found == [0.8, 0.8, round(0.4 * 2**0.5, 6), 0.4, 0.4]


def test_a_workload_of_unknown_age_counts_as_old() -> None:
    assert of(generation="new")[1] == of(generation="new", age_hours=1e3)[1]


def test_a_stated_precision_moves_the_share() -> None:
    row: dict[str, Any] = {"generation": "new", "devices": 1.0, "age_hours": 100.0}
    assert of(**row, stated_bits=32) == [0.1, 0.2, 0.4]
    assert of(**row, stated_bits=16) == [0.2, 0.4, 0.8]


def test_the_high_end_of_long_runs_holds_tuned_work_unless_8_bit_pipes_are_ruled_out() -> None:
    tuned = replace(BASE, old=replace(OLD, tuned={"new": 0.5}), high_ceiling=2.0)
    row: dict[str, Any] = {"generation": "new", "devices": 1.0}
    wide = [0.2, 0.4, round(0.4 * 10**0.5, 6)]
    assert of(tuned, **row, age_hours=100.0, is_eight_bit_open=True) == wide
    for unknown in (False, None):
        assert of(tuned, **row, age_hours=100.0, is_eight_bit_open=unknown) == [0.2, 0.4, 0.8]
    assert of(tuned, **row, age_hours=1.0, is_eight_bit_open=True) == [0.4, 0.8, 1.6]
    for open_ in (False, True):
        other = of(tuned, **row | {"generation": "x"}, age_hours=100.0, is_eight_bit_open=open_)
        assert other == [0.05, 0.2, 0.8]


def test_no_row_is_expected_to_do_more_than_the_bound() -> None:
    assert replace(BASE, ceiling=0.35).most_expected == 0.35
    small = replace(BASE, young=BASE.old)
    assert small.most_expected == pytest.approx(0.4 * 10**0.2)


POWER = replace(
    START,
    board=Power(idle_ratio=0.1, reference_ratio=0.9, exponent=0.5, full_ratio=0.5),
    wall=Power(idle_ratio=0.3, reference_ratio=1.1, exponent=0.5, full_ratio=0.8),
)


def powered(ratio: float | None, *, is_wall: bool | None) -> list[float | None]:
    row = pl.DataFrame(
        {
            "prior_low": [0.1],
            "prior_expected": [0.2],
            "prior_high": [0.4],
            "power_ratio": pl.Series([ratio], dtype=pl.Float64),
            "is_wall_power": pl.Series([is_wall], dtype=pl.Boolean),
        }
    )
    shares = row.select(**power_shares(POWER, shipped_physics())).drop("power_busy")
    return [share and round(share, 6) for share in shares.row(0)]


def test_at_the_reference_power_the_prior_stands() -> None:
    assert powered(0.9, is_wall=False) == [0.1, 0.2, 0.4]
    assert powered(1.1, is_wall=True) == [0.1, 0.2, 0.4]


def test_an_accelerator_near_idle_does_almost_nothing() -> None:
    assert powered(0.1, is_wall=False) == [0.002, 0.008, 0.016]


def test_half_the_power_lowers_the_expected_share_little_and_the_high_end_not() -> None:
    assert powered(0.5, is_wall=False) == [0.05, round(0.2 * 0.5**0.5, 6), 0.4]


def test_no_power_says_nothing() -> None:
    assert powered(None, is_wall=False) == [None, None, None]


def test_what_the_prior_reads_of_a_strand_is_looked_up_for_it() -> None:
    row = usage_row(0, HOUR, precision="tf32", service_class="batch")
    strands = accumulate(usage_frame([row])).strands
    found = specify(strands, small_catalogue())
    assert found.select("generation", "stated_bits", "service_class").row(0) == (
        "hopper",
        32,
        "batch",
    )
