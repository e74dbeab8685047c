"""Scores on rows that were not fitted to: other seeds, families, series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.classifier.classify import (
    RULES_ABSTAIN,
    Classifier,
    class_probabilities,
    classify,
    matrix,
    probabilities,
)
from detector.classifier.fitting import fit, rows_of
from detector.classifier.manifest import ALLOCATION_FEATURES, FEATURE_NAMES
from detector.classifier.scores import Scores, confusion, score
from detector.classifier.train import hide_counters
from streams.training.boards import board
from streams.training.simulated import SOURCE

TEST_SEED: Final = 9_001
TEST_COUNT: Final = 1_500
#: Sizes and ages of the gangs that are shown as examples.
GANGS: Final = (1, 8, 64, 256, 1024, 8192, 65_536)
GANG_DAYS: Final = (1, 5, 30)
#: The accelerator of those gangs.
GANG_BOARD: Final = "H100-SXM5-80GB"


@dataclass(frozen=True)
class Line:
    """One line of the score table: what was judged, by what, how well."""

    title: str
    scores: Scores


def on_simulation(test: pl.DataFrame, classifier: Classifier) -> list[Line]:
    """Score other seeds: as metered, by power alone, by allocation alone, and by rules alone."""
    lines = [
        _line("as metered", test, classifier),
        _line(
            "fully metered only",
            test.filter(pl.col("tensor_active_mean").is_not_null()),
            classifier,
        ),
        _line("power alone", only(test, ("power_ratio_mean", "power_ratio_std")), classifier),
        _line("allocation alone", only(test, ()), classifier),
    ]
    lines += [
        _line(f"allocation alone, {title}", part, classifier)
        for title, part in _by_size(only(test, ()))
    ]
    return [*lines, _by_rules("rules alone, as metered", test)]


def class_counts(test: pl.DataFrame, classifier: Classifier) -> np.ndarray:
    """Count rows by true class and by the likeliest one."""
    rows = rows_of(test)
    return confusion(class_probabilities(rows.values, classifier), rows.classes)


def by_allocation(classifier: Classifier) -> list[tuple[int, float, float, float]]:
    """Give (accelerators, probability after 1, 5 and 30 days) of batch gangs without counters."""
    rows = pl.DataFrame(
        [_gang(devices, days) for devices in GANGS for days in GANG_DAYS],
        schema=dict.fromkeys(FEATURE_NAMES, pl.Float64),
    )
    given = probabilities(matrix(rows), classifier.estimator).reshape(len(GANGS), len(GANG_DAYS))
    return [
        (devices, float(row[0]), float(row[1]), float(row[2]))
        for devices, row in zip(GANGS, given, strict=True)
    ]


def _gang(devices: int, days: int) -> dict[str, float | None]:
    """A gang as its allocation alone shows it: held without a break, billed as batch."""
    shown = {
        "devices_max": float(devices),
        "duration_hours": days * 24.0,
        "duty_ratio": 1.0,
        "day_night_ratio": 0.0 if days >= 2 else None,
        "gang_start_ratio": 1.0,
        "gang_stop_ratio": 1.0,
        "peak_operations_per_second": board(GANG_BOARD).peak_operations_per_second,
        "share_batch": 1.0,
    }
    absent = dict.fromkeys(set(FEATURE_NAMES) - set(ALLOCATION_FEATURES))
    return {**dict.fromkeys(FEATURE_NAMES, 0.0), **absent, **shown}


def without_family(labelled: pl.DataFrame, classifier: Classifier) -> list[Line]:
    """Fit without each family in turn and score that family's rows."""
    plain = labelled.filter(pl.col("source") == SOURCE)
    families = plain["family"].unique().sort().to_list()
    return [_left_out(labelled, pl.col("family") == name, name, classifier) for name in families]


def on_outside(sets: dict[str, pl.DataFrame], classifier: Classifier) -> list[Line]:
    """Score the evaluation-only sets, and rules alone beside."""
    lines = []
    for name, rows in sets.items():
        lines.append(_line(name, rows, classifier))
        lines.append(_by_rules(f"{name}; rules alone", rows))
    return lines


def only(rows: pl.DataFrame, counters: tuple[str, ...]) -> pl.DataFrame:
    """Hide every counter but the ones named."""
    kept = {*ALLOCATION_FEATURES, *counters}
    hidden = [pl.lit(None, pl.Float64).alias(n) for n in FEATURE_NAMES if n not in kept]
    silent = rows.with_columns(hidden)
    if counters:
        return silent.filter(pl.any_horizontal(pl.col(counters).is_not_null()))
    return silent.with_columns(telemetry_ratio=pl.lit(0.0))


def _left_out(labelled: pl.DataFrame, left: pl.Expr, title: str, classifier: Classifier) -> Line:
    is_left = left.fill_null(value=False)
    seed = classifier.manifest.seed
    shown = hide_counters(labelled.filter(~is_left), seed)
    estimator = fit(rows_of(shown), seed)
    rows = labelled.filter(is_left)
    return Line(
        title, score(probabilities(matrix(rows), estimator), _truth(rows), _band(classifier))
    )


def _by_size(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    devices = pl.col("devices_max")
    return [
        ("1 to 8 accelerators", rows.filter(devices <= 8)),
        ("9 to 256 accelerators", rows.filter((devices > 8) & (devices <= 256))),
        ("more than 256 accelerators", rows.filter(devices > 256)),
    ]


def _line(title: str, rows: pl.DataFrame, classifier: Classifier) -> Line:
    given = probabilities(matrix(rows), classifier.estimator)
    return Line(title, score(given, _truth(rows), _band(classifier)))


def _by_rules(title: str, rows: pl.DataFrame) -> Line:
    given = classify(rows, None)["training_probability"].to_numpy()
    return Line(title, score(given, _truth(rows), RULES_ABSTAIN))


def _truth(rows: pl.DataFrame) -> np.ndarray:
    return rows["is_training"].to_numpy()


def _band(classifier: Classifier) -> tuple[float, float]:
    return classifier.manifest.abstain_low, classifier.manifest.abstain_high
