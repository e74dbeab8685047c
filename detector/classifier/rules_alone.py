"""The probability of training by rules alone, used where no artefact is installed.

It adds weights of evidence (log-odds) from the same features, each bounded and each a belief:
matrix units, power, fabric traffic, gang size, and the class the time was billed under. A figure
that was not metered adds nothing. It was fitted to no data; its score stands in
``docs/classifier.md`` beside the classifier's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from features.compute import added


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence: 0 log-odds at ``none``, ``log_odds`` at ``full`` and beyond.

    Between the two it is linear, in the logarithm of the value where ``is_logarithmic``.
    """

    feature: str
    none: float
    full: float
    log_odds: float
    is_logarithmic: bool = False


#: Log-odds before any evidence: about a quarter of metered workloads train.
PRIOR_LOG_ODDS: Final = -1.1
EVIDENCE: Final = (
    Evidence("tensor_active_mean", 0.05, 0.35, 2.0),
    Evidence("tensor_active_mean", 0.05, 0.0, -1.5),
    Evidence("power_ratio_mean", 0.45, 0.8, 1.0),
    Evidence("power_ratio_mean", 0.45, 0.15, -3.0),
    Evidence("gpu_util_mean", 0.3, 0.02, -2.0),
    Evidence("fp64_active_mean", 0.02, 0.15, -2.5),
    Evidence("fabric_bytes_per_device_second", 1e7, 1e9, 1.5, is_logarithmic=True),
    Evidence("nvlink_bytes_per_device_second", 1e9, 1e11, 1.0, is_logarithmic=True),
    Evidence("egress_bytes_per_device_second", 1e5, 1e7, -1.5, is_logarithmic=True),
    Evidence("sync_ratio_mean", 0.5, 0.95, 1.0),
    Evidence("devices_max", 16.0, 1024.0, 2.0, is_logarithmic=True),
    Evidence("duration_hours", 0.5, 24.0, 0.3, is_logarithmic=True),
    Evidence("day_night_ratio", 0.2, 0.7, -1.2),
    Evidence("share_managed_training", 0.0, 1.0, 2.0),
    Evidence("share_managed_inference", 0.0, 1.0, -1.5),
    Evidence("share_notebook", 0.0, 1.0, -0.7),
)


def evidence_columns(features: pl.DataFrame) -> pl.DataFrame:
    """Give the log-odds that each feature adds, one column a feature; 0 where not metered."""
    by_feature: dict[str, list[pl.Expr]] = {}
    for piece in EVIDENCE:
        by_feature.setdefault(piece.feature, []).append(_weight(piece))
    return features.select(added(pieces).alias(feature) for feature, pieces in by_feature.items())


def _weight(piece: Evidence) -> pl.Expr:
    value = pl.col(piece.feature)
    none, full = pl.lit(piece.none), pl.lit(piece.full)
    if piece.is_logarithmic:
        value, none, full = value.clip(1e-9).log(), none.log(), full.log()
    return (((value - none) / (full - none)).clip(0.0, 1.0) * piece.log_odds).fill_null(0.0)
