"""How good a probability is: confusion outside the abstention band, Brier score, reliability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

#: Above it training is likelier than not: what is counted where nobody abstains.
EVEN: Final = 0.5


@dataclass(frozen=True)
class Scores:
    """Scores of one data set. Counts are rows; ratios are 0 to 1; None where nothing to divide."""

    row_count: int
    training_count: int
    abstained_count: int
    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int
    brier: float
    reliability: tuple[tuple[float, float, int], ...]

    @property
    def accuracy(self) -> float | None:
        """Share of right answers among those given."""
        answered = self.row_count - self.abstained_count
        return (self.true_positive + self.true_negative) / answered if answered else None

    @property
    def recall(self) -> float | None:
        """Share of training that was called training; abstaining counts as a miss."""
        return self.true_positive / self.training_count if self.training_count else None


def score(probability: np.ndarray, is_training: np.ndarray, band: tuple[float, float]) -> Scores:
    """Score probabilities against the truth; strictly inside ``band`` is an abstention."""
    truth = np.asarray(is_training, dtype=bool)
    positive, negative = probability >= band[1], probability <= band[0]
    return Scores(
        row_count=len(truth),
        training_count=int(truth.sum()),
        abstained_count=int((~positive & ~negative).sum()),
        true_positive=int((positive & truth).sum()),
        false_positive=int((positive & ~truth).sum()),
        true_negative=int((negative & ~truth).sum()),
        false_negative=int((negative & truth).sum()),
        brier=float(np.mean((probability - truth) ** 2)) if len(truth) else 0.0,
        reliability=_reliability(probability, truth),
    )


def calibration_error(probability: np.ndarray, truth: np.ndarray) -> float:
    """Give the expected calibration error: by tenths, how far probability and share lie apart.

    The mean over the rows of the distance in their tenth, 0 to 1; 0.0 where there are no rows.
    """
    tenths = _reliability(probability, np.asarray(truth, dtype=bool))
    return sum(abs(mean - share) * count for mean, share, count in tenths) / max(1, len(truth))


def confusion(classes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Count rows by true class (down) and by the likeliest one (across).

    ``classes``: probabilities, one column a class; ``truth``: the place of each row's class.
    """
    counts = np.zeros((classes.shape[1], classes.shape[1]), dtype=np.int64)
    np.add.at(counts, (truth, classes.argmax(axis=1)), 1)
    return counts


def choose_band(
    probability: np.ndarray, is_training: np.ndarray, weight: np.ndarray, error_max: float
) -> tuple[float, float]:
    """Choose where to abstain: outside the band at most ``error_max`` of either answer is wrong.

    Rows weigh as they do in the fit. Probabilities must come from data that was not fitted to. The
    band holds 0.5 and is at least 0.35 to 0.65 and at most 0.2 to 0.8.
    """
    truth = np.asarray(is_training, dtype=float)

    def wrong(told: np.ndarray, answer: int) -> float:
        return float(np.average(truth[told] != answer, weights=weight[told])) if told.any() else 0.0

    low = next((c for c in _steps(0.35, 0.2) if wrong(probability <= c, 0) <= error_max), 0.2)
    high = next((c for c in _steps(0.65, 0.8) if wrong(probability >= c, 1) <= error_max), 0.8)
    return low, high


def _steps(first: float, last: float) -> list[float]:
    return [round(float(cut), 2) for cut in np.linspace(first, last, 16)]


def _reliability(
    probability: np.ndarray, truth: np.ndarray
) -> tuple[tuple[float, float, int], ...]:
    """Give (mean probability, share that is training, rows) of each tenth that holds rows."""
    tenth = np.minimum((probability * 10).astype(int), 9)
    return tuple(
        (
            float(probability[tenth == number].mean()),
            float(truth[tenth == number].mean()),
            int((tenth == number).sum()),
        )
        for number in range(10)
        if (tenth == number).any()
    )
