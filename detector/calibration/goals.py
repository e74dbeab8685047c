"""What was asked of the estimate, what was found, and whether that meets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import numpy as np

from detector.calibration.judged import Judged, baselines
from detector.calibration.scores import Interval
from detector.calibration.simulated import Trial

#: Asked of the median |log10 error|: long runs, short runs, and executed operations (10 %).
LONG_ERROR: Final = 0.12
SHORT_ERROR: Final = 0.10
COUNTED_ERROR: Final = log10(1.1)
#: What an interval called one of 90 % should hold, and how wide it may be in the middle.
COVERED: Final = 0.9
RATIO: Final = 6.0


@dataclass(frozen=True)
class Goal:
    """One line: what is judged, on how many runs, what was asked, what was found, a verdict."""

    what: str
    count: int
    asked: str
    found: str
    verdict: str


def goals(
    long: Judged,
    short: Sequence[tuple[str, Judged]],
    power: tuple[Judged, Judged],
    simulated: Sequence[Trial],
) -> list[Goal]:
    """Hold every goal against what was found.

    ``short``: benchmark runs by what was left out of their prior. ``power``: the same runs without
    and with wall power.
    """
    found = [_error("published runs", long, LONG_ERROR), _coverage("published runs", long)]
    found += [_ratio("published runs", long), *_gains("published runs", long)]
    for name, judged in short:
        found += [_error(name, judged, SHORT_ERROR), _coverage(name, judged)]
        found += _gains(name, judged)
    found += _power(*power)
    return found + _counters(simulated)


def _verdict(*, is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _error(name: str, judged: Judged, most: float) -> Goal:
    figure = judged.score().median_error
    return Goal(
        f"{name}: median error",
        len(judged.errors),
        f"at most {most:.2f}",
        _of(figure),
        _verdict(is_met=figure.estimate <= most),
    )


def _coverage(name: str, judged: Judged) -> Goal:
    figure = judged.score().coverage
    return Goal(
        f"{name}: 90 % interval holds",
        len(judged.errors),
        "90 % within 95 % bounds",
        _of(figure),
        covers(figure),
    )


def covers(coverage: Interval) -> str:
    """Say whether an interval holds what it says: too much is a miss too, on the safe side."""
    if coverage.low > COVERED:
        return "**missed**: holds more"
    return _verdict(is_met=coverage.high >= COVERED)


def _ratio(name: str, judged: Judged) -> Goal:
    ratio = judged.score().ratio
    return Goal(
        f"{name}: high over low",
        len(judged.errors),
        f"at most {RATIO:.0f}",
        f"{ratio:.1f}",
        _verdict(is_met=ratio <= RATIO),
    )


def _gains(name: str, judged: Judged) -> list[Goal]:
    return [
        Goal(
            f"{name}: better than {line.name}",
            len(judged.errors),
            "gain surely above 0",
            _of(line.gain),
            _verdict(is_met=line.gain.low > 0.0),
        )
        for line in baselines(judged)
    ]


def _power(alone: Judged, both: Judged) -> list[Goal]:
    """Judge wall power on the same runs: over runs, and over configurations, each weighing one."""
    found = []
    for what, columns in (("runs", ["case_id"]), ("configurations", ["configuration"])):
        before, after = (float(np.median(judged.mean_errors(columns))) for judged in (alone, both))
        found.append(
            Goal(
                f"wall power beside device time, over {what}: median error",
                len(both.mean_errors(columns)),
                "smaller than without",
                f"{before:.3f} without, {after:.3f} with",
                _verdict(is_met=after < before),
            )
        )
    return found


def _counters(trials: Sequence[Trial]) -> list[Goal]:
    """Judge operations way by way, and the interval where it holds least."""
    found = [_counted(trial, "hardware operations", trial.executed) for trial in trials]
    own = trials[0].score.median_error
    found.append(_counted(trials[0], "the AI model's own operations", own))
    least = min((trial.score for trial in trials), key=lambda each: each.coverage.estimate)
    name = "made-up runs, where it holds least: 90 % interval holds"
    count, coverage = least.case_count, least.coverage
    return [*found, Goal(name, count, "90 % within 95 % bounds", _of(coverage), covers(coverage))]


def _counted(trial: Trial, operations: str, error: Interval) -> Goal:
    each = (error.estimate, error.low, error.high)
    middle, low, high = (f"{10**value - 1.0:.1%}" for value in each)
    return Goal(
        f"made-up runs, {trial.name}: median error of {operations}",
        trial.score.case_count,
        "at most 10 %",
        f"{middle} [{low}, {high}]",
        _verdict(is_met=error.estimate <= COUNTED_ERROR),
    )


def _of(figure: Interval) -> str:
    return f"{figure.estimate:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def goals_page(found: Sequence[Goal], long: Judged, short: Judged) -> str:
    """Write what holds, in words and as a table."""
    met = sum(goal.verdict == "met" for goal in found)
    lines = [
        "## What holds\n",
        *(_in_words(name, judged) for name, judged in (("months", long), ("hours", short))),
        "",
        f"Of {len(found)} goals {met} are met. An interval that holds more than it says counts as",
        "missed: it errs on the safe side, and is wider than need be. Errors and gains in log10.\n",
        "| goal | n | asked | found | |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {g.what} | {g.count} | {g.asked} | {g.found} | {g.verdict} |" for g in found]
    return "\n".join(lines) + "\n"


def _in_words(name: str, judged: Judged) -> str:
    told = judged.score()
    held = round(told.coverage.estimate * told.case_count)
    factor = 10**told.median_error.estimate
    return (
        f"- Runs of {name}, known by hardware, count and time alone: the interval held the truth "
        f"in\n  {held} of {told.case_count}; {told.below_count} lay below it and "
        f"{told.above_count} above. The expected figure was off by a factor of\n  {factor:.2f} in "
        f"the middle of them, and the high end stood at {told.ratio:.1f} times the low one."
    )
