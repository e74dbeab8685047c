"""Labelled rows as numbers to calibrated forests; deterministic for a seed.

A forest takes missing values as they are and is calibrated on folds it was not fitted to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import polars as pl
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold

from detector.classifier.classify import classes_by, matrix
from detector.classifier.kinds import CLASSES, OTHER_CLASSES, TRAINING_CLASSES
from detector.classifier.manifest import FEATURE_NAMES

FOLDS: Final = 3
#: More accelerators never speak against training, all else equal; nor does a name under which
#: the customer chose to be billed, since choosing it costs nothing.
_MONOTONE: Final = {
    "devices_max": 1,
    "share_managed_inference": 1,
    "share_notebook": 1,
}
#: Trees of the forest that tells training, and of those that tell the classes within.
_TREES: Final = 100
_CLASS_TREES: Final = 50


@dataclass(frozen=True)
class Rows:
    """Labelled rows: features, place in CLASSES, what stays together when split, weight."""

    values: np.ndarray
    classes: np.ndarray
    groups: np.ndarray
    weight: np.ndarray

    @property
    def is_training(self) -> np.ndarray:
        """Whether each row trains an AI model."""
        return np.asarray(self.classes < len(TRAINING_CLASSES))

    def __getitem__(self, chosen: np.ndarray) -> Rows:
        """Give the chosen rows."""
        return Rows(
            self.values[chosen], self.classes[chosen], self.groups[chosen], self.weight[chosen]
        )


def rows_of(labelled: pl.DataFrame) -> Rows:
    """Take features, class, group and weight out of a labelled frame."""
    places = {name: place for place, name in enumerate(CLASSES)}
    return Rows(
        matrix(labelled),
        labelled["work_class"].replace_strict(places, return_dtype=pl.Int64).to_numpy(),
        labelled["group"].to_numpy(),
        labelled["weight"].to_numpy(),
    )


def fit(rows: Rows, seed: int) -> Any:  # noqa: ANN401 - sklearn ships no types
    """Fit what tells training from the rest."""
    return _calibrated(_forest(seed, _TREES, _MONOTONE), rows, rows.is_training, seed)


def fit_classes(rows: Rows, seed: int) -> dict[str, Any]:
    """Fit what tells fine-tuning within training, and the classes within the rest.

    Raises:
        ValueError: A class has no row.
    """
    missing = [name for place, name in enumerate(CLASSES) if not (rows.classes == place).any()]
    if missing:
        raise ValueError(f"expected labelled rows of every class, found none of {missing}")
    trains, rest = rows[rows.is_training], rows[~rows.is_training]
    is_tuning = trains.classes == CLASSES.index("fine_tuning")
    kinds = rest.classes - CLASSES.index(OTHER_CLASSES[0])
    forest = _forest(seed, _CLASS_TREES)
    return {
        "tuning": _calibrated(forest, trains, is_tuning, seed),
        "others": _calibrated(forest, rest, kinds, seed),
    }


def held_out(rows: Rows, seed: int) -> np.ndarray:
    """Give each row the probabilities of CLASSES by estimators fitted without its group."""
    given = np.zeros((len(rows.classes), len(CLASSES)))
    outer = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed + 1)
    for fitted, left in outer.split(rows.values, rows.classes, rows.groups):
        parts = fit_classes(rows[fitted], seed)
        given[left] = classes_by(rows.values[left], fit(rows[fitted], seed), **parts)
    return given


def _forest(
    seed: int, trees: int, monotone: Mapping[str, int] = MappingProxyType({})
) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=trees,
        max_leaf_nodes=12,
        min_samples_leaf=30,
        l2_regularization=1.0,
        max_features=0.5,
        monotonic_cst=[monotone.get(name, 0) for name in FEATURE_NAMES] if monotone else None,
        early_stopping=False,
        random_state=seed,
    )


def _calibrated(forest: Any, rows: Rows, truth: np.ndarray, seed: int) -> Any:  # noqa: ANN401 - as above
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    cut = list(folds.split(rows.values, truth, rows.groups))
    estimator = CalibratedClassifierCV(forest, method="sigmoid", cv=cut, ensemble=False)
    return estimator.fit(rows.values, truth, sample_weight=rows.weight)
