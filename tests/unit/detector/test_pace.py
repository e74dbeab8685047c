"""The pace of late, and when it brings a subject past a limit."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

import pytest

from detector.facts import Interval, SubjectFacts
from detector.thresholds.pace import (
    Arrival,
    Pace,
    arrival,
    crossed_going_on,
    crossed_within,
    pace,
    rates,
)
from tests.support.subjects import curve, day, limits, subject

LIMITS = limits().forecast
DAY = timedelta(days=1)
PER_DAY = 86_400.0


def campaign(*per_day: float, spread: float = 1.0, quiet: float = 0.0) -> SubjectFacts:
    """Give a subject that did so much on each day, as seen ``quiet`` days after the last."""
    sums = curve(*accumulate(per_day), spread=spread, starts=True)
    training = Interval(sums.low[-1], sums.expected[-1], sums.high[-1])
    last = day(len(per_day))
    return subject(curve=sums, training=training, last_end=last, as_of=last + quiet * DAY)


def test_a_steady_campaign_keeps_its_pace_and_its_doubt_shrinks_with_age() -> None:
    found = pace(campaign(*[8.64e24] * 28), LIMITS)
    assert found is not None
    assert found.operations_per_second == pytest.approx(1e20)
    assert found.deviation == pytest.approx(math.sqrt(0.5**2 + 7 / 28))
    assert (found.history, found.quiet, found.longest_pause) == (28 * DAY, 0 * DAY, 0 * DAY)


def test_the_pace_is_the_mean_of_the_last_day_week_and_four_weeks() -> None:
    found = pace(campaign(*[1e24] * 21, *[2e24] * 6, 6e24), LIMITS)
    assert found is not None
    week, month = 18e24 / 7, 39e24 / 28
    assert found.operations_per_second * PER_DAY == pytest.approx((6e24 + week + month) / 3)
    assert found.deviation > math.sqrt(0.5**2 + 7 / 28)


def test_there_is_no_pace_without_three_days_of_history_nor_after_four_idle_weeks() -> None:
    assert pace(campaign(1e24, 1e24), LIMITS) is None
    assert pace(campaign(1e24, 1e24, 1e24, quiet=28), LIMITS) is None
    assert pace(campaign(0.0, 0.0, 0.0), LIMITS) is None
    assert pace(campaign(1e24, 1e24, 1e24, quiet=27), LIMITS) is not None


def test_work_of_some_age_is_as_likely_as_not_to_double_it_and_silence_counts_against_it() -> None:
    busy = Pace(1.0, 0.5, 10 * DAY)
    silent = Pace(1.0, 0.5, 10 * DAY, quiet=4 * DAY)
    used_to_it = Pace(1.0, 0.5, 10 * DAY, quiet=4 * DAY, longest_pause=4 * DAY)
    assert [busy.going_on(days * DAY) for days in (0, 10, 30)] == [1.0, 0.5, 0.25]
    assert silent.going_on(0 * DAY) == pytest.approx(10 / 14 / 5)
    assert used_to_it.going_on(0 * DAY) == pytest.approx(10 / 14)
    assert Pace(1.0, 0.5).going_on(1000 * DAY) == 1.0


def test_without_doubt_about_the_estimate_the_interval_is_that_of_the_pace() -> None:
    facts = campaign(*[1e24] * 28)
    going = pace(facts, LIMITS)
    assert going is not None
    found = arrival(facts, going, 38e24, 365 * DAY)
    factor = math.exp(1.645 * going.deviation)
    assert found.likely == timedelta(days=10)
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest / DAY == pytest.approx(10 / factor, rel=0.15)
    assert found.latest / DAY == pytest.approx(10 * factor, rel=0.15)
    assert rates(going).high / rates(going).expected == pytest.approx(factor, rel=1e-3)


def test_a_wide_estimate_may_be_past_already_and_may_take_for_ever() -> None:
    facts = campaign(*[1e24] * 28, spread=3.0)
    going = pace(facts, LIMITS)
    assert going is not None
    assert arrival(facts, going, 50e24, 60 * DAY) == Arrival(timedelta(0), timedelta(days=22), None)


def test_the_latest_crossing_waits_for_the_longest_pause() -> None:
    facts = campaign(*[1e24] * 10, *[0.0] * 5, *[1e24] * 10)
    waiting = pace(facts, LIMITS)
    assert waiting is not None
    assert waiting.longest_pause == 5 * DAY
    steady = replace(waiting, longest_pause=0 * DAY)
    late, usual = (arrival(facts, each, 30e24, 365 * DAY) for each in (waiting, steady))
    assert late.latest is not None
    assert usual.latest is not None
    assert late.latest - usual.latest == 5 * DAY
    assert (late.earliest, late.likely) == (usual.earliest, usual.likely)


def test_the_end_of_the_work_makes_a_crossing_less_probable() -> None:
    facts = campaign(*[1e24] * 10)
    going = Pace(1e24 / PER_DAY, 0.01, 10 * DAY)
    reserved = Pace(1e24 / PER_DAY, 0.01)
    assert crossed_going_on(facts, going, 20e24, 11 * DAY) == pytest.approx(1.0, abs=1e-3)
    ends = crossed_within(facts, going, 20e24, [5 * DAY, 40 * DAY])
    stays = crossed_within(facts, reserved, 20e24, [40 * DAY])
    assert ends == {5 * DAY: 0.0, 40 * DAY: pytest.approx(0.5, abs=0.01)}
    assert stays == {40 * DAY: pytest.approx(1.0, abs=1e-3)}
    assert crossed_within(facts, going, 5e24, [0 * DAY]) == {0 * DAY: 1.0}


def test_the_chance_within_a_while_does_not_depend_on_what_else_was_asked() -> None:
    facts = campaign(*[1e24] * 10, spread=1.5)
    going = pace(facts, LIMITS)
    assert going is not None
    whiles = [days * DAY for days in (30, 0, 7, 365)]
    together = crossed_within(facts, going, 20e24, whiles)
    alone = [crossed_within(facts, going, 20e24, [each])[each] for each in whiles]
    assert [together[each] for each in whiles] == alone
