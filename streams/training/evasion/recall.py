"""How often training in disguise is still called training, by a classifier that never saw it so.

A case counts as found where the pieces called training carry half of its operations or more. The
threshold is the probability that one in a hundred of ordinary work reaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from detector.calibration.scores import Interval, binomial
from detector.classifier.classify import matrix, probabilities
from detector.classifier.fitting import fit, rows_of
from detector.classifier.train import hide_counters
from streams.simulation.evasion import DISGUISES, Training
from streams.simulation.families import families
from streams.training import simulated
from streams.training.evaluate import only
from streams.training.evasion.cases import (
    Case,
    hide,
    judged_trainings,
    measured,
)

FALSE_ALARM_RATIO: Final = 0.01
COST_RATIO: Final = 0.20
STRENGTHS: Final = (0.5, 1.0)
#: Strengths are tried in such steps when the one that costs ``COST_RATIO`` is looked for.
STEPS: Final = 20
FOUND_RATIO: Final = 0.5
ORDINARY: Final = 2_000
CASES: Final = 30
JUDGED_SEED: Final = 31_000
#: What the meters are taken to give: counters that stay, by the name of the view.
VIEWS: Final[dict[str, tuple[str, ...] | None]] = {
    "all counters": None,
    "power alone": ("power_ratio_mean", "power_ratio_std"),
    "allocation alone": (),
}


@dataclass(frozen=True)
class Recall:
    """One line: a disguise at a strength, what it costs, and how often each view finds it."""

    disguise: str
    strength: float
    is_affordable: bool
    cost: float
    pieces: float
    found: dict[str, Interval]
    count: int


def ordinary_rows(seed: int) -> pl.DataFrame:
    """Give work that trains nothing, metered as ordinary customers are."""
    return simulated.rows(seed, ORDINARY, [each for each in families() if not each.is_training])


def without_each(labelled: pl.DataFrame, seed: int, count: int = CASES) -> Iterator[Recall]:
    """Fit without each disguise in turn and judge that disguise; first the plain trainings."""
    trainings = judged_trainings(JUDGED_SEED, count)
    ordinary = ordinary_rows(JUDGED_SEED)
    first = next(iter(DISGUISES))
    plain = hide(trainings, first, [0.0] * count, JUDGED_SEED)
    yield _judged(plain, _fitted(labelled, "", seed), ordinary, "none", is_affordable=True)
    for name in DISGUISES:
        estimator = _fitted(labelled, name, seed)
        affordable = affordable_strength(trainings, name)
        for strength in sorted({affordable, *STRENGTHS}):
            cases = hide(trainings, name, [strength] * count, JUDGED_SEED)
            is_affordable = strength <= affordable
            yield _judged(cases, estimator, ordinary, name, is_affordable=is_affordable)


def affordable_strength(trainings: Sequence[Training], name: str) -> float:
    """Give the largest strength that costs ``COST_RATIO`` extra on average at most, in steps."""
    for step in range(STEPS, 1, -1):
        strength = step / STEPS
        cases = hide(trainings, name, [strength] * len(trainings), JUDGED_SEED)
        if float(np.mean([case.cost for case in cases])) <= COST_RATIO:
            return strength
    return 1.0 / STEPS


def worst(lines: Sequence[Recall], view: str) -> Recall:
    """Give the affordable line that is found least often; the first of equals."""
    return min(
        (line for line in lines if line.is_affordable and line.disguise != "none"),
        key=lambda line: line.found[view].estimate,
    )


def _fitted(labelled: pl.DataFrame, left_out: str, seed: int) -> Any:  # noqa: ANN401 - untyped
    shown = labelled.filter(pl.col("family").ne_missing(left_out))
    return fit(rows_of(hide_counters(shown, seed)), seed)


def _judged(
    cases: Sequence[Case],
    estimator: Any,  # noqa: ANN401 - sklearn ships no types
    ordinary: pl.DataFrame,
    name: str,
    *,
    is_affordable: bool,
) -> Recall:
    usual = probabilities(matrix(ordinary), estimator)
    threshold = float(np.quantile(usual, 1.0 - FALSE_ALARM_RATIO, method="higher"))
    rows = measured(cases, JUDGED_SEED)
    found = {}
    for view, kept in VIEWS.items():
        seen = rows if kept is None else only(rows, kept)
        called = pl.Series(probabilities(matrix(seen), estimator) > threshold, dtype=pl.Boolean)
        found[view] = share_found(seen.with_columns(is_called=called), len(cases))
    return Recall(
        name,
        cases[0].strength,
        is_affordable,
        float(np.mean([case.cost for case in cases])),
        float(np.mean([len(case.hidden.pieces) for case in cases])),
        found,
        len(cases),
    )


def share_found(rows: pl.DataFrame, count: int) -> Interval:
    """Give the share of ``count`` cases that are found; those without a row are missed.

    ``rows``: ``case``, ``operations`` and ``is_called`` (training) of each piece.
    """
    called = pl.col("operations").filter("is_called").sum()
    by_case = rows.group_by("case").agg((called / pl.col("operations").sum()).alias("share"))
    return binomial(by_case.filter(pl.col("share") >= FOUND_RATIO).height, count)
