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
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, cross_val_predict

from detector.classifier.classify import matrix
from detector.classifier.kinds import CLASSES, OTHER_CLASSES, TRAINING_CLASSES, composed
from detector.classifier.manifest import FEATURE_NAMES

FOLDS: Final = 3
#: Folds that leave whole families of work out.
KIND_FOLDS: Final = 8
#: More accelerators never speak against training, all else equal; nor does a name under which
#: the customer chose to be billed, since choosing it costs nothing; nor do faster accelerators,
#: which nobody can fake, so that those yet to come are taken for the fastest known.
_MONOTONE: Final = {
    "devices_max": 1,
    "peak_operations_per_second": 1,
    "share_managed_inference": 1,
    "share_notebook": 1,
}
#: Trees of the forest that tells training; those that tell the classes within have half of them.
TREES: Final = 100


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


@dataclass(frozen=True)
class Calibrated:
    """A calibrated forest, and what it says of each row by folds that were not fitted to it."""

    estimator: Any
    unseen: np.ndarray


def fit(rows: Rows, seed: int, trees: int = TREES) -> Any:  # noqa: ANN401 - sklearn ships no types
    """Fit what tells training from the rest."""
    return _calibrated(_forest(seed, trees, _MONOTONE), rows, rows.is_training, seed)


def fit_all(rows: Rows, seed: int, trees: int = TREES) -> tuple[dict[str, Any], np.ndarray]:
    """Fit the estimators of a Classifier by name, and give each row its probabilities of CLASSES.

    The probabilities of a row are by forests that did not see its group. What tells the classes
    within training, or within the rest, saw none of the other kind: of those rows it is held out.

    Raises:
        ValueError: A class has no row.
    """
    missing = [name for place, name in enumerate(CLASSES) if not (rows.classes == place).any()]
    if missing:
        raise ValueError(f"expected labelled rows of every class, found none of {missing}")
    trains = rows.is_training
    training = held_out(_forest(seed, trees, _MONOTONE), rows, trains, seed)
    own, rest = rows[trains], rows[~trains]
    forest = _forest(seed, trees // 2)
    tuning = held_out(forest, own, own.classes == CLASSES.index("fine-tuning"), seed)
    others = held_out(forest, rest, rest.classes - CLASSES.index(OTHER_CLASSES[0]), seed)
    is_tuning = tuning.estimator.predict_proba(rows.values)[:, 1]
    kinds = others.estimator.predict_proba(rows.values)
    is_tuning[trains], kinds[~trains] = tuning.unseen[:, 1], others.unseen
    parts = {"estimator": training.estimator, "tuning": tuning.estimator}
    unseen = composed(training.unseen[:, 1], is_tuning, kinds)
    return {**parts, "others": others.estimator}, unseen


def unseen_kinds(
    rows: Rows,
    estimator: Any,  # noqa: ANN401 - sklearn ships no types
    kinds: np.ndarray,
    seed_and_trees: tuple[int, int],
) -> np.ndarray:
    """Give each row its probability of training by folds that saw none of its kind.

    ``estimator``: what ``fit_all`` gave for training; its calibration is used. ``kinds``: by row;
    two different ones at least.
    """
    raw = cross_val_predict(
        _forest(*seed_and_trees, _MONOTONE),
        rows.values,
        rows.is_training,
        groups=kinds,
        cv=GroupKFold(min(KIND_FOLDS, len(np.unique(kinds)))),
        method="decision_function",
        params={"sample_weight": rows.weight},
    )
    (calibrator,) = estimator.calibrated_classifiers_[0].calibrators
    return np.asarray(calibrator.predict(raw))


def held_out(forest: Any, rows: Rows, truth: np.ndarray, seed: int) -> Calibrated:  # noqa: ANN401 - as above
    """Fit a calibrated forest, and calibrate what its folds said of the rows left out of them."""
    estimator = _calibrated(forest, rows, truth, seed)
    raw = cross_val_predict(
        forest,
        rows.values,
        truth,
        cv=_folds(rows, truth, seed),
        method="decision_function",
        params={"sample_weight": rows.weight},
    )
    calibrators = estimator.calibrated_classifiers_[0].calibrators
    columns = raw.reshape(len(truth), -1)
    told = np.column_stack([each.predict(columns[:, n]) for n, each in enumerate(calibrators)])
    whole = np.column_stack([1.0 - told, told]) if told.shape[1] == 1 else told
    return Calibrated(estimator, whole / whole.sum(axis=1, keepdims=True))


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


def _folds(rows: Rows, truth: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(folds.split(rows.values, truth, rows.groups))


def _calibrated(forest: Any, rows: Rows, truth: np.ndarray, seed: int) -> Any:  # noqa: ANN401 - as above
    cut = _folds(rows, truth, seed)
    estimator = CalibratedClassifierCV(forest, method="sigmoid", cv=cut, ensemble=False)
    fitted = estimator.fit(rows.values, truth, sample_weight=rows.weight)
    return fitted.set_params(cv=None)  # the folds' row numbers are of no use in an artefact
