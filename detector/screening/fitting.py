"""Fits the points of the features of two names to labelled pairs: logistic, and never upwards.

A feature tells what two names do not have in common, so its points are held at or below zero. The
ridge keeps features of few cases small. The same rows give the same points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rigour.names import NameTypeTag

from detector.screening.likeness import FEATURES

#: Too few cases carry it: its points are stated in the figures, and such cases are not fitted to.
STATED: Final = "acronym"
FITTED: Final = tuple(name for name in FEATURES if name != STATED)
#: The most that a feature may add. An alias without the first word of a name is often on a list for
#: being the same; a customer without it is most often another company, and few labels say so.
CEILINGS: Final = {"other_first_part": -1.5}
#: Strength of the ridge, as half the square of each point counted so many times.
RIDGE: Final = 0.3
FOLDS: Final = 5


@dataclass(frozen=True)
class Case:
    """A pair of names: how they are read, their features, and whether they mean one party.

    ``values`` are in the order of ``FEATURES``.

    Cases of one ``group`` are kept together in a fold. ``weight`` is how often the case counts.
    """

    tag: NameTypeTag
    values: tuple[float, ...]
    is_same: bool
    group: str
    weight: float = 1.0


@dataclass(frozen=True)
class Points:
    """Log-odds: those of two names without a difference, and those of each of ``FITTED``."""

    base: float
    features: tuple[float, ...]

    def of(self, case: Case) -> float:
        """Give the log-odds of a pair."""
        return self.base + float(sum(map(mul, _fitted(case), self.features)))


def is_fitted(case: Case) -> bool:
    """Say whether a case is one to fit to."""
    return not case.values[FEATURES.index(STATED)]


def fold_of(group: str) -> int:
    """Give the fold of a group, from 0; by digest, so that no order of rows matters."""
    return int.from_bytes(sha256(group.encode()).digest()[:4]) % FOLDS


def fit(cases: Sequence[Case]) -> dict[NameTypeTag, Points]:
    """Fit points to cases: those of people to people alone, those of organisations to all.

    Organisations alone are too few, and fitted to them alone they were found less often.
    """
    people = [case for case in cases if case.tag == NameTypeTag.PER]
    return {NameTypeTag.ORG: _fit(cases), NameTypeTag.PER: _fit(people)}


def _fit(cases: Sequence[Case]) -> Points:
    from scipy.optimize import minimize  # noqa: PLC0415 - only fitting needs it, and it is slow

    ordered = sorted(
        filter(is_fitted, cases), key=lambda case: (case.values, case.is_same, case.weight)
    )
    rows = np.array([(1.0, *_fitted(case)) for case in ordered])
    signs = np.array([1.0 if case.is_same else -1.0 for case in ordered])
    weights = np.array([case.weight for case in ordered])
    ridge = np.array([0.0] + [RIDGE] * len(FITTED))

    def loss(points: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (rows @ points)
        wrong = 1 / (1 + np.exp(np.clip(margins, -500, 500)))
        total = float(weights @ np.logaddexp(0, -margins) + ridge @ points**2 / 2)
        return total, -(rows.T @ (weights * signs * wrong)) + ridge * points

    limits = [(None, None)] + [(None, CEILINGS.get(name, 0.0)) for name in FITTED]
    found = minimize(
        loss,
        np.array([0.0] + [CEILINGS.get(name, 0.0) for name in FITTED]),
        jac=True,
        bounds=limits,
        method="L-BFGS-B",
    ).x
    return Points(round(float(found[0]), 2), tuple(round(float(x), 2) + 0.0 for x in found[1:]))


def out_of_fold(cases: Sequence[Case]) -> list[float]:
    """Give the log-odds of each case by points that were fitted without its fold."""
    fitted = [fit([each for each in cases if fold_of(each.group) != fold]) for fold in range(FOLDS)]
    return [fitted[fold_of(case.group)][case.tag].of(case) for case in cases]


def _fitted(case: Case) -> tuple[float, ...]:
    return tuple(v for v, name in zip(case.values, FEATURES, strict=True) if name != STATED)
