"""The validation page: every figure with its case count and its 95 % interval, misses included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.cases import Floats
from detector.calibration.correlation import Correlation
from detector.calibration.fitting import Fitted
from detector.calibration.forms import Siblings, Tried, doubts, forms_page
from detector.calibration.goals import Goal, goals, goals_page
from detector.calibration.judged import Judged, baselines
from detector.calibration.mixed import Mixed, mixed_page
from detector.calibration.paired import Pair, pairs_page
from detector.calibration.scores import Interval
from detector.calibration.simulated import (
    ACTIVE,
    BOARD_SPREAD,
    EDGE,
    NODES,
    WORK_IN_8BIT,
    Assumed,
    Trial,
)
from detector.calibration.sums import Sums
from detector.calibration.sureness import sureness_page
from detector.calibration.svg import Point, bars, scatter
from detector.calibration.tuned import Held, tuned_page
from detector.calibration.words import DATA, HEAD, MISSED

#: An interval with a larger ratio has no low end to speak of.
BOUNDLESS: Final = 1e6


@dataclass(frozen=True)
class Findings:
    """All that the page tells."""

    fitted: Fitted
    published: Judged
    by_submitter: Judged
    by_round: Judged
    without_power: Judged
    with_power: Judged
    sums: Sequence[Sums]
    forms: Sequence[Tried]
    siblings: Siblings
    tuned: Sequence[Held]
    assumed: Assumed
    simulated: Sequence[Trial]
    mixed: Sequence[Mixed]
    pairs: Sequence[Pair]


def render(found: Findings) -> dict[str, str]:
    """Give the page and its plots, by file name."""
    sections = [
        HEAD,
        goals_page(_goals(found), found.published, found.by_submitter),
        DATA,
        "## Device time alone\n",
        _scores(
            [
                ("published, developer left out", found.published),
                ("benchmark, submitter left out", found.by_submitter),
                ("benchmark, round left out", found.by_round),
            ]
        ),
        "![Published runs](validation-published.svg)\n",
        "![Benchmark runs](validation-benchmark.svg)\n",
        "![Residuals by generation](validation-generations.svg)\n",
        "## Against a constant share of the 16-bit peak\n",
        "Gain: mean of the constant's |error| less the prior's, on the same runs; above 0 the\n"
        "prior is better, and surely so where the interval excludes 0.\n",
        _constants(found),
        sureness_page(_against(found)),
        forms_page(found.forms, found.siblings),
        doubts(found.published),
        tuned_page(found.tuned),
        mixed_page(found.mixed),
        "## With wall power\n",
        "The metered benchmark runs, their submitters and namesakes left out of the prior, their\n"
        "own configuration left out of the response to power.\n",
        _scores([("device time", found.without_power), ("and wall power", found.with_power)]),
        _power_gain(found),
        pairs_page(found.pairs),
        "## Sums\n",
        _sums(found),
        "## Simulated telemetry with counters\n",
        _simulated(found.assumed, found.simulated),
        MISSED,
    ]
    return {
        "validation.md": "\n".join(sections),
        "validation-published.svg": _plot("Published runs", found.published),
        "validation-benchmark.svg": _plot("Benchmark runs", found.by_submitter),
        "validation-generations.svg": _residuals(found),
    }


def _goals(found: Findings) -> list[Goal]:
    short = [
        ("benchmark runs, submitter left out", found.by_submitter),
        ("benchmark runs, round left out", found.by_round),
    ]
    power = (found.without_power, found.with_power)
    return goals(found.published, short, power, found.simulated)


def _scores(rows: Sequence[tuple[str, Judged]]) -> str:
    lines = [
        "| runs | n | owners | median error | bias | 90 % interval holds | below | above "
        "| high/low |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, judged in rows:
        s = judged.score()
        lines.append(
            f"| {name} | {s.case_count} | {s.group_count} | {_of(s.median_error)} | "
            f"{s.bias:+.3f} | {_of(s.coverage)} | {s.below_count} | {s.above_count} | "
            f"{s.ratio:.1f} |"
        )
    return "\n".join(lines) + "\n"


def _against(found: Findings) -> list[tuple[str, Judged]]:
    return [
        ("published", found.published),
        ("benchmark, submitter", found.by_submitter),
        ("benchmark, round", found.by_round),
    ]


def _constants(found: Findings) -> str:
    lines = ["| runs | constant | median error | mean error | gain |", "|---|---|---|---|---|"]
    for name, judged in _against(found):
        own = np.abs(judged.errors)
        lines.append(f"| {name} | the prior | {np.median(own):.3f} | {own.mean():.3f} | |")
        lines += [
            f"| {name} | {b.name} | {b.median_error:.3f} | {b.mean_error:.3f} | {_of(b.gain)} |"
            for b in baselines(judged)
        ]
    return "\n".join(lines) + "\n"


def _power_gain(found: Findings) -> str:
    response = found.fitted.response
    less = np.abs(found.without_power.errors) - np.abs(found.with_power.errors)
    names = found.with_power.cases["configuration"].to_list()
    means = [float(less[[n == each for n in names]].mean()) for each in sorted(set(names))]
    told = ", ".join(f"{mean:+.3f}" for mean in means)
    one = ["configuration"]
    alone, both = (judged.mean_errors(one) for judged in (found.without_power, found.with_power))
    return (
        f"The mean error falls by {less.mean():.3f} over {len(less)} runs of {len(means)} "
        f"configurations ({told} by configuration; above 0 power helps).\n"
        "Repeats of one system teach nothing new: where each configuration weighs one, the median "
        "of |error|\n"
        f"goes from {np.median(alone):.3f} to {np.median(both):.3f} and the mean from "
        f"{alone.mean():.3f} to {both.mean():.3f}; the gain of {(alone - both).mean():.3f} has a "
        f"standard error of {_standard_error(alone - both):.3f}.\n"
        "By themselves these configurations say that the share of the peak grows with busy power "
        "by an\n"
        f"exponent of {response.measured:.2f}, standard error {response.error:.2f}. Before any, 0 "
        "(power tells nothing) to 1 (in proportion) is held\n"
        "possible. Both weigh by their precision: "
        f"{response.slope:.2f} is used. Hearing only what is sure of the slope, which is\n"
        "nothing, was tried as well: it leaves every error as it is.\n"
    )


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _sums(found: Findings) -> str:
    prior = found.fitted.prior
    fit = found.fitted
    lines = [
        "Correlation of errors of two runs, with its 95 % interval:\n",
        f"- repeats on one benchmark system: {_kin(fit.within_system)}",
        f"- systems of one submitter: {_kin(fit.between_systems)}",
        f"- models of one developer: {_kin(fit.between_models)}\n",
        f"Used, on the safe side: {prior.rho_tenant:.2f} between workloads of one tenant (they may"
        f" repeat one configuration), {prior.rho_owner:.2f} between tenants of one owner.\n",
        "| sums | n | 90 % interval holds | below | above | high/low | if all errors were one |",
        "|---|---|---|---|---|---|---|",
    ]
    for s in found.sums:
        lines.append(
            f"| {s.name} | {s.count} | {_of(s.coverage)} | {s.below_count} | {s.above_count} | "
            f"{s.ratio:.1f} | {s.plain_ratio:.1f} |"
        )
    lines.append(
        "\nDrawn portfolios share runs, so their intervals are too narrow; they show the size only."
    )
    return "\n".join(lines) + "\n"


def _simulated(drawn: Assumed, trials: Sequence[Trial]) -> str:
    lines = [
        "Executed operations are made from step times; telemetry is read off them with noise. The",
        "truth never passes through the estimator's formulas, and the runs of this page were drawn",
        "once, after all was chosen on others. Counters count what pipes execute, so *hardware",
        "operations* are held against what was executed, *algorithmic* ones against the AI model's",
        "own part of it. What is assumed, and from where:\n",
        f"- 8-bit training: {drawn.stated_8bit_ratio:.0%} of runs on chips that have an 8-bit pipe,"
        " as published runs on such",
        f"  chips state; {WORK_IN_8BIT[0]:.0%} to {WORK_IN_8BIT[1]:.0%} of their operations at 8 "
        "bit: the least that the speed-up of a whole",
        "  step in an open training stack (1.16 to 1.36) needs, and all but attention and last "
        "layer.",
        f"- recomputation: drawn from the {len(drawn.recomputed)} measured MFU over HFU: "
        f"{_few(drawn.recomputed)} of them below 0.9, nearly all",
        "  0.75 (everything computed again), the others 1. Half are models below 7 billion "
        "parameters.",
        f"- pipes work {ACTIVE[0]:.0%} to {ACTIVE[1]:.0%} of the time and do {EDGE[0]:.0%} to "
        f"{EDGE[1]:.0%} of their peak then; power grows evenly",
        f"  with their activity, by boards that differ by {BOARD_SPREAD:.0%}. House figures: no",
        "  series of such counters is public.",
        f"- a run is {NODES} nodes in step, each metered by itself.\n",
        "| telemetry | n | hardware: median error | bias | within 10 % | algorithmic: median error "
        "| bias | 90 % interval holds | high/low |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for t in trials:
        lines.append(
            f"| {t.name} | {t.score.case_count} | {_percent(t.executed)} | "
            f"{t.executed_bias:+.3f} | {t.within:.0%} | "
            f"{_percent(t.score.median_error)} | {t.score.bias:+.3f} | {_of(t.score.coverage)} | "
            f"{_times(t.score.ratio)} |"
        )
    return "\n".join(lines) + "\n"


def _few(recomputed: pl.Series) -> int:
    return int((recomputed < 0.9).sum())


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < BOUNDLESS else "low is 0"


def _percent(error: Interval) -> str:
    low, middle, high = (10**v - 1.0 for v in (error.low, error.estimate, error.high))
    return f"{middle:.1%} [{low:.1%}, {high:.1%}]"


def _of(figure: Interval) -> str:
    return f"{figure.estimate:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _kin(found: Correlation) -> str:
    return f"{found.estimate:.2f} [{found.low:.2f}, {found.high:.2f}], {found.owner_count} owners"


def _plot(title: str, judged: Judged) -> str:
    columns = ("operations", "expected", "low", "high", "generation")
    points = [Point(*row) for row in judged.cases.select(columns).iter_rows()]
    return scatter(title, "operations known", "operations estimated, 90 % interval", points)


def _residuals(found: Findings) -> str:
    rows = []
    for name, judged in (("long", found.published), ("short", found.by_submitter)):
        generations = judged.cases["generation"].to_numpy()
        for each in sorted(set(generations.tolist())):
            own = judged.errors[generations == each]
            low, middle, high = np.quantile(own, [0.05, 0.5, 0.95])
            rows.append((f"{each}, {name} ({len(own)})", float(middle), float(low), float(high)))
    return bars(
        "Residuals by generation",
        "log10(estimate / known): median, 5 % to 95 %; above 0 over-estimates",
        rows,
    )
