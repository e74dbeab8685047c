"""What happens when live work drifts from what was fitted: abstentions, errors, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.classifier.classify import Classifier, in_band, matrix, probabilities, unlike
from detector.classifier.manifest import ALLOCATION_FEATURES, FEATURE_NAMES
from detector.classifier.scores import EVEN, calibration_error

#: Strength of a shift: every counter of a row is multiplied by its own factor, exp(s x normal).
STRENGTHS: Final = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)
SEED: Final = 77
#: Counters that are ratios stay at most this.
_RATIO_MAX: Final = 1.0


@dataclass(frozen=True)
class Shifted:
    """Shares of the rows at one strength of shift, and the calibration error of all of them.

    ``wrong``: of all rows, answered and wrong; ``wrong_unasked``: wrong if nobody abstained.
    """

    strength: float
    row_count: int
    abstained: float
    unlike: float
    wrong: float
    wrong_unasked: float
    calibration_error: float


def under_shift(rows: pl.DataFrame, classifier: Classifier) -> list[Shifted]:
    """Judge the same rows at every strength."""
    return [_judged(shifted(rows, s), s, classifier) for s in STRENGTHS]


def shifted(rows: pl.DataFrame, strength: float) -> pl.DataFrame:
    """Multiply every counter of every row by a factor of its own; ratios stay ratios."""
    rng = np.random.default_rng(SEED)
    columns = []
    for name in FEATURE_NAMES:
        factor = pl.Series(np.exp(strength * rng.standard_normal(rows.height)))
        if name in ALLOCATION_FEATURES:
            continue
        moved = pl.col(name) * factor
        is_ratio = "bytes" not in name and name != "step_period_s_mean"
        columns.append((moved.clip(upper_bound=_RATIO_MAX) if is_ratio else moved).alias(name))
    return rows.with_columns(columns)


def _judged(rows: pl.DataFrame, strength: float, classifier: Classifier) -> Shifted:
    values, truth = matrix(rows), rows["is_training"].to_numpy()
    likely = probabilities(values, classifier.estimator)
    strange = unlike(values, classifier)
    silent = in_band(likely, classifier.manifest) | strange
    wrong = (likely > EVEN) != truth
    return Shifted(
        strength,
        len(truth),
        float(silent.mean()),
        float(strange.mean()),
        float((wrong & ~silent).mean()),
        float(wrong.mean()),
        calibration_error(likely, truth),
    )
