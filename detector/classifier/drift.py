"""How far live work has moved from what the classifier was fitted on, by feature and accelerator.

The measure is the population stability index: over bins of the fitted rows, the sum of
(live - fitted) x ln(live / fitted), the shares of rows in the bin. Under 0.1 is usually read as no
change, over 0.25 as another population.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from detector.classifier.manifest import FEATURE_NAMES, Manifest

#: How many workloads on an accelerator have a feature in a bin; counts of parts add up.
BINNED: Final = pl.Schema(
    {
        "accelerator": pl.String(),
        "feature": pl.String(),
        "bin": pl.Int64(),
        "workload_count": pl.Int64(),
    }
)
#: The index of a feature on an accelerator, and of how many workloads.
DRIFT: Final = pl.Schema(
    {
        "accelerator": pl.String(),
        "feature": pl.String(),
        "workload_count": pl.Int64(),
        "stability_index": pl.Float64(),
    }
)
#: Fewer workloads than this scatter by themselves: nothing is told of them.
WORKLOADS_MIN: Final = 50


def binned(rows: pl.DataFrame, manifest: Manifest) -> pl.DataFrame:
    """Count rows by bin: ``rows`` has FEATURE_NAMES and ``accelerator``. Gives BINNED."""
    parts = [_binned(rows, name, manifest.feature_quantiles[name]) for name in FEATURE_NAMES]
    return added(parts)


def added(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add the counts of parts that share no workload."""
    whole = pl.concat([pl.DataFrame(schema=BINNED), *parts])
    key = ("accelerator", "feature", "bin")
    return whole.group_by(key).agg(pl.col("workload_count").sum()).sort(key)


def drift(counts: pl.DataFrame, manifest: Manifest) -> pl.DataFrame:
    """Give DRIFT rows, for every feature and accelerator with enough workloads."""
    found = []
    for (accelerator, feature), part in counts.group_by("accelerator", "feature"):
        expected = _expected(manifest.feature_quantiles[str(feature)])
        live = np.zeros(len(expected))
        live[part["bin"].to_numpy()] = part["workload_count"].to_numpy()
        if live.sum() >= WORKLOADS_MIN:
            index = _stability(live, expected)
            found.append((str(accelerator), str(feature), int(live.sum()), index))
    return pl.DataFrame(found, schema=DRIFT, orient="row").sort("accelerator", "feature")


def _binned(rows: pl.DataFrame, name: str, knots: tuple[float, ...]) -> pl.DataFrame:
    if not knots:
        return pl.DataFrame(schema=BINNED)
    metered = rows.select("accelerator", value=pl.col(name).cast(pl.Float64)).drop_nulls("value")
    places = np.searchsorted(_edges(knots), metered["value"].to_numpy(), "left")
    return (
        metered.select("accelerator", feature=pl.lit(name), bin=pl.Series(places, dtype=pl.Int64))
        .group_by("accelerator", "feature", "bin")
        .agg(workload_count=pl.len().cast(pl.Int64))
    )


def _edges(knots: tuple[float, ...]) -> np.ndarray:
    """Upper ends of all bins but the last: the distinct quantiles between least and most."""
    return np.unique(np.asarray(knots[1:-1]))


def _expected(knots: tuple[float, ...]) -> np.ndarray:
    """Share of the fitted rows in each bin; quantiles that tie share a bin."""
    edges = _edges(knots)
    places = np.searchsorted(edges, np.asarray(knots[1:]), "left")
    return np.bincount(places, minlength=len(edges) + 1) / (len(knots) - 1)


def _stability(live: np.ndarray, expected: np.ndarray) -> float:
    """Give the index; one row more, spread as expected, keeps an empty bin from being infinite."""
    held = expected > 0
    fitted = (expected[held] + 1e-3) / (expected[held] + 1e-3).sum()
    shares = (live[held] + fitted) / (live[held].sum() + 1.0)
    return float(np.sum((shares - fitted) * np.log(shares / fitted)))
