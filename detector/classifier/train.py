"""Labelled feature rows and a seed to a calibrated classifier and its manifest; deterministic.

Three calibrated forests: whether it is training at all, whether that is fine-tuning, and what it is
if it is not training. Before fitting, counters are hidden from a share of the rows, so that
the classifier knows what an allocation alone can tell: little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from detector.classifier.artefact_bytes import dump
from detector.classifier.classify import Classifier, assembled, matrix
from detector.classifier.fitting import TREES, Rows, fit_all, rows_of, unseen_kinds
from detector.classifier.kinds import CLASSES, training_of
from detector.classifier.manifest import (
    ALLOCATION_FEATURES,
    COMPARED_FEATURES,
    FEATURE_NAMES,
    TRUSTED_TYPES,
    Manifest,
    library_versions,
)
from detector.classifier.novelty import fit_novelty, normal_scores, novelty, quantiles
from detector.classifier.scores import choose_band, score

#: Columns that a labelled frame has beside the features: its class, whether that is training, what
#: must stay together when the rows are split, where the row is from, its weight, and what family of
#: work it is of, null where that is not known.
LABEL_COLUMNS: Final = ("is_training", "work_class", "group", "source", "weight", "family")
#: Share of rows that lose every counter, and that lose some, before fitting.
SILENT_SHARE: Final = 0.25
PARTIAL_SHARE: Final = 0.25
#: Of so many rows the counters miss a share of the device time, as when some nodes have none; so
#: many do not tell the step, or whether nodes keep in step, which few meters see; or how the work
#: was billed, which is optional; or run on hardware that no catalogue knows.
COVERED_SHARE: Final = 0.25
STEPLESS_SHARE: Final = 0.5
UNPHASED_SHARE: Final = 0.25
UNBILLED_SHARE: Final = 0.25
UNKNOWN_SHARE: Final = 0.1
#: Of the invented rows whose use or traffic outwards is told so many take the size of another row:
#: what one device does and sends must be enough to tell its work, since nobody knows how large work
#: that does not train may be. Without such a counter, size is all there is, and stays.
RESIZED_SHARE: Final = 0.5
_TELLING: Final = ("tensor_active_mean", "gpu_util_mean", "egress_bytes_per_device_second")
_SIZES: Final = ("devices_max",)
_BILLED: Final = tuple(name for name in FEATURE_NAMES if name.startswith("share_"))
#: Share of the fitted rows that are further out than any that gets an answer.
UNLIKE_SHARE: Final = 0.01
#: Outside the abstention band at most this share of either answer is wrong, by folds that saw none
#: of the family of a row: work that is unlike what was fitted is what a false answer comes from.
ERROR_MAX: Final = 0.1


def train(labelled: pl.DataFrame, seed: int, trees: int = TREES) -> tuple[Classifier, bytes]:
    """Fit on FEATURE_NAMES and LABEL_COLUMNS; give the classifier and its artefact's bytes."""
    rows = rows_of(hide_counters(labelled, seed))
    estimators, unseen = fit_all(rows, seed, trees)
    kinds = labelled["family"].fill_null(labelled["source"]).to_numpy()
    strange = unseen_kinds(rows, estimators["estimator"], kinds, (seed, trees))
    band = choose_band(strange, rows.is_training, rows.weight, ERROR_MAX)
    known = {name: quantiles(matrix(labelled)[:, n]) for n, name in enumerate(FEATURE_NAMES)}
    likeness, limit = _likeness(rows, known)
    parts = {**estimators, **likeness}
    artefact = dump(parts)
    manifest = Manifest(
        feature_names=FEATURE_NAMES,
        class_names=CLASSES,
        versions=library_versions(),
        trusted_types=TRUSTED_TYPES,
        training_data_sha256=digest(labelled),
        training_row_count=labelled.height,
        training_sources=_counts(labelled, "source"),
        training_classes=_counts(labelled, "work_class"),
        base_rate=round(float(rows.is_training.mean()), 4),
        abstain_low=band[0],
        abstain_high=band[1],
        typical_allocation=_typical(labelled),
        feature_quantiles=known,
        novelty_limit=limit,
        metrics=_metrics(unseen, rows, band),
        seed=seed,
        artefact_sha256=hashlib.sha256(artefact).hexdigest(),
    )
    return assembled(parts, manifest), artefact


