"""Trainings in disguise as feature rows: what is fitted on, and what is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from streams.simulation.background import labelled
from streams.simulation.cloud import END_MS, Cloud
from streams.simulation.evasion import DISGUISES, Training, cost_ratio, disguise
from streams.simulation.families import families, family, hardware
from streams.simulation.workload import DAY_MS, HOUR_MS, Limits, Workload
from streams.training.measure import feature_rows
from streams.training.simulated import DAYS, EVENT_BUDGET, workload_id

WINDOW: Final = (END_MS - DAYS * DAY_MS, END_MS)
#: The trainings that are judged: large enough to matter, each metered in full by the provider.
JUDGED_DEVICES: Final = (128.0, 2048.0)
JUDGED_HOURS: Final = (240.0, 1200.0)
#: Of a training cut into many like pieces so many are played, evenly over them all.
PIECES_PLAYED: Final = 6
SOURCE: Final = "disguised"


@dataclass(frozen=True)
class Case:
    """One training before and after a disguise. ``strength`` is 0 for a plain one."""

    plain: Training
    hidden: Training
    disguise: str
    strength: float

    @property
    def cost(self) -> float:
        """Give the extra computing the disguise costs, as a share of the plain training's."""
        return cost_ratio(self.plain, self.hidden)


def judged_trainings(seed: int, count: int) -> tuple[Training, ...]:
    """Draw large trainings that host meters see in full."""
    kind = replace(family("pretraining"), devices=JUDGED_DEVICES, hours=JUDGED_HOURS)
    rng = np.random.default_rng([seed, 21])
    drawn = labelled(rng, (kind,), count, Limits(WINDOW, EVENT_BUDGET))
    return tuple(
        Training((replace(each, vantage="host", telemetry="full", cadence_ms=HOUR_MS),), WINDOW)
        for each in drawn
    )


def any_trainings(seed: int, count: int) -> tuple[Training, ...]:
    """Draw trainings of every kind and meter, as ordinary customers run them."""
    kinds = tuple(each for each in families() if each.is_training)
    rng = np.random.default_rng([seed, 22])
    drawn = labelled(rng, kinds, count, Limits(WINDOW, EVENT_BUDGET))
    return tuple(Training((each,), WINDOW) for each in drawn)


def hide(
    trainings: Sequence[Training], name: str, strengths: Sequence[float], seed: int
) -> tuple[Case, ...]:
    """Hide each training in one way, at its own strength."""
    rng = np.random.default_rng([seed, 23, list(DISGUISES).index(name)])
    return tuple(
        Case(plain, disguise(plain, name, strength, rng), name, strength)
        for plain, strength in zip(trainings, strengths, strict=True)
    )


def measured(cases: Sequence[Case], seed: int) -> pl.DataFrame:
    """Play the cases and give a feature row each workload they show as.

    Beside the features: ``case`` (its number), ``operations`` (of the training, in this piece) and
    what a labelled row has.
    """
    pieces = [(number, each) for number, case in enumerate(cases) for each in _some(case.hidden)]
    workloads = tuple(each for _, each in pieces)
    cloud = Cloud(seed=seed, start_ms=WINDOW[0], workloads=workloads)
    found = feature_rows(cloud.usage(), hardware(), END_MS // HOUR_MS + 1)
    truth = (
        pl.DataFrame(
            {
                "workload": [workload_id(each) for each in workloads],
                "case": [number for number, _ in pieces],
                "operations": [each.planned_operations for each in workloads],
                "family": [cases[number].disguise for number, _ in pieces],
                "work_class": [each.work_class for each in workloads],
            }
        )
        .group_by("workload", "case", "family", "work_class", maintain_order=True)
        .agg(pl.col("operations").sum())
    )
    rows = truth.join(found, on="workload", how="inner", maintain_order="left")
    return rows.with_columns(
        is_training=pl.lit(value=True),
        group=pl.format("{}-{}-{}-{}", pl.lit(SOURCE), pl.lit(seed), "family", "case"),
        source=pl.lit(SOURCE),
        weight=1.0 / pl.len().over("case"),
    )


def fitted_rows(seed: int, count: int) -> pl.DataFrame:
    """Give labelled rows of ``count`` trainings in each disguise, at any strength from a fifth."""
    frames = []
    for number, name in enumerate(DISGUISES):
        own = seed + 100 * number
        strengths = np.random.default_rng([own, 24]).uniform(0.2, 1.0, count).tolist()
        frames.append(measured(hide(any_trainings(own, count), name, strengths, own), own))
    return pl.concat(frames)


def _some(training: Training) -> tuple[Workload, ...]:
    """Take so many pieces that time allows, from the first to the last."""
    pieces = training.pieces
    if len(pieces) <= PIECES_PLAYED:
        return pieces
    step = (len(pieces) - 1) / (PIECES_PLAYED - 1)
    return tuple(pieces[round(number * step)] for number in range(PIECES_PLAYED))
