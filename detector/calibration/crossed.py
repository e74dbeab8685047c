"""Priors that have not seen what they are judged on: whole groups of runs left out in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from detector.calibration.cases import sample
from detector.calibration.choice import choose, folds_of
from detector.calibration.fitting import (
    OLD_FORMS,
    YOUNG_FORMS,
    errors_by,
    noise_of,
    power_response,
    regime,
    widths_of,
    young_widths,
)
from detector.calibration.power import board_power, wall_power
from detector.calibration.regression import fit
from detector.calibration.tuned import with_tuned
from features.prior import Prior, Regime


def old_regime(cases: pl.DataFrame) -> Regime:
    """Fit the regime of long runs to CASES, form and interval chosen within them."""
    runs = sample(cases)
    form = choose(runs, OLD_FORMS)
    return regime(fit(runs, form), widths_of(errors_by(cases, form, "group"), runs))


def young_regime(cases: pl.DataFrame, ordinary: pl.DataFrame) -> Regime:
    """Fit the regime of short runs to CASES, form and interval chosen within them."""
    line = fit(sample(cases), choose(sample(cases), YOUNG_FORMS))
    return regime(line, young_widths(cases, line, ordinary))


def without_developers(
    cases: pl.DataFrame, short: pl.DataFrame, pauses: pl.DataFrame, base: Prior
) -> Iterator[tuple[pl.DataFrame, Prior]]:
    """Give the long runs of each developer with a prior that saw none of that developer's.

    ``short``: CASES of benchmark runs, ``pauses`` as in ``fit_prior``; what tuned work does is told
    without submitters of the developer's name too.
    """
    submitters = short["owner"].unique().to_list()
    for out in folds_of(cases["group"].to_numpy().astype(np.str_), None):
        owners = cases.filter(out)["owner"].unique().to_list()
        kin = _namesakes(submitters, owners)
        prior = replace(base, old=old_regime(cases.filter(~out)))
        others = pauses.filter(~pl.col("owner").is_in(owners))
        yield (
            cases.filter(out),
            with_tuned(prior, short.filter(~pl.col("owner").is_in(kin)), others),
        )


def without_values(
    cases: pl.DataFrame, ordinary: pl.DataFrame, base: Prior, column: str
) -> Iterator[tuple[pl.DataFrame, Prior]]:
    """Give the short runs of each value of ``column`` with a prior that saw none of them."""
    for out in folds_of(cases[column].to_numpy().astype(np.str_), None):
        yield cases.filter(out), replace(base, young=young_regime(cases.filter(~out), ordinary))


def without_configurations(
    cases: pl.DataFrame, ordinary: pl.DataFrame, powered: pl.DataFrame, base: Prior
) -> Iterator[tuple[pl.DataFrame, Prior]]:
    """Give the runs of each metered configuration, with a prior and a power response without it.

    The regime is fitted without all submitters whose power is metered and their namesakes (a name
    that begins alike); the response to power without the one configuration.
    """
    metered = cases.join(powered, on="case_id", how="inner")
    names = metered["owner"].unique().sort().to_list()
    kin = _namesakes(cases["owner"].unique().to_list(), names)
    seen = cases.filter(~pl.col("owner").is_in(kin))
    young = young_regime(seen, ordinary)
    form = choose(sample(seen), YOUNG_FORMS)
    line = fit(sample(seen), form)
    runs = sample(metered)
    errors = runs.log_share - line.predict(runs)
    noise = noise_of(seen, errors_by(seen, form, "owner"))
    for name in metered["configuration"].unique().sort().to_list():
        out = (metered["configuration"] == name).to_numpy()
        rest = metered.filter(~out).drop("power_ratio")
        wall = wall_power(power_response(rest, errors[~out], powered, noise))
        yield (
            metered.filter(out),
            replace(base, young=young, wall=wall, board=board_power(wall)),
        )


def _namesakes(owners: Sequence[str], names: Sequence[str]) -> list[str]:
    """Give the owners whose name shares its first word with one of ``names``."""
    first = {name.split("-")[0].split("_")[0].lower() for name in names}
    return sorted(o for o in owners if o.split("-")[0].split("_")[0].lower() in first)
