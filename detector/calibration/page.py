"""The validation page: every figure with its case count and its 95 % interval, misses included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from detector.calibration.correlation import Correlation
from detector.calibration.fitting import Fitted
from detector.calibration.forms import Siblings, Tried, forms_page
from detector.calibration.judged import Judged, baselines
from detector.calibration.scores import Interval
from detector.calibration.simulated import ACTIVE, EDGE, WORK_IN_8BIT, Assumed, Trial
from detector.calibration.sums import Sums
from detector.calibration.svg import Point, bars, scatter

HEAD: Final = """\
# How well the estimate holds

Written by `trainwatch validate --data DIR --out docs`; the same data give the same page. Every
estimate is made by the product's own code (`features.pipeline.describe`) from usage events made up
for the run: hardware, count and time, as a provider meters them, and nothing else unless said.
No estimate comes from numbers fitted to the run it is judged on: whole developers, submitters or
rounds are left out, and the form of the prior is chosen again without them.

Errors are in log10 of estimate over truth: 0.1 is a factor of 1.26, 0.3 a factor of 2. Intervals
in brackets are 95 %: of errors and gains by drawing whole owners again, of coverages exact
binomial ones, as if runs were independent, which runs of one submitter are not.
"""
DATA: Final = """\
## The runs

- *Published*: training runs with metered device hours whose operations are known without them;
  months, elapsed time with its pauses. Where the accelerator count is not public, 512 is taken.
- *Benchmark*: MLPerf Training runs of language models, minutes to hours, tuned, mostly on 8-bit
  pipes; truth is 6 x parameters x tokens (4 x for LoRA), without attention, 2 to 10 % low.

The rows of published runs have no licence file: only figures over many of them stand here.
"""
MISSED: Final = """\
## What is missed

- Nothing that a provider sees of a published run tells much of its share of the peak: age, count
  and generation explain little of it. The median error misses the goal of 0.12, and against a
  constant near 0.26, or 0.30, the prior gains nothing that its interval tells from none; what it
  adds is the interval, and one figure that holds for short and for long runs alike.
- A round of benchmarks that nothing of its year was fitted to is under-estimated by about an
  eighth: software improves faster than the table. Fit again each year.
- Short work of ordinary tenants at 16 bit does less than tuned benchmarks: throughput tables of an
  open training stack show 0.30 to 0.46 of the peak of an H100, where the prior of short runs
  expects 0.45 to 0.75. It is over-counted, for its first 8 hours. The low end of short runs reaches
  down to it, and the ends reach as far as rounds that were left out lay from the line, either way:
  so the interval holds more than 90 % of tuned runs. Only three rounds are at hand.
- After two days the prior is that of elapsed time with its pauses. A small training that runs for
  days without one, as the best rows of those tables do, lies above the high end.
- Two published runs speak for Blackwell in long runs, both sparse models of its first year. Their
  share is low and is believed by a third: the effect of n runs of a generation counts by about
  n / (n + 4), though a weaker draw would fit the runs at hand better (median error 0.125). What the
  newest chips do must not be under-counted on the word of two.
- Power was metered on four configurations of one vendor and one generation. It lowers the mean
  error and that of three of them; the median over runs is that of one configuration and rises.
  How much more a device does that draws more power rests on what physics allows as much as on them.
- Counters were never public: that part is simulated. They read what pipes executed and tell
  nothing of recomputation: it is all or nothing in most measured runs, so every one figure is off
  by a seventh or more in one half of them or in the other, and the algorithmic error cannot meet
  the goal of 10 %. The hardware figure is what counters can be held to.
- A tensor counter that reads nothing leaves the prior and the other figures: its error is theirs.
  It is not believed at rest on a device in use, or under more than idle power; work that uses no
  matrix pipe and no other is then over-counted.
"""


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
    assumed: Assumed
    simulated: Sequence[Trial]


def render(found: Findings) -> dict[str, str]:
    """Give the page and its plots, by file name."""
    sections = [
        HEAD,
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
        forms_page(found.forms, found.siblings),
        "## With wall power\n",
        "The metered benchmark runs, their submitters and namesakes left out of the prior, their\n"
        "own configuration left out of the response to power.\n",
        _scores([("device time", found.without_power), ("and wall power", found.with_power)]),
        _power_gain(found),
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


def _constants(found: Findings) -> str:
    lines = ["| runs | constant | median error | mean error | gain |", "|---|---|---|---|---|"]
    cases = [
        ("published", found.published),
        ("benchmark, submitter", found.by_submitter),
        ("benchmark, round", found.by_round),
    ]
    for name, judged in cases:
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
    return (
        f"The mean error falls by {less.mean():.3f} over {len(less)} runs of {len(means)} "
        f"configurations ({told} by configuration; above 0 power helps).\n"
        "By themselves these configurations say that the share of the peak grows with busy power "
        "by an\n"
        f"exponent of {response.measured:.2f}, standard error {response.error:.2f}. Before any, 0 "
        "(power tells nothing) to 1 (in proportion) is held\n"
        "possible. Both weigh by their precision: "
        f"{response.slope:.2f} is used. Hearing only what is sure of the slope, which is\n"
        "nothing, was tried as well: it leaves every error as it is.\n"
    )


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
        "  with their activity. House figures: no series of such counters is public.\n",
        "| telemetry | n | hardware: median error | within 10 % | algorithmic: median error "
        "| bias | 90 % interval holds | high/low |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for t in trials:
        lines.append(
            f"| {t.name} | {t.score.case_count} | {_percent(t.executed)} | {t.within:.0%} | "
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
