"""Counters drawn from the Acme utilisation curves, for whoever wants telemetry in the example.

The curves are of the whole Seren cluster, idle devices included, not of these jobs: what is drawn
exercises the path, it is no measurement. One quantile is drawn for each event and read off every
curve, so that a busy interval is busy in all its figures. The curve whose legend and code disagree
(tensor activity or occupancy) is left out.
"""

from __future__ import annotations

import csv
import gzip
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random

CLUSTER = "seren"
#: curve of the source -> (field of the contract, factor to its unit)
FIELDS = {
    "gpu_util_pct": ("gpu_util", 0.01),
    "sm_active_pct": ("sm_active", 0.01),
    "gpu_power_w": ("power_w", 1.0),
}


@dataclass(frozen=True)
class Telemetry:
    """Curves by field as (cumulative share in percent, value), and the seeded draw."""

    curves: dict[str, tuple[tuple[float, ...], tuple[float, ...]]]
    random: Random

    def draw(self) -> dict[str, float]:
        """Read every curve at one random quantile."""
        percent = self.random.uniform(0.0, 100.0)
        return {
            field: values[min(bisect_left(shares, percent), len(values) - 1)]
            for field, (shares, values) in self.curves.items()
        }


def read_telemetry(path: Path, seed: int) -> Telemetry:
    """Read ``utilisation_cdfs.csv.gz``; the seed fixes every draw."""
    points: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["cluster"] == CLUSTER and row["metric"] in FIELDS:
                field, factor = FIELDS[row["metric"]]
                value = round(float(row["value"]) * factor, 6)
                points[field].append((float(row["cdf_pct"]), value))
    curves = {}
    for field, pairs in points.items():
        shares, values = zip(*sorted(pairs), strict=True)
        curves[field] = (shares, values)
    return Telemetry(curves, Random(seed))
