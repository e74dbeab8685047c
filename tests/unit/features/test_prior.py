"""The prior as expressions: what each thing a provider sees does to the share."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from features.prior import PRIOR_COLUMNS, Curve, flat, shares

BASE = replace(
    flat(0.1, 0.2, 0.4),
    generations={"new": 0.3010299956639812},
    unknown_generation=-0.3010299956639812,
    unknown_widening=2.0,
    age=Curve(((1.0, 0.0), (100.0, -0.2)), -0.1),
    stated_bits={32: -0.3010299956639812},
)


def of(**row: object) -> list[float]:
    schema = {
        "generation": pl.String,
        "devices": pl.Float64,
        "age_hours": pl.Float64,
        "stated_bits": pl.Int32,
        "service_class": pl.String,
    }
    assert tuple(schema) == PRIOR_COLUMNS
    full = {name: [row.get(name)] for name in schema}
    found = pl.DataFrame(full, schema=schema).select(**shares(BASE)).row(0)
    return [round(share, 6) for share in found]


def test_a_generation_moves_the_whole_interval() -> None:
    assert of(generation="new", age_hours=1.0) == [0.2, 0.4, 0.8]


def test_an_unknown_generation_has_its_own_level_and_a_wider_interval() -> None:
    for name in ("never seen", None):
        assert of(generation=name, age_hours=1.0) == [0.025, 0.1, 0.4]


def test_an_effect_is_straight_between_knots_and_level_beyond_them() -> None:
    young, middle, old, older = (
        of(generation="new", age_hours=hours)[1] for hours in (0.1, 10.0, 100.0, 1e6)
    )
    assert (young, middle, old) == (0.4, round(0.4 * 10**-0.1, 6), round(0.4 * 10**-0.2, 6))
    assert older == old


def test_an_unknown_age_has_the_effect_that_the_curve_states() -> None:
    assert of(generation="new")[1] == round(0.4 * 10**-0.1, 6)


def test_a_stated_precision_moves_the_share() -> None:
    assert of(generation="new", age_hours=1.0, stated_bits=32) == [0.1, 0.2, 0.4]
    assert of(generation="new", age_hours=1.0, stated_bits=16) == [0.2, 0.4, 0.8]


def test_no_row_is_expected_to_do_more_than_the_bound() -> None:
    assert BASE.most_expected == pytest.approx(0.4)
    assert replace(BASE, ceiling=0.35).most_expected == 0.35
