"""Real series by who measured them and on what: each judged by estimators that saw neither.

Beside ours stands a random forest as published ones are made, fitted to the same rows. What is
fitted here to data without a licence is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

from detector.classifier.classify import matrix, probabilities
from detector.classifier.fitting import Rows, fit, rows_of
from detector.classifier.scores import EVEN
from detector.classifier.train import hide_counters
from streams.training.intervals import Span, area_spans
from streams.training.power import BOARDS, SOURCE, levelled

#: Trees of the forest beside ours.
FOREST_TREES: Final = 300
#: What each judged row comes with; ``ours`` and ``forest`` are probabilities of training.
JUDGED: Final = (
    *("left", "is_training", "weight", "node_count", "source", "run", "power_ratio_mean"),
    *("ours", "forest"),
)


@dataclass(frozen=True)
class Quality:
    """How well rows were told apart; every run weighs as one row. None where one class is absent.

    ``right``: share on the right side of even odds, nobody abstaining. ``answered``: share outside
    the abstention band of the classifier that ships; ``right_answered``: share of those.
    ``spans``: intervals of the area, and of it less the forest's; of lines over all left out.
    """

    title: str
    row_count: int
    run_count: float
    training_ratio: float
    auc: float | None
    auc_forest: float | None
    right: float
    right_forest: float
    answered: float
    right_answered: float | None
    spans: tuple[Span, Span] | None = None


def real_rows(measured: pl.DataFrame, outside: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Put the shipped measured rows and the evaluation-only ones together."""
    shipped = measured.with_columns(
        vendor=pl.col("group").str.split("|").list.get(1),
        accelerator=pl.col("system").map_elements(_board_name, return_dtype=pl.String),
        node_count=pl.col("resources_count"),
    )
    return pl.concat([shipped, *outside.values()], how="diagonal")


def of_both_kinds(measured: pl.DataFrame) -> pl.DataFrame:
    """Keep the measured sets that hold both training and other work.

    Where a set has one kind only, what is learnt from it is how its makers measured: whoever then
    measures alike is taken for that kind.
    """
    return measured.filter(pl.col("is_training").n_unique().over("source") > 1)


def judged_without(real: pl.DataFrame, simulated: pl.DataFrame, by: str, seed: int) -> pl.DataFrame:
    """Judge the rows of each value of ``by`` by estimators fitted without them. Gives JUDGED."""
    parts = []
    known: dict[frozenset[str], tuple[Any, Any]] = {}
    for (name,), left in real.group_by(by, maintain_order=True):
        rest = levelled(of_both_kinds(real.filter(pl.col(by) != name)))
        runs = frozenset(rest["group"].to_list())
        if runs not in known:  # many leave the same runs
            shown = hide_counters(pl.concat([simulated, rest], how="diagonal"), seed)
            rows = rows_of(shown)
            known[runs] = (fit(rows, seed), _forest(rows, seed))
        ours, forest = known[runs]
        parts.append(
            left.with_columns(
                left=pl.lit(str(name)),
                run=pl.col("group"),
                ours=pl.Series(probabilities(matrix(left), ours)),
                forest=pl.Series(forest.predict_proba(matrix(left))[:, 1]),
            ).select(JUDGED)
        )
    return pl.concat(parts)


def qualities(judged: pl.DataFrame, band: tuple[float, float]) -> list[Quality]:
    """Score each value left out, then all together, then what ran on more than one node."""
    each = [
        quality(str(name), part, band)
        for (name,), part in judged.sort("left").group_by("left", maintain_order=True)
    ]
    several = judged.filter(pl.col("node_count") > 1)
    shipped = judged.filter(pl.col("source") == SOURCE)
    whole = {
        "all": judged,
        "all of mlperf_power": shipped,
        "all on more than one node": several,
    }
    return [
        *each,
        *(
            replace(quality(title, part, band), spans=area_spans(part))
            for title, part in whole.items()
        ),
    ]


def quality(title: str, judged: pl.DataFrame, band: tuple[float, float]) -> Quality:
    """Score judged rows; strictly inside ``band`` is an abstention."""
    truth, weight = judged["is_training"].to_numpy(), judged["weight"].to_numpy()
    auc, right = [], []
    for name in ("ours", "forest"):
        given = judged[name].to_numpy()
        is_both = len(np.unique(truth)) > 1
        auc.append(float(roc_auc_score(truth, given, sample_weight=weight)) if is_both else None)
        right.append(float(np.average((given > EVEN) == truth, weights=weight)))
    runs, share = float(weight.sum()), float(np.average(truth, weights=weight))
    ours = judged["ours"].to_numpy()
    told = (ours <= band[0]) | (ours >= band[1])
    is_right = (ours > EVEN) == truth
    of_those = float(np.average(is_right[told], weights=weight[told])) if told.any() else None
    answered = float(np.average(told, weights=weight))
    return Quality(
        title, len(truth), runs, share, auc[0], auc[1], right[0], right[1], answered, of_those
    )


def _forest(rows: Rows, seed: int) -> Any:  # noqa: ANN401 - sklearn ships no types
    """Fit the forest beside ours: it takes missing values as they are, and is not calibrated."""
    forest = RandomForestClassifier(FOREST_TREES, random_state=seed, n_jobs=1)
    return forest.fit(rows.values, rows.is_training, sample_weight=rows.weight)


def _board_name(system: str) -> str:
    return next(board.accelerator for part, board in BOARDS if part.lower() in system.lower())
