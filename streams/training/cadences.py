"""The same work read every 15 seconds, minute, five minutes and hour, and by the bill alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from detector.classifier.classify import Classifier, in_band, matrix, probabilities, unlike
from detector.classifier.scores import Scores, score
from streams.simulation.workload import DAY_MS, HOUR_MS, Workload
from streams.training import simulated

#: Milliseconds between readings, by name, shortest first.
CADENCES: Final = {
    "15 seconds": 15_000,
    "60 seconds": 60_000,
    "5 minutes": 300_000,
    "1 hour": HOUR_MS,
    "daily bill alone": DAY_MS,
}
COUNT: Final = 200
#: Hours of each workload that are read, and the most resources it is read on, for the sake of time.
HOURS: Final = 8
_RESOURCES: Final = 2
SEED: Final = 31_000


@dataclass(frozen=True)
class Read:
    """How well workloads were judged at one cadence, and how far from the finest reading."""

    cadence: str
    scores: Scores
    auc: float
    unlike: float
    distance: float


def by_cadence(classifier: Classifier) -> list[Read]:
    """Judge the same workloads at every cadence."""
    workloads = simulated.drawn(SEED, COUNT)
    found: list[Read] = []
    finest = np.zeros(0)
    for name, cadence_ms in CADENCES.items():
        read = tuple(_read(each, cadence_ms) for each in workloads)
        rows = simulated.measured(read, SEED)
        values, truth = matrix(rows), rows["is_training"].to_numpy()
        likely = probabilities(values, classifier.estimator)
        finest = finest if finest.size else likely
        band = (classifier.manifest.abstain_low, classifier.manifest.abstain_high)
        found.append(
            Read(
                name,
                score(likely, truth, band),
                float(roc_auc_score(truth, likely)),
                float((unlike(values, classifier) & ~in_band(likely, classifier.manifest)).mean()),
                float(np.abs(likely - finest).mean()),
            )
        )
    return found


def _read(workload: Workload, cadence_ms: int) -> Workload:
    """Read the first hours of a workload with every counter, or without any from the bill."""
    is_bill = cadence_ms == DAY_MS
    packing = max(workload.resource_device_count, -(-workload.device_count // _RESOURCES))
    return replace(
        workload,
        end_ms=min(workload.end_ms, workload.start_ms + HOURS * HOUR_MS),
        cadence_ms=cadence_ms,
        resource_device_count=packing,
        vantage="bill" if is_bill else "host",
        telemetry="none" if is_bill else "full",
    )
