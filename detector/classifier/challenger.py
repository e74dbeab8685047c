"""A second classifier beside the first: how far their answers agree. Nothing else reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
import polars as pl

from detector.classifier.classify import Classifier, in_band, matrix, probabilities, unlike

Answer = Literal["training", "other", "abstained"]
ANSWERS: Final[tuple[Answer, ...]] = get_args(Answer)
#: Workloads by what the classifier answers and what its challenger does, and the sum over them of
#: how far their probabilities lie apart, in parts per million; both add up over parts.
COMPARED: Final = pl.Schema(
    {
        "answer": pl.String(),
        "challenger_answer": pl.String(),
        "workload_count": pl.Int64(),
        "distance_ppm": pl.Int64(),
    }
)


def compared(rows: pl.DataFrame, classifier: Classifier, challenger: Classifier) -> pl.DataFrame:
    """Hold the answers of two classifiers to the same feature rows against each other."""
    values = matrix(rows)
    (one, first), (two, second) = (_answers(values, each) for each in (classifier, challenger))
    distances = pl.Series(np.rint(np.abs(one - two) * 1e6).astype(np.int64))
    told = pl.DataFrame(
        {"answer": first, "challenger_answer": second, "distance_ppm": distances},
        schema_overrides={"answer": pl.String, "challenger_answer": pl.String},
    )
    return together([told.with_columns(workload_count=pl.lit(1, pl.Int64)).select(list(COMPARED))])


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add the counts of parts that share no workload."""
    whole = pl.concat([pl.DataFrame(schema=COMPARED), *parts])
    key = ("answer", "challenger_answer")
    return whole.group_by(key).agg(pl.col("workload_count", "distance_ppm").sum()).sort(key)


def _answers(values: np.ndarray, classifier: Classifier) -> tuple[np.ndarray, list[str]]:
    if not len(values):
        return np.zeros(0), []
    likely = probabilities(values, classifier.estimator)
    silent = in_band(likely, classifier.manifest) | unlike(values, classifier)
    is_training = likely >= classifier.manifest.abstain_high
    told = np.where(silent, "abstained", np.where(is_training, "training", "other"))
    return likely, [str(answer) for answer in told]
