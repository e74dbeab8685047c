"""What is watched of the classifier itself: drift of live work, and agreement with a challenger.

It enters no total, finding or report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from detector.classifier.challenger import COMPARED, compared
from detector.classifier.challenger import together as agreed
from detector.classifier.drift import BINNED, added, binned, drift
from detector.meaning import Meaning
from features.pipeline import Described

#: Where the catalogue knows no accelerator of a workload.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Watched:
    """Counts that add up over parts: BINNED and COMPARED rows; empty where nothing is fitted."""

    counts: pl.DataFrame
    agreement: pl.DataFrame


def nothing_watched() -> Watched:
    """Give what is watched of nothing."""
    return Watched(pl.DataFrame(schema=BINNED), pl.DataFrame(schema=COMPARED))


def watched(described: Described, meaning: Meaning) -> Watched:
    """Count the workloads described; of one hour of knowledge."""
    if meaning.classifier is None:
        return nothing_watched()
    rows = described.rows.join(_accelerators(described.cells), on="workload", how="left")
    counts = binned(rows, meaning.classifier.manifest)
    if meaning.challenger is None:
        return Watched(counts, pl.DataFrame(schema=COMPARED))
    return Watched(counts, compared(rows, meaning.classifier, meaning.challenger))


def gathered(parts: Sequence[Watched]) -> Watched:
    """Add up what was watched in parts of the state."""
    return Watched(
        added([part.counts for part in parts]), agreed([part.agreement for part in parts])
    )


def drifted(seen: Watched, meaning: Meaning) -> list[tuple[str, str, float]]:
    """Give (feature, accelerator, stability index) where there are enough workloads."""
    if meaning.classifier is None:
        return []
    found = drift(seen.counts, meaning.classifier.manifest)
    return list(found.select("feature", "accelerator", "stability_index").iter_rows())


def agreement(seen: Watched) -> tuple[list[tuple[str, str, int]], float]:
    """Give (answer, challenger's answer, workloads), and their mean distance; 0.0 without any."""
    told = seen.agreement
    counts = list(told.select("answer", "challenger_answer", "workload_count").iter_rows())
    workloads = int(told["workload_count"].sum())
    return counts, int(told["distance_ppm"].sum()) / 1e6 / max(1, workloads)


def _accelerators(cells: pl.DataFrame) -> pl.DataFrame:
    """Name the catalogue's accelerator that each workload held longest."""
    held = cells.group_by("workload", "sku").agg(pl.col("device_ppb_ms").sum())
    longest = held.sort("device_ppb_ms", "sku", descending=[True, False], nulls_last=True)
    return longest.group_by("workload").agg(accelerator=pl.col("sku").first().fill_null(UNKNOWN))
