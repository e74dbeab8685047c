"""What a left-out score of the measured power rests on: the work, or who measured it and how.

In MLPerf's power series every vendor, and every accelerator, has one kind of work, and every system
that serves was submitted in the class for least power. So the same rows are judged again, left out
in other ways, and beside one figure alone: power over design power, higher for training.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from streams.training.leave_out import judged_without
from streams.training.power import SOURCE
from streams.training.tables import markdown_table

#: What else real series are left out by: who measured which benchmark, and everything at once.
BENCHMARK: Final = "submitter_and_benchmark"
EVERYTHING: Final = "everything"
#: The parts whose areas are told, and which rows they are.
_PARTS: Final[Mapping[str, pl.Expr]] = {
    "mlperf_power": pl.col("source") == SOURCE,
    "mlperf_power, one node": (pl.col("source") == SOURCE) & (pl.col("node_count") == 1),
    "other sets that meter power": pl.col("source") != SOURCE,
}
_AREAS: Final = ("power_ratio_mean", "forest", "ours")


@dataclass(frozen=True)
class Areas:
    """Areas under the curve of a part: by power alone, the forest and ours; runs weigh alike.

    ``left_out``: what the estimators were fitted without. None where one class is absent.
    """

    part: str
    left_out: str
    run_count: float
    training_ratio: float
    areas: tuple[float | None, ...]


def with_folds(real: pl.DataFrame) -> pl.DataFrame:
    """Say of each real row what it is left out with: BENCHMARK and EVERYTHING.

    A benchmark is a model, whatever its scenario and accuracy target; other sets have none, and
    are left out by vendor.
    """
    model = pl.col("benchmark").str.split(" ").list.first().str.replace(r"-99(\.9)?$", "")
    return real.with_columns(
        pl.concat_str("vendor", pl.lit(" "), model.fill_null("")).alias(BENCHMARK),
        pl.lit("all").alias(EVERYTHING),
    )


def areas(
    real: pl.DataFrame, simulated: pl.DataFrame, judged: Mapping[str, pl.DataFrame], seed: int
) -> list[Areas]:
    """Judge the real rows that meter power, left out in every way.

    ``judged``: what ``judged_without`` gave, by what was left out; the other ways are fitted here.
    """
    folded = with_folds(real)
    more = {by: judged_without(folded, simulated, by, seed) for by in (EVERYTHING, BENCHMARK)}
    ways = {EVERYTHING: more[EVERYTHING], **judged, BENCHMARK: more[BENCHMARK]}
    return [
        _areas(part, by, rows.filter(chosen, pl.col("power_ratio_mean").is_not_null()))
        for part, chosen in _PARTS.items()
        for by, rows in ways.items()
    ]


def table(rows: Iterable[Areas]) -> str:
    """Write one row a part and a way of leaving out."""
    columns = ("judged", "left out by", "runs", "train", "power alone", "the forest", "ours")
    cells = (
        (
            *(row.part, row.left_out.replace("_", " "), f"{row.run_count:.0f}"),
            f"{row.training_ratio:.2f}",
            *("-" if area is None else f"{area:.3f}" for area in row.areas),
        )
        for row in rows
    )
    return markdown_table(columns, cells, words=(0, 1))


def _areas(part: str, by: str, rows: pl.DataFrame) -> Areas:
    truth, weight = rows["is_training"].to_numpy(), rows["weight"].to_numpy()
    columns = [rows[name].to_numpy() for name in _AREAS]
    found: list[float | None] = [None] * len(columns)
    if len(np.unique(truth)) > 1:
        found = [float(roc_auc_score(truth, each, sample_weight=weight)) for each in columns]
    total = float(weight.sum())
    share = float(np.average(truth, weights=weight)) if total else 0.0
    return Areas(part, by, total, share, tuple(found))
