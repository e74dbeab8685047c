"""Feature rows to a probability of training, with reasons; abstains where the evidence is thin.

A reason is the change in log-odds that a feature makes against a typical allocation without
counters. It is fitted with counters missing at random, so their absence is something it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import polars as pl

from detector.classifier.kinds import CLASSES, class_sentence, composed
from detector.classifier.manifest import (
    COMPARED_FEATURES,
    FEATURE_NAMES,
    Manifest,
    ManifestError,
    check,
)
from detector.classifier.novelty import Fitted, normal_scores, novelty
from detector.classifier.rules_alone import PRIOR_LOG_ODDS, evidence_columns
from detector.classifier.words import sentence

#: The columns that ``classify`` gives, one row a feature row, in the same order. The probabilities
#: of classes follow CLASSES; null by rules alone, which tell training from the rest and no more.
PROBABILITIES: Final = pl.Schema(
    {
        "training_probability": pl.Float64(),
        "is_abstained": pl.Boolean(),
        "contributions": pl.List(pl.String),
        "class_probabilities": pl.List(pl.Float64),
    }
)
UNLIKE: Final = (
    "Taken together its figures are unlike those of all work that the classifier was fitted on: "
    "take the probability for a guess."
)
RULES_ALONE: Final = "No classifier is installed: this probability comes from rules alone."
MAX_REASONS: Final = 4
_LEAST_LOG_ODDS: Final = 0.1
#: Without a classifier, probabilities strictly between these abstain.
RULES_ABSTAIN: Final = (0.25, 0.75)
#: Rows by features that a reason is worked out for in one call, about seven megabytes of each copy.
PAIRS_AT_ONCE: Final = 20_000
#: No claim is surer than this, whatever the features say.
_SUREST: Final = 0.995


@dataclass(frozen=True)
class Classifier:
    """Fitted, calibrated estimators and their manifest; only ``load`` and ``train`` make one.

    ``estimator`` says whether it is training at all; ``tuning``, if so, whether it is fine-tuning;
    ``others``, if not, which of OTHER_CLASSES it is; ``fitted``, how unlike a row is from all that
    it was fitted on.
    """

    estimator: Any
    manifest: Manifest
    tuning: Any
    others: Any
    fitted: Fitted


def assembled(parts: Mapping[str, Any], manifest: Manifest) -> Classifier:
    """Put the parts that an artefact holds together."""
    fitted = Fitted(parts["means"], parts["covariance"])
    return Classifier(parts["estimator"], manifest, parts["tuning"], parts["others"], fitted)


def load(manifest: Manifest, artefact: bytes, versions: Mapping[str, str]) -> Classifier:
    """Check an artefact against its manifest and this program, then load it.

    Only the types that the manifest lists are allowed; an artefact that holds another is refused.
    """
    import skops.io  # noqa: PLC0415 - seconds, and few commands judge
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415 - the same

    check(manifest, artefact, versions)
    try:
        parts = skops.io.loads(artefact, trusted=list(manifest.trusted_types))
    except UntrustedTypesFoundException as error:
        unknown = set(skops.io.get_untrusted_types(data=artefact)) - set(manifest.trusted_types)
        raise ManifestError(
            "classifier: the artefact holds types its manifest does not list: "
            f"{sorted(unknown)}; do not load it, run `make train`"
        ) from error
    except (BadZipFile, KeyError) as error:
        raise ManifestError(
            f"classifier: expected an artefact that skops wrote, got {error}; run `make train`"
        ) from error
    return assembled(parts, manifest)


def classify(features: pl.DataFrame, classifier: Classifier | None) -> pl.DataFrame:
    """Give PROBABILITIES for each feature row; by rules alone where ``classifier`` is None."""
    values = features.select(pl.col(name).cast(pl.Float64) for name in FEATURE_NAMES)
    if values.height == 0:
        return pl.DataFrame(schema=PROBABILITIES)
    if classifier is None:
        return _by_rules(values)
    return _by_classifier(values, classifier)


def probabilities(values: np.ndarray, estimator: Any) -> np.ndarray:  # noqa: ANN401 - any estimator
    """Give the estimator's probability of training, kept from being surer than it can know."""
    raw = np.asarray(estimator.predict_proba(values))[:, 1]
    bounded: np.ndarray = np.clip(raw, 1.0 - _SUREST, _SUREST)
    return bounded


