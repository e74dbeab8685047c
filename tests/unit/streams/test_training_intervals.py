"""Intervals of areas are drawn over runs; measured rows lose what only tells who measured them."""

from __future__ import annotations

import numpy as np
import polars as pl

from streams.training.intervals import area_spans
from streams.training.power import levelled


def judged(ours: list[float], forest: list[float], truth: list[bool]) -> pl.DataFrame:
    runs = [f"r-{n // 2}" for n in range(len(truth))]
    told = {"run": runs, "is_training": truth, "ours": ours, "forest": forest}
    return pl.DataFrame(told).with_columns(weight=pl.lit(0.5))


def test_a_perfect_score_is_perfect_in_every_draw_and_a_coin_is_not() -> None:
    truth = [n < 20 for n in range(40)]
    coin = np.random.default_rng(1).random(40).tolist()
    spans = area_spans(judged([float(each) for each in truth], coin, truth))
    assert spans is not None
    own, less = spans
    assert (own.low, own.high) == (1.0, 1.0)
    assert 0.1 < less.low < less.high < 0.9


def test_of_one_class_no_area_is_told() -> None:
    assert area_spans(judged([0.1, 0.2], [0.3, 0.4], [True, True])) is None


def test_measured_runs_keep_no_accelerator_of_their_own_and_both_kinds_weigh_alike() -> None:
    rows = pl.DataFrame(
        {
            "group": [f"g-{n // 2}" for n in range(80)],
            "is_training": [n < 60 for n in range(80)],
            "peak_operations_per_second": [9e14 if n < 60 else 3e14 for n in range(80)],
            "weight": [0.5] * 80,
        }
    )
    found = levelled(rows)
    by_kind = dict(found.group_by("is_training").agg(pl.col("weight").sum()).iter_rows())
    assert by_kind == {True: 20.0, False: 20.0}
    peaks = found.group_by("is_training").agg(pl.col("peak_operations_per_second").n_unique())
    assert sorted(peaks.rows()) == [(False, 2), (True, 2)]
    assert found["group"].to_list() == rows["group"].to_list()
    by_run = found.group_by("group").agg(pl.col("peak_operations_per_second").n_unique())
    assert by_run["peak_operations_per_second"].max() == 1
    assert levelled(rows).equals(found)


def test_no_measured_row_stays_none() -> None:
    empty = {"group": pl.String, "is_training": pl.Boolean, "weight": pl.Float64}
    rows = pl.DataFrame(schema={**empty, "peak_operations_per_second": pl.Float64})
    assert levelled(rows).height == 0
