"""How sure an area under the curve is: an interval over runs, and over runs the same for two.

The windows of a run hang together, so whole runs are drawn, with replacement and apart by class;
nothing is assumed of how scores are spread. It says nothing of vendors that were never seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

DRAWS: Final = 500
_SEED: Final = 83
#: What is left out of the draws at either end.
_TAIL: Final = 0.025


@dataclass(frozen=True)
class Span:
    """A 95 % interval."""

    low: float
    high: float


def area_spans(judged: pl.DataFrame) -> tuple[Span, Span] | None:
    """Give the interval of our area under the curve, and of ours less that of the forest.

    ``judged``: ``run``, ``is_training``, ``weight``, and the probabilities ``ours`` and ``forest``.
    None where one class is absent.
    """
    truth, weight = judged["is_training"].to_numpy(), judged["weight"].to_numpy()
    if len(np.unique(truth)) < 2:
        return None
    runs = judged["run"].rank("dense").to_numpy() - 1
    kind = np.zeros(int(runs.max()) + 1, dtype=bool)
    kind[runs] = truth
    given = [judged[name].to_numpy() for name in ("ours", "forest")]
    rng = np.random.default_rng(_SEED)
    found = np.array([_areas(truth, weight * _drawn(rng, kind)[runs], given) for _ in range(DRAWS)])
    return _span(found[:, 0]), _span(found[:, 0] - found[:, 1])


def _drawn(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """Say how often each run is drawn; as many of each class as there are."""
    counts = np.zeros(len(kind))
    for each in (True, False):
        own = np.flatnonzero(kind == each)
        np.add.at(counts, rng.choice(own, len(own)), 1.0)
    return counts


def _areas(truth: np.ndarray, weight: np.ndarray, given: list[np.ndarray]) -> list[float]:
    own = weight > 0
    return [float(roc_auc_score(truth[own], p[own], sample_weight=weight[own])) for p in given]


def _span(draws: np.ndarray) -> Span:
    low, high = np.quantile(draws, [_TAIL, 1.0 - _TAIL])
    return Span(float(low), float(high))
