"""What is watched of the classifier: drift of features, and agreement with a challenger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detector.classifier import challenger, drift
from detector.classifier.classify import Classifier, load
from detector.classifier.manifest import FEATURE_NAMES, library_versions, read_manifest
from detector.watching import Watched, agreement, gathered, nothing_watched

FOLDER = Path(__file__).resolve().parents[3] / "detector" / "classifier" / "artefact"
SHIPPED = read_manifest((FOLDER / "manifest.json").read_text("utf-8"), "manifest.json")
EVEN = tuple(n / 20 for n in range(21))
MANIFEST = SHIPPED.model_copy(
    update={
        "feature_quantiles": {
            **dict.fromkeys(FEATURE_NAMES, ()),
            "gpu_util_mean": EVEN,
            "share_spot": (0.0,) * 16 + (1.0,) * 5,
        }
    }
)


def live(uses: Any, spot: Any, accelerator: str = "H100") -> pl.DataFrame:
    told = pl.DataFrame({"gpu_util_mean": uses, "share_spot": spot})
    absent = [pl.lit(None, pl.Float64).alias(n) for n in FEATURE_NAMES if n not in told.columns]
    return told.with_columns(*absent, accelerator=pl.lit(accelerator))


def indices(rows: pl.DataFrame) -> dict[str, float]:
    found = drift.drift(drift.binned(rows, MANIFEST), MANIFEST)
    return dict(found.select("feature", "stability_index").iter_rows())


def test_work_like_the_fitted_has_not_drifted_and_other_work_has() -> None:
    alike = live(np.linspace(0.0, 1.0, 400), [0.0] * 300 + [1.0] * 100)
    apart = live(np.full(400, 0.9), [1.0] * 400)
    assert indices(alike)["gpu_util_mean"] < 0.02
    assert indices(alike)["share_spot"] < 0.02
    assert indices(apart)["gpu_util_mean"] > 1.0
    assert indices(apart)["share_spot"] > 0.25


def test_of_few_workloads_nothing_is_told_and_accelerators_stand_apart() -> None:
    rows = pl.concat(
        [live(np.linspace(0, 1, 60), [0.0] * 60, "A100"), live([0.5] * 49, [0.0] * 49, "H100")]
    )
    found = drift.drift(drift.binned(rows, MANIFEST), MANIFEST)
    assert found.select("accelerator", "feature", "workload_count").rows() == [
        ("A100", "gpu_util_mean", 60),
        ("A100", "share_spot", 60),
    ]


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    rows = live(np.linspace(0.0, 1.0, 90), [0.0] * 90)
    parts = [drift.binned(part, MANIFEST) for part in (rows[:20], rows[20:])]
    assert drift.added(parts).equals(drift.binned(rows, MANIFEST))


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return load(SHIPPED, (FOLDER / "classifier.skops").read_bytes(), library_versions())


def test_a_challenger_that_is_the_same_agrees_and_one_that_never_answers_does_not(
    shipped: Classifier,
) -> None:
    rows = live(np.linspace(0.0, 1.0, 30), [0.0] * 30)
    same = challenger.compared(rows, shipped, shipped)
    assert same["workload_count"].sum() == 30
    assert same["distance_ppm"].sum() == 0
    assert same.filter(pl.col("answer") != pl.col("challenger_answer")).is_empty()
    silent = replace(
        shipped, manifest=SHIPPED.model_copy(update={"abstain_low": -1.0, "abstain_high": 2.0})
    )
    other = challenger.compared(rows, shipped, silent)
    assert other["challenger_answer"].unique().to_list() == ["abstained"]
    assert challenger.compared(rows[:0], shipped, silent).is_empty()


def test_agreement_is_told_with_the_mean_distance_of_the_parts_together() -> None:
    part = pl.DataFrame(
        [("training", "other", 2, 500_000)], schema=challenger.COMPARED, orient="row"
    )
    nothing = nothing_watched()
    seen = gathered([nothing, Watched(nothing.counts, part), Watched(nothing.counts, part)])
    assert agreement(seen) == ([("training", "other", 4)], 0.25)
    assert agreement(nothing) == ([], 0.0)