def _likeness(
    rows: Rows, known: Mapping[str, tuple[float, ...]]
) -> tuple[dict[str, np.ndarray], float]:
    """Fit what rows look like, and how far out one in a hundred of them lies."""
    columns = [FEATURE_NAMES.index(name) for name in COMPARED_FEATURES]
    scores = normal_scores(
        rows.values[:, columns], {name: known[name] for name in COMPARED_FEATURES}
    )
    fitted = fit_novelty(scores, rows.classes, len(CLASSES))
    limit = float(np.quantile(novelty(scores, fitted), 1.0 - UNLIKE_SHARE))
    return {"means": fitted.means, "covariance": fitted.covariance}, round(limit, 4)


def _metrics(unseen: np.ndarray, rows: Rows, band: tuple[float, float]) -> dict[str, float]:
    """Score the probabilities of classes that held-out folds gave."""
    scores = score(training_of(unseen), rows.is_training, band)
    return {
        "cross_validated_brier": round(scores.brier, 4),
        "cross_validated_accuracy": round(scores.accuracy or 0.0, 4),
        "cross_validated_abstained_ratio": round(scores.abstained_count / len(unseen), 4),
        "cross_validated_class_accuracy": round(
            float(np.mean(unseen.argmax(axis=1) == rows.classes)), 4
        ),
    }


def _counts(labelled: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(labelled.group_by(column).len().sort(column).iter_rows())


def hide_counters(labelled: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Hide all counters of some rows, and of others each with even odds; and what few meters see.

    No single figure can then decide alone, nor can size where counters are left. Billing that is
    not told reads as no share of any.
    """
    rng = np.random.default_rng(seed)
    count = labelled.height
    counters = [name for name in FEATURE_NAMES if name not in ALLOCATION_FEATURES]
    lot = rng.random(count)
    silent = lot < SILENT_SHARE
    partial = (lot >= SILENT_SHARE) & (lot < SILENT_SHARE + PARTIAL_SHARE)
    lost = {name: silent | (partial & (rng.random(count) < 0.5)) for name in counters}
    lost["step_period_s_mean"] |= rng.random(count) < STEPLESS_SHARE
    lost["sync_ratio_mean"] |= rng.random(count) < UNPHASED_SHARE
    lost["peak_operations_per_second"] = rng.random(count) < UNKNOWN_SHARE
    unbilled = pl.Series(rng.random(count) < UNBILLED_SHARE)
    covered = np.where(rng.random(count) < COVERED_SHARE, rng.random(count), 1.0)
    seen = pl.Series(np.where(silent, 0.0, covered))
    shown = labelled.with_columns(
        *[pl.when(pl.Series(~gone)).then(pl.col(name)).alias(name) for name, gone in lost.items()],
        *[pl.when(unbilled).then(0.0).otherwise(name).alias(name) for name in _BILLED],
        telemetry_ratio=pl.col("telemetry_ratio") * seen,
    )
    return _resized(shown, seed)


def _resized(shown: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Give some rows of a known family, whose counters tell something, the size of another."""
    rng = np.random.default_rng([seed, 9])
    lot = pl.Series(rng.random(shown.height) < RESIZED_SHARE)
    other = pl.Series(rng.integers(0, shown.height, shown.height))
    tells = pl.any_horizontal(pl.col(_TELLING).is_not_null()) & pl.col("family").is_not_null()
    return shown.with_columns(
        pl.when(tells & lot).then(pl.col(name).gather(other)).otherwise(name).alias(name)
        for name in _SIZES
    )


def digest(labelled: pl.DataFrame) -> str:
    """Give the sha256 of the labelled rows as text, nine digits a figure, in their order."""
    rounded = labelled.select(
        *(pl.col(name).cast(pl.Float64).round_sig_figs(9) for name in FEATURE_NAMES),
        *LABEL_COLUMNS,
    )
    return hashlib.sha256(rounded.write_csv().encode()).hexdigest()


def _typical(labelled: pl.DataFrame) -> dict[str, float]:
    """Give the median of what an allocation shows: the row that reasons are measured from."""
    medians = labelled.select(
        pl.col(name).cast(pl.Float64).median() for name in ALLOCATION_FEATURES
    ).row(0, named=True)
    return {name: float(value) for name, value in medians.items() if value is not None}
