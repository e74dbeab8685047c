"""Sums and extremes that several figures share."""

from __future__ import annotations

import polars as pl

from features.aggregates import Aggregates


def test_figures_are_made_of_what_the_rows_of_each_group_come_to() -> None:
    rows = pl.DataFrame(
        {
            "work": [2, 1, 2, 1, 3],
            "name": ["two", "one", "two", "one", "three"],
            "value": [1.0, None, 5.0, 2.0, None],
            "time": [10.0, 20.0, 30.0, 40.0, 50.0],
        }
    )
    shared = Aggregates()
    value, weighed = pl.col("value"), pl.col("value") * pl.col("time")
    mean = shared.sum(weighed) / shared.sum(pl.when(value.is_not_null()).then("time"))
    spread = shared.most(value) - shared.least(value)
    found = shared.of(rows, "work", ("name",)).sort("work").select("work", "name", spread=spread)
    assert found.rows() == [(1, "one", 0.0), (2, "two", 4.0), (3, "three", None)]
    means = shared.of(rows.filter(pl.col("work") < 3), "work", ()).sort("work").select(mean)
    assert means.to_series().to_list() == [2.0, 4.0]


def test_what_is_asked_for_twice_is_one_column() -> None:
    shared = Aggregates()
    first, again = (shared.sum(pl.col("value") * 2) for _ in range(2))
    other = shared.sum(pl.col("value") * 3)
    rows = pl.DataFrame({"work": [1, 1], "value": [1, 2]})
    found = shared.of(rows, "work", ())
    assert found.width == 3
    assert found.select(first, other=other).rows() == [(6, 9)]
    assert first.meta.eq(again)
