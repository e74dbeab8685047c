"""Feature rows with their truth, made up: a busy tensor pipe is what tells training."""

from __future__ import annotations

import numpy as np
import polars as pl

from detector.classifier.manifest import FEATURE_NAMES

#: Classes of the rows in turn: every other one trains.
CYCLE = ("training", "inference", "fine-tuning", "hpc", "training", "other")
ROWS = 120


def labelled_rows() -> pl.DataFrame:
    """Give rows in groups of two, of no family."""
    rng = np.random.default_rng(4)
    truth = np.arange(ROWS) % 2 == 0
    values = {name: rng.random(ROWS) for name in FEATURE_NAMES}
    values["tensor_active_mean"] = np.where(truth, 0.5, 0.1) + rng.random(ROWS) / 10
    return pl.DataFrame(values).with_columns(
        is_training=pl.Series(truth),
        work_class=pl.Series([CYCLE[n % len(CYCLE)] for n in range(ROWS)]),
        group=pl.Series([f"g-{n // 2}" for n in range(ROWS)]),
        source=pl.lit("made up"),
        weight=pl.lit(1.0),
        family=pl.lit(None, pl.String),
    )
