"""Labelled feature rows and a seed to a calibrated classifier and its manifest; deterministic.

The estimator is a gradient-boosted forest that takes missing values as they are, calibrated on
folds it was not fitted to. Before fitting, counters are hidden from a share of the rows, so that
the classifier knows what an allocation alone can tell: little.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from typing import Any, Final

import numpy as np
import polars as pl
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold

from detector.classifier.classify import Classifier, matrix, probabilities
from detector.classifier.manifest import (
    ALLOCATION_FEATURES,
    FEATURE_NAMES,
    Manifest,
    library_versions,
)
from detector.classifier.scores import choose_band, score

#: Columns that a labelled frame has beside the features: the label, what must stay together when
#: the rows are split, where the row is from, and its weight.
LABEL_COLUMNS: Final = ("is_training", "group", "source", "weight")
FOLDS: Final = 3
#: Share of rows that lose every counter, and that lose some, before fitting.
SILENT_SHARE: Final = 0.25
PARTIAL_SHARE: Final = 0.25
#: Outside the abstention band at most this share of either answer is wrong, on held-out folds.
ERROR_MAX: Final = 0.1
#: More accelerators never speak against training, all else equal; nor does a name under which
#: the customer chose to be billed, since choosing it costs nothing.
_MONOTONE: Final = {
    "devices_max": 1,
    "share_managed_inference": 1,
    "share_notebook": 1,
}
#: Every type that may stand in an artefact beside those skops trusts by itself. Audited: none
#: runs code on loading.
TRUSTED_TYPES: Final = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)


def train(labelled: pl.DataFrame, seed: int) -> tuple[Classifier, bytes]:
    """Fit on FEATURE_NAMES and LABEL_COLUMNS; give the classifier and its artefact's bytes."""
    shown = hide_counters(labelled, seed)
    values, truth = matrix(shown), labelled["is_training"].to_numpy()
    groups, weight = labelled["group"].to_numpy(), labelled["weight"].to_numpy()
    held_out = held_out_probabilities(values, truth, groups, weight, seed)
    band = choose_band(held_out, truth, ERROR_MAX)
    fitted = fit(values, truth, groups, weight, seed)
    artefact = _dump(fitted)
    scores = score(held_out, truth, band)
    manifest = Manifest(
        feature_names=FEATURE_NAMES,
        versions=library_versions(),
        trusted_types=TRUSTED_TYPES,
        training_data_sha256=digest(labelled),
        training_row_count=labelled.height,
        training_sources=dict(labelled.group_by("source").len().sort("source").iter_rows()),
        base_rate=round(float(truth.mean()), 4),
        abstain_low=band[0],
        abstain_high=band[1],
        typical_allocation=_typical(labelled),
        feature_ranges=_ranges(labelled),
        metrics={
            "cross_validated_brier": round(scores.brier, 4),
            "cross_validated_accuracy": round(scores.accuracy or 0.0, 4),
            "cross_validated_abstained_ratio": round(scores.abstained_count / len(truth), 4),
        },
        seed=seed,
        artefact_sha256=hashlib.sha256(artefact).hexdigest(),
    )
    return Classifier(fitted, manifest), artefact


def fit(
    values: np.ndarray, truth: np.ndarray, groups: np.ndarray, weight: np.ndarray, seed: int
) -> Any:  # noqa: ANN401 - sklearn ships no types
    """Fit one calibrated estimator."""
    folds = list(
        StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(values, truth, groups)
    )
    estimator = CalibratedClassifierCV(_forest(seed), method="sigmoid", cv=folds, ensemble=False)
    return estimator.fit(values, truth, sample_weight=weight)


def held_out_probabilities(
    values: np.ndarray, truth: np.ndarray, groups: np.ndarray, weight: np.ndarray, seed: int
) -> np.ndarray:
    """Give each row the probability of an estimator fitted without its group."""
    given = np.zeros(len(truth))
    outer = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed + 1)
    for fitted, left in outer.split(values, truth, groups):
        estimator = fit(values[fitted], truth[fitted], groups[fitted], weight[fitted], seed)
        given[left] = probabilities(values[left], estimator)
    return given


def hide_counters(labelled: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Hide all counters of some rows and each counter of some others with even odds."""
    rng = np.random.default_rng(seed)
    counters = [name for name in FEATURE_NAMES if name not in ALLOCATION_FEATURES]
    lot = rng.random(labelled.height)
    silent = pl.Series(lot < SILENT_SHARE)
    partial = (lot >= SILENT_SHARE) & (lot < SILENT_SHARE + PARTIAL_SHARE)
    hidden = [
        pl.when(silent | pl.Series(partial & (rng.random(labelled.height) < 0.5)))
        .then(None)
        .otherwise(pl.col(name))
        .alias(name)
        for name in counters
    ]
    quiet = pl.when(silent).then(0.0).otherwise(pl.col("telemetry_ratio"))
    return labelled.with_columns(*hidden, telemetry_ratio=quiet)


def digest(labelled: pl.DataFrame) -> str:
    """Give the sha256 of the labelled rows as text, nine digits a figure, in their order."""
    rounded = labelled.select(
        *(pl.col(name).cast(pl.Float64).round_sig_figs(9) for name in FEATURE_NAMES),
        *LABEL_COLUMNS,
    )
    return hashlib.sha256(rounded.write_csv().encode()).hexdigest()


def _forest(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=100,
        max_leaf_nodes=12,
        min_samples_leaf=30,
        l2_regularization=1.0,
        max_features=0.5,
        monotonic_cst=[_MONOTONE.get(name, 0) for name in FEATURE_NAMES],
        early_stopping=False,
        random_state=seed,
    )


def _dump(estimator: Any) -> bytes:  # noqa: ANN401 - sklearn ships no types
    artefact = canonical(bytes(skops.io.dumps(estimator)))
    unknown = set(skops.io.get_untrusted_types(data=artefact)) - set(TRUSTED_TYPES)
    if unknown:
        raise TypeError(f"expected only audited types in the artefact, found {sorted(unknown)}")
    return artefact


def canonical(artefact: bytes) -> bytes:
    """Write a skops archive so that equal estimators give equal bytes.

    skops names objects by their address in memory and stamps each part with the time of day;
    here they are numbered in order of appearance and the stamp is a constant.
    """
    with zipfile.ZipFile(io.BytesIO(artefact)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    schema = parts.pop("schema.json").decode()
    numbers: dict[str, str] = {}
    pattern = re.compile(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")')

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(), str(len(numbers)))

    renamed = {"schema.json": pattern.sub(number, schema).encode()}
    for name, content in parts.items():
        stem, _, suffix = name.rpartition(".")
        renamed[f"{numbers[stem]}.{suffix}"] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(renamed):
            archive.writestr(zipfile.ZipInfo(name), renamed[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _typical(labelled: pl.DataFrame) -> dict[str, float]:
    """Give the median of what an allocation shows: the row that reasons are measured from."""
    medians = labelled.select(
        pl.col(name).cast(pl.Float64).median() for name in ALLOCATION_FEATURES
    ).row(0, named=True)
    return {name: float(value) for name, value in medians.items() if value is not None}


def _ranges(labelled: pl.DataFrame) -> dict[str, tuple[float, float]]:
    spans = {}
    for name in FEATURE_NAMES:
        seen = labelled[name].drop_nulls().drop_nans()
        if seen.len() > 0:
            low, high = float(seen.min()), float(seen.max())  # type: ignore[arg-type]
            spans[name] = (low, high)
    return spans
