"""Before fitting and after: rows are digested and hidden, answers scored, the band chosen."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from detector.classifier.manifest import ALLOCATION_FEATURES, FEATURE_NAMES
from detector.classifier.scores import choose_band, score
from detector.classifier.train import digest, hide_counters
from tests.support.labelled_rows import labelled_rows

SIZES = ("devices_max",)


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    return labelled_rows()


def test_the_digest_follows_the_rows_and_their_order(labelled: pl.DataFrame) -> None:
    assert digest(labelled) == digest(labelled.clone())
    assert digest(labelled) != digest(labelled.reverse())


def test_hiding_takes_counters_and_leaves_the_allocation(labelled: pl.DataFrame) -> None:
    hidden = hide_counters(labelled, seed=1)
    hideable = ("telemetry_", "share_", "peak_")
    allocation = [name for name in ALLOCATION_FEATURES if not name.startswith(hideable)]
    assert len(allocation) == 6
    kept = [name for name in allocation if name not in SIZES]
    assert hidden.select(kept).equals(labelled.select(kept))
    assert 20 < hidden["tensor_active_mean"].null_count() < 80
    steps, phases = hidden["step_period_s_mean"], hidden["sync_ratio_mean"]
    assert steps.null_count() > phases.null_count() > hidden["tensor_active_mean"].null_count()
    assert 0 < hidden["peak_operations_per_second"].null_count() < 30
    silent = hidden.filter(pl.col("telemetry_ratio") == 0.0)
    counters = [name for name in FEATURE_NAMES if name not in ALLOCATION_FEATURES]
    assert silent.select(pl.col(counters).is_null().all()).row(0) == (True,) * len(counters)


def test_rows_whose_counters_tell_the_use_take_the_size_of_another_and_no_other_row_does(
    labelled: pl.DataFrame,
) -> None:
    known = labelled.with_columns(family=pl.lit("pretraining")).with_columns(
        pl.int_range(1, labelled.height + 1).cast(pl.Float64).alias(name) for name in SIZES
    )
    hidden = hide_counters(known, seed=1)
    own = known["devices_max"]
    telling = ("tensor_active_mean", "gpu_util_mean", "egress_bytes_per_device_second")
    told = hidden.select(pl.any_horizontal(pl.col(telling).is_not_null())).to_series()
    changed = hidden["devices_max"] != own
    assert 0.3 < changed.filter(told).mean() < 0.7  # type: ignore[operator]
    assert not changed.filter(~told).any()
    assert (~told).sum() > 10
    assert set(hidden["devices_max"]) <= set(own)
    measured = known.with_columns(family=pl.lit(None, pl.String))
    assert hide_counters(measured, seed=1).select(SIZES).equals(known.select(SIZES))


def test_billing_that_is_hidden_is_hidden_whole_and_counters_miss_a_share_of_some_rows(
    labelled: pl.DataFrame,
) -> None:
    hidden = hide_counters(labelled, seed=1)
    billed = [name for name in FEATURE_NAMES if name.startswith("share_")]
    told = hidden.select(pl.any_horizontal(pl.col(billed) > 0.0)).to_series()
    assert 15 < (~told).sum() < 50
    assert hidden.filter(told).select(billed).equals(labelled.filter(told).select(billed))
    left = hidden["telemetry_ratio"] / labelled["telemetry_ratio"]
    assert 10 < left.is_between(0.0, 1.0, closed="none").sum() < 60
    assert left.is_between(0.0, 1.0).all()


def test_scores_count_answers_and_abstentions() -> None:
    probability = np.array([0.9, 0.8, 0.5, 0.2, 0.1, 0.7])
    truth = np.array([True, False, True, False, True, True])
    given = score(probability, truth, (0.3, 0.7))
    assert (given.true_positive, given.false_positive) == (2, 1)
    assert (given.true_negative, given.false_negative) == (1, 1)
    assert given.abstained_count == 1
    assert given.accuracy == 3 / 5
    assert given.recall == 2 / 4
    assert given.brier == pytest.approx((0.01 + 0.64 + 0.25 + 0.04 + 0.81 + 0.09) / 6)
    assert sum(count for _, _, count in given.reliability) == 6


def test_scores_of_nothing_divide_by_nothing() -> None:
    given = score(np.array([]), np.array([]), (0.3, 0.7))
    assert (given.accuracy, given.recall, given.brier) == (None, None, 0)


def test_the_band_widens_until_the_answers_outside_are_right_often_enough() -> None:
    sure, alike = np.linspace(0.0, 1.0, 101), np.ones(101)
    assert choose_band(sure, sure > 0.5, alike, 0.1) == (0.35, 0.65)
    assert choose_band(sure, sure > 0.75, alike, 0.0) == (0.35, 0.76)
    assert choose_band(sure, sure < 0.5, alike, 0.0) == (0.2, 0.8)


def test_the_band_counts_rows_by_their_weight() -> None:
    told = np.array([0.7, 0.9, 0.9, 0.9])
    truth = np.array([False, True, True, True])
    light, heavy = np.array([0.1, 1.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0, 1.0])
    assert choose_band(told, truth, light, 0.1) == (0.35, 0.65)
    assert choose_band(told, truth, heavy, 0.1) == (0.35, 0.71)
