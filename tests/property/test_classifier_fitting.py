"""The law of fitting: the same rows and the same seed give the same artefact, byte for byte."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from detector.classifier.classify import load
from detector.classifier.manifest import FEATURE_NAMES, library_versions
from detector.classifier.train import train

#: Classes of the rows in turn: every other one trains.
CYCLE = ["training", "inference", "fine-tuning", "hpc", "training", "other"]


@pytest.fixture(scope="module")
def labelled() -> pl.DataFrame:
    rng = np.random.default_rng(4)
    truth = np.arange(120) % 2 == 0
    values = {name: rng.random(120) for name in FEATURE_NAMES}
    values["tensor_active_mean"] = np.where(truth, 0.5, 0.1) + rng.random(120) / 10
    return pl.DataFrame(values).with_columns(
        is_training=pl.Series(truth),
        work_class=pl.Series(
            [
                ("training", "inference", "fine-tuning", "hpc", "training", "other")[n % 6]
                for n in range(120)
            ]
        ),
        group=pl.Series([f"g-{n // 2}" for n in range(120)]),
        source=pl.lit("made up"),
        weight=pl.lit(1.0),
    )


def test_equal_rows_and_seed_give_equal_bytes_that_load_again(labelled: pl.DataFrame) -> None:
    first, artefact = train(labelled, seed=3, trees=6)
    second, again = train(labelled, seed=3, trees=6)
    assert artefact == again
    assert first.manifest == second.manifest
    assert first.manifest.training_sources == {"made up": 120}
    assert load(first.manifest, artefact, library_versions()).manifest == first.manifest
