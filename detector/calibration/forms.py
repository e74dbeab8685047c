"""Other forms of the prior of long runs, each held against one constant, and how far any could go.

Few forms, named before any was fitted: trying many would find one that fits by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.cases import USUAL_AGE_HOURS, Floats, Sample, sample
from detector.calibration.choice import folds_of, residuals
from detector.calibration.judged import Judged
from detector.calibration.regression import Form
from detector.calibration.scores import Interval, resampled
from detector.calibration.sureness import sureness

_HOURS: Final = (1e4, 1e5, 1e6, 1e7)
_COUNT: Final = (16.0, 128.0, 1024.0, 8192.0)
_AGE: Final = (48.0, 240.0, 1200.0, 4000.0)
#: Years after 2000, in steps of two.
_YEARS: Final = (18.0, 20.0, 22.0, 24.0, 26.0)
#: A run whose date is not public stands at the middle of those.
_USUAL_YEAR: Final = 22.0
FORMS: Final = {
    "generation drawn by 4 runs, accelerator hours": Form(4.0, 0.7, 0.6, _HOURS, ()),
    "the same, generation drawn by 1 run": Form(1.0, 0.7, 0.6, _HOURS, ()),
    "generation drawn by 16 runs alone": Form(16.0, 0.7, 0.6, _HOURS[:1], ()),
    "the first, and the count of accelerators": Form(4.0, 0.7, 0.6, _HOURS, _COUNT),
    "the first, nearly least absolute deviation": Form(4.0, 0.7, 0.25, _HOURS, ()),
}
ELAPSED: Final = "the first, elapsed hours for accelerator hours"
NEWER_LESS: Final = "the first, and the date, newer runs at a smaller share"
NEWER_MORE: Final = "the first, the date for accelerator hours, newer runs at a larger share"
CHIP: Final = "the first, kind of chip for generation"
MIDDLE: Final = "one figure for all, nearly least absolute deviation"


@dataclass(frozen=True)
class Tried:
    """A form, judged on developers left out; ``gain`` in mean |error| over the others' median."""

    name: str
    median_error: float
    mean_error: float
    gain: Interval


@dataclass(frozen=True)
class Siblings:
    """Runs of one developer on one kind of chip, each foretold by the median of the others."""

    run_count: int
    pair_count: int
    median_error: Interval


def tried(cases: pl.DataFrame) -> list[Tried]:
    """Judge each form on the long runs among CASES."""
    long = cases.filter(population="published")
    runs = sample(long)
    shares = long["share"].log10().to_numpy()
    constant = np.empty(len(shares))
    for out in folds_of(runs.group, None):
        constant[out] = shares[out] - np.median(shares[~out])
    trials = {name: (runs, form) for name, form in FORMS.items()} | _placed(long, runs)
    return [
        _judged(name, residuals(*trial, None), constant, runs) for name, trial in trials.items()
    ]


def _placed(long: pl.DataFrame, runs: Sample) -> dict[str, tuple[Sample, Form]]:
    """Give the forms that read other figures of the same runs, each with its sample."""
    first = FORMS[next(iter(FORMS))]
    age = long["age_hours"].fill_null(USUAL_AGE_HOURS).log10().to_numpy()
    told = pl.col("told_on")
    years = told.dt.year() - 2000.0 + (told.dt.ordinal_day() - 1) / 366.0
    date = long.select(years.fill_null(_USUAL_YEAR).log10()).to_series().to_numpy()
    chips = long["sku"].to_numpy().astype(np.str_)
    return {
        ELAPSED: (replace(runs, log_hours=age), replace(first, hours_knots=_AGE)),
        NEWER_LESS: (replace(runs, log_devices=date), replace(first, device_knots=_YEARS)),
        NEWER_MORE: (replace(runs, log_hours=date), replace(first, hours_knots=_YEARS)),
        CHIP: (replace(runs, generation=chips), first),
        MIDDLE: (
            replace(runs, generation=np.full(len(runs), "all")),
            Form(4.0, 0.7, 0.25, _HOURS[:1], ()),
        ),
    }


