"""All measured runs to the numbers of the prior; the same cases give the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detector.calibration.cases import Floats, Sample, sample
from detector.calibration.choice import choose, residuals
from detector.calibration.correlation import Correlation, correlation
from detector.calibration.power import Response, board_power, fit_power, wall_power
from detector.calibration.regression import Form, Line, fit
from detector.calibration.tuned import with_tuned
from detector.calibration.widths import Widths, rounds_width, widths
from features.prior import Band, Prior, Regime

#: Runs up to a working day are young, from two days on old: no case lies between.
YOUNG_UNTIL_HOURS: Final = 8.0
OLD_FROM_HOURS: Final = 48.0
#: What the widest pipes a share is counted on can reach: the 16-bit peak for the expected share,
#: three quarters of the 8-bit one, twice as wide, for the high bound.
CEILING: Final = 0.9
HIGH_CEILING: Final = 1.5
#: Forms that cross-validation chooses between. A generation's effect is drawn to nothing by four
#: cases or more, though weaker draws do better on the cases at hand: they gain by generations of
#: two or three developers, and the newest chips, which must not be under-counted, are such a one.
OLD_FORMS: Final = tuple(Form(4.0, curve, 0.6, (1e4, 1e5, 1e6, 1e7), ()) for curve in (0.7, 2.0))
YOUNG_FORMS: Final = tuple(
    Form(generation, 0.5, 0.4, (20.0, 200.0, 2000.0), (4.0, 64.0, 1024.0, 10000.0))
    for generation in (4.0, 8.0, 25.0)
)
#: What a claimed precision does to the share before any case: half the peak at 32 bit, a
#: sixteenth at 64 (drawn in), and a part of the wider peak at 8 and 4 bit. log10.
STATED_BEFORE: Final = {4: 0.10, 8: 0.10, 32: -0.30, 64: -1.0}
#: The claim's effect is drawn to that by so many cases.
STATED_CASES: Final = 3.0
#: The tensor pipes also execute attention and embedding work that 6 x parameters x tokens leaves
#: out: the least share of executed operations is so much less again.
UNCOUNTED_WORK: Final = 0.92
#: Peaks are at boost clock and for whole tiles; a pipe that is busy does this much of it at the
#: least and in the middle: clocks fall under load, edges of matrices leave a tile half full. A
#: published check of tensor pipe activity against known work multiplies it by the clock at hand
#: and takes tiles off (arXiv:2605.20799); A100s in HPL runs hold 1305 of their 1410 MHz.
PIPE_LEAST: Final = 0.88
PIPE_MIDDLE: Final = 0.94


@dataclass(frozen=True)
class Fitted:
    """The prior and what stands behind it: counts, forms chosen, correlations with intervals."""

    prior: Prior
    old_form: Form
    young_form: Form
    old_count: int
    young_count: int
    response: Response
    between_models: Correlation
    between_systems: Correlation
    within_system: Correlation


def fit_prior(
    cases: pl.DataFrame, powered: pl.DataFrame, ratios: pl.DataFrame, pauses: pl.DataFrame
) -> Fitted:
    """Fit the prior to CASES of all populations.

    ``powered``: (case_id, power_ratio), mean wall power over rated power. ``ratios``: (source,
    algorithmic), measured algorithmic over executed operations, a row a run. ``pauses``: (owner,
    ``pause_ratio``), the rate over billed hours over that in step, of long runs.
    """
    old = cases.filter(population="published")
    young = cases.filter(population="benchmark")
    ordinary = cases.filter(population="ordinary")
    old_form = choose(sample(old), OLD_FORMS)
    young_form = choose(sample(young), YOUNG_FORMS)
    old_line, young_line = fit(sample(old), old_form), fit(sample(young), young_form)
    old_errors = errors_by(old, old_form, "group")
    by_owner = errors_by(young, young_form, "owner")
    response = power_response(young, by_owner, powered, noise_of(young, by_owner))
    wall = wall_power(response)
    kin = _correlations(old, old_errors, young, by_owner)
    prior = Prior(
        young=regime(young_line, young_widths(young, young_line, ordinary)),
        old=regime(old_line, widths_of(old_errors, sample(old))),
        young_until_hours=YOUNG_UNTIL_HOURS,
        old_from_hours=OLD_FROM_HOURS,
        stated_bits=_stated(old, old_errors),
        service_classes={},
        ceiling=CEILING,
        high_ceiling=HIGH_CEILING,
        algorithmic=algorithmic_band(ratios),
        executed_ratio=PIPE_MIDDLE,
        board=board_power(wall),
        wall=wall,
        rho_tenant=min(1.0, kin[2].estimate),
        rho_owner=min(1.0, max(kin[0].high, kin[1].high)),
    )
    prior = with_tuned(prior, young, pauses)
    return Fitted(
        prior, old_form, young_form, old.height, young.height, response, kin[0], kin[1], kin[2]
    )


def errors_by(cases: pl.DataFrame, form: Form, column: str) -> Floats:
    """Give log10(measured / expected), each value of ``column`` left out in turn."""
    return residuals(grouped(cases, column), form, None)


def grouped(cases: pl.DataFrame, column: str) -> Sample:
    """Give the sample with the values of ``column`` as what is left out together."""
    groups: NDArray[np.str_] = cases[column].to_numpy().astype(np.str_)
    return replace(sample(cases), group=groups)


def young_widths(cases: pl.DataFrame, line: Line, ordinary: pl.DataFrame) -> Widths:
    """Take the widest of what left out submitters, left out rounds and ordinary work show.

    A provider meets new submitters every day and a new round of hardware and software each year,
    and most of its tenants are none of the tuned: the low end reaches the least of the ``ordinary``
    runs, of which the line has seen none.
    """
    runs = sample(cases)
    found = widths_of(errors_by(cases, line.form, "group"), runs)
    either = rounds_width(errors_by(cases, line.form, "round"), runs.generation, runs.weight)
    least = _least_below(line, ordinary, found)
    return replace(found, below=max(found.below, either, least), above=max(found.above, either))


def _least_below(line: Line, ordinary: pl.DataFrame, width: Widths) -> float:
    """Give how far below the line the least of the ordinary runs lies, in widths of the known."""
    runs = sample(ordinary)
    known = [name for name in line.generations if name not in width.few]
    spread = np.where(np.isin(runs.generation, known), 1.0, width.unknown_spread)
    return float(np.max((line.predict(runs) - runs.log_share) / spread, initial=0.0))


def widths_of(errors: Floats, runs: Sample) -> Widths:
    """Measure the interval on residuals in the order of the sample."""
    return widths(errors, runs.generation, runs.weight)


def regime(line: Line, width: Widths) -> Regime:
    """Give the product's terms of a line and its interval."""
    return Regime(
        centre=line.centre,
        generations=line.generations,
        device_hours=line.device_hours_curve(),
        devices=line.devices_curve(),
        below=width.below,
        above=width.above,
        few=width.few,
        unknown_spread=width.unknown_spread,
    )