def class_probabilities(values: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Give the probability of each of CLASSES, one row a row of ``values``; rows sum to one."""
    return classes_by(values, classifier.estimator, classifier.tuning, classifier.others)


def classes_by(values: np.ndarray, estimator: Any, tuning: Any, others: Any) -> np.ndarray:  # noqa: ANN401 - any estimator
    """Give the probability of each of CLASSES by the estimators of a Classifier."""
    is_tuning = np.asarray(tuning.predict_proba(values))[:, 1]
    kinds = np.asarray(others.predict_proba(values))
    return composed(probabilities(values, estimator), is_tuning, kinds)


def reasons_of(judged: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Give the sentences of each workload: what class it is likely of, then why.

    ``judged``: ``workload`` and PROBABILITIES.
    """
    return {
        row["workload"]: (*_class_sentences(row["class_probabilities"]), *row["contributions"])
        for row in judged.iter_rows(named=True)
    }


def classes_of(judged: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Give the probability of each class of each workload, to four digits, as far as known.

    ``judged``: ``workload`` and PROBABILITIES.
    """
    return {
        workload: {name: round(each, 4) for name, each in zip(CLASSES, given, strict=True)}
        for workload, given in judged.select("workload", "class_probabilities").iter_rows()
        if given is not None
    }


def _class_sentences(given: list[float] | None) -> tuple[str, ...]:
    return () if given is None else (class_sentence(dict(zip(CLASSES, given, strict=True))),)


def matrix(features: pl.DataFrame) -> np.ndarray:
    """Give the features as numbers in the fitted order; not-a-number where not metered."""
    columns = features.select(
        pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in FEATURE_NAMES
    )
    return columns.to_numpy()


def _by_classifier(values: pl.DataFrame, classifier: Classifier) -> pl.DataFrame:
    given = matrix(values)
    change = _effects(given, classifier)
    is_unlike = unlike(given, classifier)
    reasons = [
        _reasons(row, effect) + _strange(row, classifier.manifest) + [UNLIKE] * bool(is_new)
        for row, effect, is_new in zip(given, change, is_unlike, strict=True)
    ]
    probability = probabilities(given, classifier.estimator)
    return pl.DataFrame(
        {
            "training_probability": probability,
            "is_abstained": in_band(probability, classifier.manifest) | is_unlike,
            "contributions": reasons,
            "class_probabilities": class_probabilities(given, classifier),
        },
        schema=PROBABILITIES,
    )


def in_band(probability: np.ndarray, manifest: Manifest) -> np.ndarray:
    """Say which probabilities are too near to even for an answer."""
    low, high = manifest.abstain_low, manifest.abstain_high
    return np.asarray((probability > low) & (probability < high))


def unlike(values: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Say which rows are too unlike all that was fitted for an answer, however sure it is."""
    manifest = classifier.manifest
    columns = [FEATURE_NAMES.index(name) for name in COMPARED_FEATURES]
    known = {name: manifest.feature_quantiles[name] for name in COMPARED_FEATURES}
    scores = normal_scores(values[:, columns], known)
    return np.asarray(novelty(scores, classifier.fitted) > manifest.novelty_limit)


def _effects(given: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Give what each feature adds to the log-odds, against a typical row without counters.

    The mean of two views: what is lost when the feature alone turns typical, and what is gained
    when a typical row takes this feature. The first misses features that repeat each other, the
    second features that work together.
    """
    typical = classifier.manifest.typical_allocation
    base = np.array([[typical.get(name, np.nan) for name in FEATURE_NAMES]])
    full, bare = _log_odds(given, classifier), _log_odds(base, classifier)[0]
    change = np.zeros_like(given)
    every_row, every_column = np.nonzero(~np.isnan(given))
    for start in range(0, len(every_row), PAIRS_AT_ONCE):
        rows = every_row[start : start + PAIRS_AT_ONCE]
        columns = every_column[start : start + PAIRS_AT_ONCE]
        each = np.arange(len(rows))
        without, alone = given[rows], np.repeat(base, len(rows), axis=0)
        without[each, columns] = base[0, columns]
        alone[each, columns] = given[rows, columns]
        lost = full[rows] - _log_odds(without, classifier)
        gained = _log_odds(alone, classifier) - bare
        change[rows, columns] = (lost + gained) / 2
    return change


def _by_rules(values: pl.DataFrame) -> pl.DataFrame:
    effects = evidence_columns(values)
    known = {name: effects[name].to_numpy() for name in effects.columns}
    change = np.column_stack([known.get(n, np.zeros(values.height)) for n in FEATURE_NAMES])
    probability = 1.0 / (1.0 + np.exp(-(PRIOR_LOG_ODDS + change.sum(axis=1))))
    reasons = [
        [RULES_ALONE, *_reasons(row, effect)]
        for row, effect in zip(matrix(values), change, strict=True)
    ]
    return pl.DataFrame(
        {
            "training_probability": probability,
            "is_abstained": (probability > RULES_ABSTAIN[0]) & (probability < RULES_ABSTAIN[1]),
            "contributions": reasons,
            "class_probabilities": [None] * values.height,
        },
        schema=PROBABILITIES,
    )


def _reasons(row: np.ndarray, effect: np.ndarray) -> list[str]:
    order = np.argsort(-np.abs(effect), kind="stable")[:MAX_REASONS]
    return [
        sentence(FEATURE_NAMES[i], float(row[i]), float(effect[i]))
        for i in order
        if abs(effect[i]) >= _LEAST_LOG_ODDS
    ]


def _strange(row: np.ndarray, manifest: Manifest) -> list[str]:
    """Name the features that lie outside everything the classifier was fitted on."""
    outside = [
        name
        for name, value in zip(FEATURE_NAMES, row, strict=True)
        if _is_outside(value, manifest.feature_quantiles[name])
    ]
    if not outside:
        return []
    return [f"Outside what the classifier was fitted on: {', '.join(outside)}."]


def _is_outside(value: float, known: tuple[float, ...]) -> bool:
    return bool(known) and bool(value < known[0] or value > known[-1])


def _log_odds(values: np.ndarray, classifier: Classifier) -> np.ndarray:
    raw = np.asarray(classifier.estimator.predict_proba(values))[:, 1]
    probability = np.clip(raw, 1e-6, 1.0 - 1e-6)
    odds: np.ndarray = np.log(probability / (1.0 - probability))
    return odds
