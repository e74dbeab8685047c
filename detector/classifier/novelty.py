"""How unlike a row is from all that the classifier was fitted on, whatever its class.

Every figure becomes the normal score of its place among the fitted rows; the measure is the least
Mahalanobis distance to a class, over the figures that the row has. So one strange figure counts,
and so does a set of usual figures that do not go together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

#: Quantiles of each feature that the manifest keeps: every twentieth, the least and the most.
QUANTILES: Final = np.linspace(0.0, 1.0, 21)
#: A place among the fitted rows is taken no nearer to an end than this; a figure beyond all of them
#: scores the more, the further out it is in spreads of theirs, to at most so much.
_END: Final = 0.005
_BEYOND: Final = 2.0
#: Added to the variances, so that figures that repeat each other can be told apart at all.
_RIDGE: Final = 0.05


@dataclass(frozen=True)
class Fitted:
    """Normal scores of the fitted rows: mean by class (classes x features), shared covariance."""

    means: np.ndarray
    covariance: np.ndarray


def quantiles(values: np.ndarray) -> tuple[float, ...]:
    """Give the QUANTILES of a feature, to nine digits; empty where it was never metered."""
    metered = values[~np.isnan(values)]
    if not metered.size:
        return ()
    # no interpolation: each is a figure that a row has, so ties stay ties
    found = np.quantile(metered, QUANTILES, method="nearest")
    return tuple(float(f"{value:.9g}") for value in found)


def normal_scores(values: np.ndarray, known: Mapping[str, tuple[float, ...]]) -> np.ndarray:
    """Give the normal score of each figure among the fitted rows, one column a name of ``known``.

    Not-a-number where the figure, or its quantiles, are missing.
    """
    scores = np.full(values.shape, np.nan)
    for column, knots in enumerate(known.values()):
        if knots:
            scores[:, column] = _scores(values[:, column], np.asarray(knots))
    return scores


def _scores(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    below, upto = np.searchsorted(knots, values, "left"), np.searchsorted(knots, values, "right")
    last = len(knots) - 1
    low = knots[np.clip(below - 1, 0, last)]
    high = knots[np.clip(below, 0, last)]
    part = (values - low) / np.where(high > low, high - low, 1.0)
    place = np.where(upto > below, (below + upto - 1) / 2.0, below - 1 + part) / last
    from scipy.special import ndtri  # noqa: PLC0415 - a second, and few commands judge

    scores = ndtri(np.clip(place, _END, 1.0 - _END))
    spread = knots[-1] - knots[0] or 1.0
    above, under = (values - knots[-1]) / spread, (knots[0] - values) / spread
    scores += np.clip(above, 0.0, _BEYOND) - np.clip(under, 0.0, _BEYOND)
    return np.where(np.isnan(values), np.nan, scores)


def fit_novelty(scores: np.ndarray, classes: np.ndarray, class_count: int) -> Fitted:
    """Take means by class and the covariance within classes from what was metered."""
    present = ~np.isnan(scores)
    means = np.zeros((class_count, scores.shape[1]))
    for place in range(class_count):
        own = classes == place
        count = np.maximum(present[own].sum(axis=0), 1)
        means[place] = np.where(present[own], scores[own], 0.0).sum(axis=0) / count
    apart = np.where(present, scores - means[classes], 0.0)
    pairs = np.maximum(present.astype(float).T @ present.astype(float), 1.0)
    covariance = apart.T @ apart / pairs
    return Fitted(means, _positive(covariance))


def _positive(covariance: np.ndarray) -> np.ndarray:
    """Make a covariance of incomplete pairs a covariance: no direction varies less than nothing."""
    sizes, directions = np.linalg.eigh(covariance)
    whole: np.ndarray = (directions * np.clip(sizes, 0.0, None)) @ directions.T
    return whole + _RIDGE * np.eye(len(covariance))


def novelty(scores: np.ndarray, fitted: Fitted) -> np.ndarray:
    """Give how far each row lies from the nearest class, in standard deviations of the usual.

    0 is as far as rows of its number of figures lie on average, if they were normal; a row without
    a figure is 0.
    """
    present = ~np.isnan(scores)
    patterns, which = np.unique(present, axis=0, return_inverse=True)
    found = np.zeros(len(scores))
    for number, pattern in enumerate(patterns):
        own = np.flatnonzero(which.ravel() == number)
        count = int(pattern.sum())
        if not count:
            continue
        inverse = np.linalg.inv(fitted.covariance[np.ix_(pattern, pattern)])
        apart = scores[own][:, None, pattern] - fitted.means[None, :, pattern]
        least = np.einsum("rci,ij,rcj->rc", apart, inverse, apart).min(axis=1)
        found[own] = (least - count) / np.sqrt(2.0 * count)
    return found