def _judged(name: str, errors: Floats, constant: Floats, runs: Sample) -> Tried:
    sizes = np.abs(errors)
    gain = resampled(np.abs(constant) - sizes, runs.group, seed=2)
    return Tried(name, float(np.median(sizes)), float(sizes.mean()), gain)


def siblings(cases: pl.DataFrame) -> Siblings:
    """Foretell each long run from its developer's others on the same kind of chip."""
    pairs = (
        cases.filter(population="published")
        .group_by("owner", "sku")
        .agg(shares=pl.col("share").log10().sort())
        .filter(pl.col("shares").list.len() > 1)
        .sort("owner", "sku")
    )
    errors = [
        (owner, abs(share - float(np.median([*own[:place], *own[place + 1 :]]))))
        for owner, own in pairs.select("owner", "shares").iter_rows()
        for place, share in enumerate(own)
    ]
    owners = np.array([owner for owner, _ in errors], dtype=np.str_)
    sizes = np.array([size for _, size in errors])
    return Siblings(len(errors), pairs.height, resampled(sizes, owners, seed=5, is_median=True))


def doubts(judged: Judged) -> str:
    """Write how the error of long runs goes with how sure their compilers are of the truth."""
    shares = judged.cases["share"].log10().to_numpy()
    told = judged.cases.select(
        confidence=pl.col("confidence").fill_null("not said"),
        own=pl.Series(np.abs(judged.errors)),
        constant=pl.Series(np.abs(shares - np.median(shares))),
        owner=pl.Series(judged.groups),
    )
    lines = [
        "Of published truth, part is in doubt. Whoever compiled the runs said of each how sure it",
        "is, before anything was fitted: whether figures agree, hours hold more than one stage,",
        "tokens are from memory, the chip is in dispute.\n",
        "| confidence in the row | n | median error | of the median of all runs |",
        "|---|---|---|---|",
    ]
    for name in ("high", "medium", "low", "not said"):
        rows = told.filter(confidence=name)
        if rows.is_empty():
            continue
        own, owners = rows["own"].to_numpy(), rows["owner"].to_numpy().astype(np.str_)
        figure = resampled(own, owners, seed=4, is_median=True)
        lines.append(
            f"| {name} | {rows.height} | {figure.estimate:.3f} [{figure.low:.3f}, "
            f"{figure.high:.3f}] | {float(np.median(rows['constant'].to_numpy())):.3f} |"
        )
    return "\n".join(lines) + "\n"


def forms_page(forms: Sequence[Tried], kin: Siblings) -> str:
    """Write the section of the page."""
    lines = [
        "## Other forms for long runs\n",
        "Named before they were fitted, but for the second, whose figure was known; developers",
        "left out; gain over the median of the other developers' runs, as above. The runs are",
        "judged whole here, not hour by hour.\n",
        "| form | median error | mean error | gain |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {each.name} | {each.median_error:.3f} | {each.mean_error:.3f} | "
        f"{each.gain.estimate:.3f} [{each.gain.low:.3f}, {each.gain.high:.3f}] |"
        for each in forms
    ]
    shown = max(sureness(each.gain, 1).least for each in forms)
    sure = sum(each.gain.low > 0.0 for each in forms)
    lines.append(
        f"\nOf {len(forms)} forms {sure or 'none'} gains surely; the largest gain is "
        f"{max(each.gain.estimate for each in forms):.3f}. One of {shown:.3f} or more would\nhave "
        "shown with any of them, in four drawings of five of as many developers.\n\n"
        "How far any form could go: a run foretold by the median of its own developer's other\n"
        "runs on the same chip, which no provider knows, is off by "
        f"{kin.median_error.estimate:.3f}\n[{kin.median_error.low:.3f}, "
        f"{kin.median_error.high:.3f}] in the median ({kin.run_count} runs of {kin.pair_count} "
        "such pairs of developer and chip; few others\ngive a rough median). That much lies in "
        "what nobody sees from outside: the model, its software,\nits pauses. So few runs cannot "
        "tell whether any form reaches the goal.\n"
    )
    return "\n".join(lines)
