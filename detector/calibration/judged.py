"""Cross-validated estimates of the product beside the truth, and base lines beside both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.calibration.cases import Floats
from detector.calibration.choice import folds_of
from detector.calibration.scores import Interval, Score, resampled, score
from detector.calibration.trials import estimated, usage_of
from features.compute import Catalogue
from features.prior import Prior

#: Shares of the 16-bit peak that people use for want of better.
FLAT_SHARES: Final = (0.3, 0.4)


@dataclass(frozen=True)
class Judged:
    """CASES with ``low``, ``expected``, ``high`` of a prior that did not see them."""

    cases: pl.DataFrame

    @property
    def truth(self) -> Floats:
        """Log10 of the operations done."""
        return self.cases["operations"].log10().to_numpy()

    @property
    def bounds(self) -> Floats:
        """Log10 of low, expected and high, a row each."""
        return self.cases.select(pl.col("low", "expected", "high").clip(1.0).log10()).to_numpy().T

    @property
    def errors(self) -> Floats:
        """Log10 of expected over truth."""
        return np.asarray(self.bounds[1] - self.truth)

    @property
    def groups(self) -> NDArray[np.str_]:
        """What is drawn together: developer or submitter."""
        return self.cases["owner"].to_numpy().astype(np.str_)

    def mean_errors(self, columns: Sequence[str]) -> Floats:
        """Give the mean |log10 error| of each value of ``columns``, in their order."""
        errors = self.cases.select(*columns, error=pl.Series(np.abs(self.errors)))
        return errors.group_by(columns).mean().sort(columns)["error"].to_numpy()

    def score(self) -> Score:
        """Score the estimates."""
        return score(self.truth, self.bounds, self.groups)


def judge(folds: Iterable[tuple[pl.DataFrame, Prior]], catalogue: Catalogue) -> Judged:
    """Estimate the left out cases of every fold with the product's own code."""
    parts = [
        cases.join(estimated(usage_of(cases), catalogue, prior), on="case_id", how="inner")
        for cases, prior in folds
    ]
    return Judged(pl.concat(parts).sort("case_id"))


@dataclass(frozen=True)
class Baseline:
    """A constant share: its errors, and by how much the product's are smaller.

    ``gain``: mean of |error of the constant| less |error of the product|, log10, over the same
    runs, whole owners drawn again; above 0 the product is better.
    """

    name: str
    median_error: float
    mean_error: float
    gain: Interval


def baselines(judged: Judged) -> list[Baseline]:
    """Hold the product against flat shares and the median share of the runs not left out."""
    share = judged.cases["share"].log10().to_numpy()
    flats = {f"flat {value:.0%}": np.full(len(share), np.log10(value)) for value in FLAT_SHARES}
    medians = np.empty(len(share))
    for out in folds_of(judged.cases["group"].to_numpy().astype(np.str_), None):
        medians[out] = np.median(share[~out])
    best = min(np.linspace(0.05, 1.0, 191), key=lambda c: float(np.abs(share - np.log10(c)).mean()))
    flats["median of the other runs"] = medians
    flats[f"best constant in hindsight ({best:.1%})"] = np.full(len(share), np.log10(best))
    found = []
    for name, constant in flats.items():
        errors = np.abs(constant - share)
        gain = resampled(errors - np.abs(judged.errors), judged.groups, seed=2)
        found.append(Baseline(name, float(np.median(errors)), float(errors.mean()), gain))
    return found
