"""Grouped cross-validation: no case is ever judged by a line that saw its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detector.calibration.cases import Floats, Sample
from detector.calibration.regression import Form, fit

#: Groups are dealt over so many folds where a form is chosen inside another fold.
INNER_FOLDS: Final = 10


def folds_of(groups: NDArray[np.str_], count: int | None) -> list[NDArray[np.bool_]]:
    """Give masks of the left out: one a group, or groups dealt in name order over ``count``."""
    names = sorted({str(each) for each in groups})
    dealt = len(names) if count is None else min(count, len(names))
    return [np.isin(groups, names[place::dealt]) for place in range(dealt)]


def residuals(sample: Sample, form: Form, count: int | None = INNER_FOLDS) -> Floats:
    """Give log10(measured / expected) of each case, from a line that did not see its group."""
    found = np.empty(len(sample))
    for out in folds_of(sample.group, count):
        line = fit(sample.take(~out), form)
        left = sample.take(out)
        found[out] = left.log_share - line.predict(left)
    return found


def choose(sample: Sample, forms: Sequence[Form]) -> Form:
    """Give the form with the least weighted mean absolute error under grouped folds."""
    errors = [float(np.average(np.abs(residuals(sample, f)), weights=sample.weight)) for f in forms]
    return forms[int(np.argmin(errors))]
