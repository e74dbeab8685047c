"""Two rows of one workload, with customers' own word and without: which of them counts."""

from __future__ import annotations

import polars as pl

from detector.classifier.classify import Classifier, classify, matrix, probabilities
from features.rows import KEY

_CHANCE = "training_probability"


def likeliest(
    rows: pl.DataFrame, told: pl.DataFrame, classifier: Classifier | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the feature rows that count, and their (as_of, workload, training_probability).

    ``rows``: of what the provider's meters tell; ``told``: of some workloads, with what customers'
    own tell besides (``features.pipeline.Described``). That cannot be checked, so it may speak for
    training and not against it: ``told`` counts where it is the likelier to be training.
    """
    every = pl.concat([rows, told])
    judged = every.with_columns(_chances(every, classifier))
    if told.height:
        first = judged.sort(*KEY, _CHANCE, descending=[False, False, True], maintain_order=True)
        judged = first.unique(KEY, keep="first", maintain_order=True)
    return judged.select(rows.columns), judged.select(*KEY, _CHANCE)


def _chances(rows: pl.DataFrame, classifier: Classifier | None) -> pl.Series:
    """Give the probability of each row, without the reasons."""
    if classifier is None or rows.height == 0:
        return classify(rows, None)[_CHANCE]
    return pl.Series(_CHANCE, probabilities(matrix(rows), classifier.estimator))
