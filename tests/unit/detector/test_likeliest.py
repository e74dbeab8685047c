"""A customer's own word may speak for training and never against it."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from detector.classifier.classify import classify
from detector.classifier.likeliest import likeliest
from detector.classifier.manifest import FEATURE_NAMES


def rows(**uses: float | None) -> pl.DataFrame:
    """Give a row a workload, by the activity of its matrix pipe."""
    told = pl.DataFrame(
        {"workload": list(uses), "tensor_active_mean": list(uses.values())},
        schema={"workload": pl.String, "tensor_active_mean": pl.Float64},
    )
    absent = [pl.lit(None, pl.Float64).alias(n) for n in FEATURE_NAMES if n not in told.columns]
    return told.select(pl.lit(1, pl.Int32).alias("as_of"), pl.all()).with_columns(*absent)


def test_the_row_with_the_customers_word_counts_where_it_is_the_likelier() -> None:
    kept, chances = likeliest(rows(a=None, b=None, c=0.3), rows(a=0.02, b=0.6), None)
    assert_frame_equal(kept, rows(a=None, b=0.6, c=0.3))
    assert chances["workload"].to_list() == ["a", "b", "c"]
    assert_frame_equal(
        chances.select("training_probability"), classify(kept, None).select("training_probability")
    )


def test_without_any_word_of_customers_every_row_counts() -> None:
    own = rows(a=0.02, b=0.6)
    kept, _ = likeliest(own, own.clear(), None)
    assert_frame_equal(kept, own)
    assert likeliest(own.clear(), own.clear(), None)[0].is_empty()
