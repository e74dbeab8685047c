"""Statistics of series that real and simulated ones share: level, spread, memory, togetherness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

QUANTILES: Final = (0.1, 0.5, 0.9)
#: Readings that a series must have for its memory to be looked at.
LEAST_READINGS: Final = 8
#: Hours that a set must span for its day to be looked at.
LEAST_HOURS: Final = 16


@dataclass(frozen=True)
class Shape:
    """What one set looks like; None where it cannot be said.

    ``quantiles`` of all readings; ``within`` is the median over series of the deviation inside
    one; ``memory`` the median correlation of a reading with the next; ``together`` the median
    correlation of two nodes of a run; ``swing`` half of the range of the mean over hours of the
    day, over the mean.
    """

    runs: int
    series: int
    readings: int
    mean: float
    quantiles: tuple[float, ...]
    within: float | None
    memory: float | None
    together: float | None
    swing: float | None


def shape(readings: pl.DataFrame, column: str, step_s: int, *, ordered: bool) -> Shape | None:
    """Describe one column of a set averaged over ``step_s``; None where nobody measured it."""
    steps = stepped(readings, column, step_s)
    if steps.is_empty():
        return None
    values = steps["value"].to_numpy()
    series = [part["value"].to_numpy() for part in steps.partition_by("run", "node")]
    long = [each for each in series if len(each) >= LEAST_READINGS and ordered]
    return Shape(
        runs=steps["run"].n_unique(),
        series=len(series),
        readings=len(values),
        mean=float(values.mean()),
        quantiles=tuple(float(each) for each in np.quantile(values, QUANTILES)),
        within=_median([float(each.std()) for each in long]),
        memory=_median([_correlation(each[:-1], each[1:]) for each in long]),
        together=_median(_pairs(steps)) if ordered else None,
        swing=_swing(steps, step_s) if ordered else None,
    )


def stepped(readings: pl.DataFrame, column: str, step_s: int) -> pl.DataFrame:
    """Average a column over steps of time: ``run``, ``node``, ``step``, ``value``, sorted."""
    return (
        readings.filter(pl.col(column).is_not_null())
        .with_columns(step=(pl.col("t_s") // step_s).cast(pl.Int64))
        .group_by("run", "node", "step")
        .agg(value=pl.col(column).sort_by("t_s").mean())
        .sort("run", "node", "step")
    )


def _pairs(steps: pl.DataFrame) -> list[float | None]:
    """Correlate every node of a run with its next one."""
    found = []
    for run in steps.partition_by("run"):
        nodes = run["node"].unique().sort().to_list()
        wide = run.pivot("node", index="step", values="value").drop_nulls()
        if wide.height >= LEAST_READINGS:
            for one, other in zip(nodes, nodes[1:], strict=False):
                found.append(_correlation(wide[one].to_numpy(), wide[other].to_numpy()))
    return found


def _swing(steps: pl.DataFrame, step_s: int) -> float | None:
    """Give the swing over the hours of a day, where most of one is there to see."""
    hours = steps.group_by(pl.col("step") * step_s // 3600).agg(pl.col("value").mean())
    if hours.height < LEAST_HOURS:
        return None
    values = hours["value"].to_numpy()
    return float((values.max() - values.min()) / 2 / values.mean())


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if one.std() == 0.0 or other.std() == 0.0:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _median(values: list[float] | list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
