"""``trainwatch validate``: how well the estimate holds on measured runs, as a page with plots."""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from detector.calibration.crossed import without_configurations, without_developers, without_values
from detector.calibration.fitting import fit_prior
from detector.calibration.forms import siblings, tried
from detector.calibration.judged import Judged, judge
from detector.calibration.mixed import mixed
from detector.calibration.page import Findings, render
from detector.calibration.paired import pairs
from detector.calibration.simulated import assumed, trials
from detector.calibration.sums import PORTFOLIO_RUNS, Sums, by_owner, portfolios, sums_of
from detector.calibration.tuned import held
from detector.correlated import Correlations
from features.compute import Catalogue
from features.prior import Prior
from streams.calibration_data import Measured, read_measured
from streams.command_line import Adder
from streams.export import prepare, write_whole
from streams.packaged import build_meaning
from streams.terminal import console, show_text


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("validate")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="measured runs")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="page and plots")
    parser.set_defaults(command=_validate)


def _validate(chosen: argparse.Namespace) -> int:
    catalogue = build_meaning([]).catalogue
    measured = read_measured(chosen.data, catalogue.accelerators)
    prepare(chosen.out)
    found = findings(measured, catalogue)
    files = render(found)
    for name, text in sorted(files.items()):
        write_whole(chosen.out / name, [text.encode()])
    judged = found.fitted.old_count + found.fitted.young_count
    show_text(console(), f"{chosen.out / 'validation.md'}: {judged} runs")
    return 0


def findings(measured: Measured, catalogue: Catalogue) -> Findings:
    """Judge the product on every run, by priors that did not see it."""
    fitted = fit_prior(measured.cases, measured.powered, measured.ratios, measured.pauses)
    base = fitted.prior
    long = measured.cases.filter(population="published")
    short = measured.cases.filter(population="benchmark")
    ordinary = measured.cases.filter(population="ordinary")
    published = judge(without_developers(long, short, measured.pauses, base), catalogue)
    by_submitter = judge(without_values(short, ordinary, base, "owner"), catalogue)
    by_round = judge(without_values(short, ordinary, base, "round"), catalogue)
    alone, powered = _with_power(short, ordinary, measured.powered, base, catalogue)
    drawn = assumed(measured.cases, measured.ratios["algorithmic"], catalogue.accelerators)
    return Findings(
        fitted,
        published,
        by_submitter,
        by_round,
        alone,
        powered,
        _sums(published, by_submitter, by_round, base),
        tried(measured.cases),
        siblings(measured.cases),
        held(short, measured.pauses, base, catalogue),
        drawn,
        trials(catalogue, drawn),
        mixed(judge([(ordinary, base)], catalogue), by_round),
        pairs(measured.paced, base),
    )


def _with_power(
    short: pl.DataFrame,
    ordinary: pl.DataFrame,
    powered: pl.DataFrame,
    base: Prior,
    catalogue: Catalogue,
) -> tuple[Judged, Judged]:
    """Judge the metered runs without and with their wall power."""
    folds = list(without_configurations(short, ordinary, powered, base))
    rated = catalogue.accelerators.unique("sku").select("sku", "tdp_w")
    metered = [
        (
            cases.join(rated, on="sku", how="left").with_columns(
                power_w=pl.col("power_ratio") * pl.col("tdp_w")
            ),
            prior,
        )
        for cases, prior in folds
    ]
    return judge(folds, catalogue), judge(metered, catalogue)


def _sums(published: Judged, by_submitter: Judged, by_round: Judged, prior: Prior) -> list[Sums]:
    kin = Correlations(prior.rho_tenant, prior.rho_owner)
    found = [
        sums_of("a developer's published runs", by_owner(published), kin),
        sums_of("a submitter's benchmark runs, submitter left out", by_owner(by_submitter), kin),
        sums_of("a submitter's benchmark runs, round left out", by_owner(by_round), kin),
    ]
    return found + [
        sums_of(f"published runs of {size} developers, drawn", portfolios(published, size, 7), kin)
        for size in PORTFOLIO_RUNS
    ]
