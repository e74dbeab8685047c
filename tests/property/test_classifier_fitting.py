"""The law of fitting: the same rows and the same seed give the same artefact, byte for byte."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from detector.classifier.classify import load
from detector.classifier.fitting import fit_all, rows_of, unseen_kinds
from detector.classifier.manifest import library_versions
from detector.classifier.train import train
from tests.support.labelled_rows import ROWS, labelled_rows


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    families = pl.Series([f"f-{n // 2 % 4}" for n in range(ROWS)])
    return labelled_rows().with_columns(family=families)


def test_equal_rows_and_seed_give_equal_bytes_that_load_again(labelled: pl.DataFrame) -> None:
    first, artefact = train(labelled, seed=3, trees=6)
    second, again = train(labelled, seed=3, trees=6)
    assert artefact == again
    assert first.manifest == second.manifest
    assert first.manifest.training_sources == {"made up": 120}
    assert load(first.manifest, artefact, library_versions()).manifest == first.manifest


def test_a_family_is_judged_by_folds_that_saw_none_of_it(labelled: pl.DataFrame) -> None:
    rng = np.random.default_rng(9)
    odd = pl.col("family") == "f-0"
    turned = labelled.with_columns(
        tensor_active_mean=pl.when(odd)
        .then(pl.when("is_training").then(0.1).otherwise(0.5))
        .otherwise("tensor_active_mean")
        + pl.Series(rng.random(120) / 100)
    )
    rows = rows_of(turned)
    kinds = turned["family"].to_numpy()
    estimators, _ = fit_all(rows, 3, 6)
    strange = unseen_kinds(rows, estimators["estimator"], kinds, (3, 6))
    is_right = (strange > 0.5) == rows.is_training
    assert is_right[kinds == "f-0"].mean() < 0.2
    assert is_right[kinds != "f-0"].mean() > 0.8
