"""How good an estimate is: size of its error, coverage of its interval, against a base line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detector.calibration.cases import Floats

DRAWS: Final = 2000


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """Errors in log10 of estimate over truth. ``ratio``: median of high over low of the intervals.

    The interval of the coverage is the exact binomial one, as if all cases were independent.
    """

    case_count: int
    group_count: int
    median_error: Interval
    bias: float
    coverage: Interval
    below_count: int
    above_count: int
    ratio: float


def score(truth: Floats, bounds: Floats, groups: NDArray[np.str_]) -> Score:
    """Score low, expected and high (rows of ``bounds``) against the truth, all in log10."""
    low, expected, high = bounds
    errors = expected - truth
    inside = (truth >= low) & (truth <= high)
    return Score(
        case_count=len(truth),
        group_count=len(set(groups.tolist())),
        median_error=resampled(np.abs(errors), groups, seed=1, is_median=True),
        bias=float(np.median(errors)),
        coverage=binomial(int(inside.sum()), len(truth)),
        below_count=int((truth < low).sum()),
        above_count=int((truth > high).sum()),
        ratio=float(np.median(10 ** (high - low))),
    )


def binomial(hits: int, count: int) -> Interval:
    """Give a share with its exact 95 % binomial interval (Clopper and Pearson)."""
    from scipy.stats import beta  # noqa: PLC0415 - a second, and one command needs it

    low = float(beta.ppf(0.025, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, count - hits)) if hits < count else 1.0
    return Interval(hits / count, low, high)


def resampled(
    values: Floats, groups: NDArray[np.str_], seed: int, *, is_median: bool = False
) -> Interval:
    """Give the mean (or median) of values, its interval from drawing whole groups again."""
    figure = np.median if is_median else np.mean
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == name) for name in sorted(set(groups.tolist()))]
    drawn = [
        float(figure(values[np.concatenate([members[i] for i in chosen])]))
        for chosen in random.integers(0, len(members), (DRAWS, len(members)))
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(figure(values)), float(low), float(high))
