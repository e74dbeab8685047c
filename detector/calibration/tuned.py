"""Tuned work held for months: what benchmark runs would do with the pauses of long ones.

Nobody has published a run of months that is tuned like a benchmark, on 8-bit pipes and nearly
without a pause. That hardware can do it is known from benchmark runs of hours; how much of the time
long runs stand still is known from those that state both a rate in step and hours that were billed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.cases import USUAL_AGE_HOURS, Floats
from detector.calibration.judged import Judged, judge
from detector.calibration.widths import quantile
from features.compute import Catalogue
from features.prior import Prior, shares

#: Share of tuned runs with their pauses that the high end is to hold.
TUNED_HELD: Final = 0.90


def tuned_above(short: pl.DataFrame, pauses: pl.DataFrame, prior: Prior) -> dict[str, float]:
    """Give by generation how far above the old regime's expected share the high end must reach.

    ``short``: CASES of benchmark runs; every configuration weighs one. ``pauses``: (owner,
    ``pause_ratio``), billed over stepping rate of long runs; every run is held with each. log10.
    """
    told = _months(short).with_columns(**shares(prior))
    over = (pl.col("share") / pl.col("prior_expected")).log10()
    paused = pauses["pause_ratio"].log10().to_numpy()
    found = {}
    for name in told["generation"].unique().sort().to_list():
        own = told.filter(generation=name)
        reached = np.add.outer(own.select(over).to_series().to_numpy(), paused).ravel()
        weight = np.repeat(own["weight"].to_numpy(), len(paused))
        found[name] = max(0.0, quantile(reached, TUNED_HELD, weight))
    return found


def with_tuned(prior: Prior, short: pl.DataFrame, pauses: pl.DataFrame) -> Prior:
    """Let the high end of long runs hold what is tuned."""
    found = tuned_above(short, pauses, prior) if len(short) and len(pauses) else {}
    return replace(prior, old=replace(prior.old, tuned=found))


def _months(short: pl.DataFrame) -> pl.DataFrame:
    return short.with_columns(
        age_hours=pl.lit(USUAL_AGE_HOURS),
        service_class=pl.lit(None, pl.String),
        is_eight_bit_open=pl.lit(value=False),
        weight=1.0 / pl.len().over("configuration"),
    )


@dataclass(frozen=True)
class Held:
    """How much of the tuned runs of one generation, held for months, stays below the high end.

    Shares of configurations: with the pauses of long runs and without any, by the interval as it is
    and by what long runs alone say (``before``). ``ratio``: high over low in the middle.
    """

    generation: str
    count: int
    with_pauses: float
    without_pauses: float
    before: float
    ratio: float
    ratio_before: float


def held(
    short: pl.DataFrame, pauses: pl.DataFrame, base: Prior, catalogue: Catalogue
) -> list[Held]:
    """Judge one run of each configuration, its submitter left out of what tuned work does."""
    runs = _whole_months(short)
    alone = replace(base, old=replace(base.old, tuned={}))
    owners = runs["owner"].unique().sort().to_list()
    folds = [
        (runs.filter(owner=name), with_tuned(alone, short.filter(pl.col("owner") != name), pauses))
        for name in owners
    ]
    now, before = judge(folds, catalogue), judge([(runs, alone)], catalogue)
    paused = pauses["pause_ratio"].log10().to_numpy()
    generations = now.cases["generation"]
    return [
        _held(name, now, before, (generations == name).to_numpy(), paused)
        for name in generations.unique().sort().to_list()
    ]


def _held(
    name: str, now: Judged, before: Judged, own: np.typing.NDArray[np.bool_], paused: Floats
) -> Held:
    spare, spare_before = (one.bounds[2][own] - one.truth[own] for one in (now, before))
    wide, wide_before = (one.bounds[2][own] - one.bounds[0][own] for one in (now, before))
    return Held(
        name,
        int(own.sum()),
        float(np.mean(np.subtract.outer(spare, paused) >= 0.0)),
        float(np.mean(spare >= 0.0)),
        float(np.mean(np.subtract.outer(spare_before, paused) >= 0.0)),
        float(10 ** np.median(wide)),
        float(10 ** np.median(wide_before)),
    )


def _whole_months(short: pl.DataFrame) -> pl.DataFrame:
    """Hold the middle run of each configuration for as long as a long run lasts."""
    middle = (
        short.sort("configuration", "share", "case_id")
        .group_by("configuration", maintain_order=True)
        .agg(pl.all().get(pl.len() // 2))
        .select(short.columns)
    )
    hours = pl.col("devices") * USUAL_AGE_HOURS
    return middle.with_columns(
        age_hours=pl.lit(USUAL_AGE_HOURS),
        device_hours=hours,
        operations=pl.col("share") * hours * 3600.0 * pl.col("peak_16bit"),
    )


def tuned_page(found: Iterable[Held]) -> str:
    """Write what the high end holds of them."""
    lines = [
        "## Tuned work held for months\n",
        "Nobody has published a run of months that is tuned like a benchmark, on 8-bit pipes. Here",
        "the middle run of each benchmark configuration is held for 25 days, its submitter left",
        "out: with the pauses of long runs (billed over stepping rate, where both are published),",
        "and without any. The high end is made to hold nine in ten of those with pauses; it does",
        "not reach so far where the provider states a precision of 16 bit or more. *Before*: what",
        "long runs alone say. Of a generation of one submitter nothing is left to tell.\n",
        "| generation | n | held with pauses | without a pause | before, with pauses | high/low "
        "| before |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {h.generation} | {h.count} | {h.with_pauses:.2f} | {h.without_pauses:.2f} | "
        f"{h.before:.2f} | {h.ratio:.1f} | {h.ratio_before:.1f} |"
        for h in found
    ]
    return "\n".join(lines) + "\n"