def power_response(
    cases: pl.DataFrame, errors: Floats, powered: pl.DataFrame, noise: float
) -> Response:
    """Fit the response to wall power on one mean a configuration."""
    means = power_means(cases, errors, powered)
    return fit_power(means["error"].to_numpy(), means["power_ratio"].to_numpy(), noise)


def noise_of(cases: pl.DataFrame, errors: Floats) -> float:
    """Give the standard deviation of the mean errors of configurations."""
    means = cases.select("configuration", error=pl.Series(errors)).group_by("configuration").mean()
    return float(np.std(means["error"].sort().to_numpy()))


def power_means(cases: pl.DataFrame, errors: Floats, powered: pl.DataFrame) -> pl.DataFrame:
    """Give (configuration, error, power_ratio) of the cases whose power was metered."""
    return (
        cases.with_columns(error=pl.Series(errors))
        .join(powered, on="case_id", how="inner")
        .group_by("configuration")
        .agg(pl.col("error", "power_ratio").mean())
        .sort("configuration")
    )


def algorithmic_band(ratios: pl.DataFrame) -> Band:
    """Give the algorithmic share of executed operations: every source weighs one."""
    means = ratios.group_by("source").agg(pl.col("algorithmic").mean())["algorithmic"]
    least = ratios["algorithmic"].quantile(0.05)
    low = (0.0 if least is None else float(least)) * UNCOUNTED_WORK * PIPE_LEAST
    return Band(low, float(np.mean(means.to_numpy())) * PIPE_MIDDLE, 1.0)


def _stated(cases: pl.DataFrame, errors: Floats) -> dict[int, float]:
    bits = cases["stated_bits"].to_numpy()
    effects = {}
    for claimed, before in STATED_BEFORE.items():
        own = errors[bits == claimed]
        total = float(np.sum(own)) + STATED_CASES * before
        effects[claimed] = total / (len(own) + STATED_CASES)
    return effects


def _correlations(
    old: pl.DataFrame, old_errors: Floats, young: pl.DataFrame, young_errors: Floats
) -> Sequence[Correlation]:
    """Between models of a developer, systems of a submitter, and repeats on one system."""
    models = correlation(
        old_errors, old["owner"].to_list(), old["case_id"].to_list(), is_same_part=False, seed=1
    )
    owners, systems = young["owner"].to_list(), young["configuration"].to_list()
    return (
        models,
        correlation(young_errors, owners, systems, is_same_part=False, seed=2),
        correlation(young_errors, owners, systems, is_same_part=True, seed=3),
    )
