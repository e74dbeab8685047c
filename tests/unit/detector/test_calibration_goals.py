"""The table of goals: what was asked beside what was found, misses as misses."""

from __future__ import annotations

import polars as pl
import pytest

from detector.calibration.cases import CASES
from detector.calibration.goals import covers, goals, goals_page
from detector.calibration.judged import Judged
from detector.calibration.scores import Interval, Score
from detector.calibration.simulated import Trial

NOTHING = Interval(0.0, 0.0, 0.0)


def judged(factors: list[float], width: float) -> Judged:
    """Give runs whose estimate is so many times the truth, at a little over half of the peak."""
    rows = [
        dict.fromkeys(CASES)
        | {
            "case_id": f"run-{n}",
            "configuration": f"system-{n % 2}",
            "owner": f"owner-{n}",
            "group": f"owner-{n}",
            "operations": 1e20,
            "share": 0.5234,
        }
        for n in range(len(factors))
    ]
    expected = pl.Series("expected", factors) * 1e20
    return Judged(
        pl.DataFrame(rows, schema=CASES).with_columns(
            low=expected / width, expected=expected, high=expected * width
        )
    )


def trial(name: str, error: float, coverage: Interval) -> Trial:
    found = Score(200, 200, Interval(0.1, 0.0, 0.2), 0.0, coverage, 0, 0, 3.0)
    return Trial(name, Interval(error, error, error), 0.0, 0.5, found)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.8, 0.95, "met"), (0.91, 0.99, "**missed**: holds more"), (0.7, 0.89, "**missed**")],
)
def test_an_interval_is_right_where_it_holds_what_it_says(
    low: float, high: float, verdict: str
) -> None:
    assert covers(Interval((low + high) / 2, low, high)) == verdict


def test_every_goal_stands_with_what_was_found_and_a_verdict() -> None:
    long = judged([1.1] * 9 + [10.0], width=2.0)
    alone, powered = judged([2.0, 1.2, 2.0], width=4.0), judged([1.5, 1.3, 1.5], width=4.0)
    wide = Interval(1.0, 0.98, 1.0)
    ways = [trial("whole", 0.02, wide), trial("dead", 0.08, wide)]
    found = goals(long, [("short", judged([1.0] * 4, 2.0))], (alone, powered), ways)
    verdicts = {goal.what: (goal.count, goal.verdict) for goal in found}
    missed, met, more = "**missed**", "met", "**missed**: holds more"
    assert verdicts == {
        "published runs: median error": (10, met),
        "published runs: 90 % interval holds": (10, met),
        "published runs: high over low": (10, met),
        "published runs: better than flat 30%": (10, missed),
        "published runs: better than flat 40%": (10, missed),
        "published runs: better than median of the other runs": (10, missed),
        "published runs: better than best constant in hindsight (52.5%)": (10, missed),
        "short: median error": (4, met),
        "short: 90 % interval holds": (4, met),
        "short: better than flat 30%": (4, met),
        "short: better than flat 40%": (4, met),
        "short: better than median of the other runs": (4, missed),
        "short: better than best constant in hindsight (52.5%)": (4, met),
        "wall power beside device time, over runs: median error": (3, met),
        "wall power beside device time, over configurations: median error": (2, met),
        "made-up runs, whole: median error of hardware operations": (200, met),
        "made-up runs, dead: median error of hardware operations": (200, missed),
        "made-up runs, whole: median error of the AI model's own operations": (200, missed),
        "made-up runs, where it holds least: 90 % interval holds": (200, more),
    }
    page = goals_page(found, long, long)
    assert "Of 19 goals 11 are met." in page
    assert "9 of 10; 0 lay below it and 1 above" not in page
    assert "9 of 10; 1 lay below it and 0 above" in page
