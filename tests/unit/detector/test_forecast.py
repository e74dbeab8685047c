"""A forecast from pace, reserved capacity and plans, held against a threshold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from detector.facts import Curve, Interval, SubjectFacts
from detector.thresholds.forecast import (
    DeclaredEnd,
    Plan,
    declared_operations,
    forecast,
    is_to_be_expected,
    plans,
)
from tests.support.subjects import curve, day, declaration, limits, subject

LIMITS = limits().forecast
LIMIT = 1e26
NOTHING = {"training": Interval(0.0, 0.0, 0.0), "curve": Curve((), (), (), ())}


def steady(days: int = 28, per_day: float = 2e24, **changes: float) -> SubjectFacts:
    """Give a subject that did as much every day."""
    sums = curve(*(per_day * (number + 1) for number in range(days)), spread=1.2, starts=True)
    training = Interval(sums.low[-1], sums.expected[-1], sums.high[-1])
    facts = {"curve": sums, "training": training, "last_end": day(days), "as_of": day(days)}
    return subject(**facts, **changes)


def idle(**changes: float) -> SubjectFacts:
    """Give a subject of which nothing is metered."""
    return subject(**NOTHING, first_start=day(4), last_end=day(4), as_of=day(4), **changes)


def test_a_steady_subject_crosses_when_its_pace_says() -> None:
    found = forecast(steady(), LIMIT, (), LIMITS)
    assert found is not None
    assert found.likely_at == day(28 + 22)
    assert found.earliest_at is not None
    assert found.latest_at is not None
    assert day(28) < found.earliest_at < day(50) < found.latest_at < day(208)
    assert [days for days, _ in found.probabilities] == [30, 90, 365]
    chances = [chance for _, chance in found.probabilities]
    assert chances == sorted(chances)
    assert 0.3 < chances[0] < chances[2] < 0.62  # at half of the limit the work may well end first
    assert found.probability_in_horizon == pytest.approx(chances[2], abs=0.05)
    assert (found.plan_passes_at, found.declared_end) == (None, None)


def test_reserved_capacity_does_not_end() -> None:
    ends = forecast(steady(), LIMIT, (), LIMITS)
    stays = forecast(
        steady(reserved_operations_per_second=2e24 / 86_400), LIMIT, (), LIMITS, horizon_days=365
    )
    assert ends is not None
    assert stays is not None
    assert stays.probability_in_horizon > 0.99 > ends.probability_in_horizon
    assert stays.likely_at == ends.likely_at


def test_reserved_capacity_needs_no_history() -> None:
    young = steady(days=1, per_day=2e24, reserved_operations_per_second=2e24 / 86_400)
    found = forecast(young, LIMIT, (), LIMITS)
    assert found is not None
    assert found.likely_at == day(50)
    assert forecast(steady(days=1), LIMIT, (), LIMITS) is None


def test_a_plan_alone_is_an_even_chance_from_the_day_it_would_pass() -> None:
    plan = Plan(4e26, day(14), day(54))
    found = forecast(idle(), LIMIT, (plan,), LIMITS)
    assert found is not None
    assert found.plan_passes_at is not None
    assert abs(found.plan_passes_at - day(24)) <= timedelta(hours=1)
    assert found.probabilities == ((30, 0.5), (90, 0.5), (365, 0.5))
    assert (found.earliest_at, found.likely_at, found.latest_at) == (None, None, None)
    assert found.pace_operations_per_second is None
    assert found.declared_end == DeclaredEnd(day(54), None, 4e26, 0.5)


def test_a_plan_raises_the_probability_and_never_lowers_it() -> None:
    none = forecast(steady(), LIMIT, (), LIMITS)
    small = forecast(steady(), LIMIT, (Plan(1e24, day(20), day(40)),), LIMITS)
    large = forecast(steady(), LIMIT, (Plan(9e25, day(20), day(40)),), LIMITS)
    assert none is not None
    assert small is not None
    assert large is not None
    assert small.probabilities == none.probabilities
    assert [b > a for (_, a), (_, b) in zip(none.probabilities, large.probabilities, strict=True)]
    assert large.plan_passes_at is not None  # 4e25 before it began, and 6e25 of it
    assert abs(large.plan_passes_at - day(20 + 20 * 6 / 9)) <= timedelta(hours=1)


def test_the_declared_end_is_told_by_pace_and_by_plan() -> None:
    found = forecast(steady(), LIMIT, (Plan(3e25, day(20), day(40)),), LIMITS)
    assert found is not None
    end = found.declared_end
    assert end is not None
    assert end.operations is not None
    assert end.at == day(40)
    assert end.declared_operations == pytest.approx(7e25)
    assert end.operations.expected == pytest.approx(8e25)
    assert end.operations.low < 5.6e25
    assert end.operations.high > 9e25


def test_a_plan_that_is_over_says_nothing_of_what_is_to_come() -> None:
    assert forecast(idle(), LIMIT, (Plan(4e26, day(1), day(3)),), LIMITS) is None


def test_plans_need_a_figure_and_an_end() -> None:
    said = [
        declaration(planned_operations=4e26, planned_start=day(2), planned_end=day(9)),
        declaration(planned_operations=None, parameters=1e12, active_parameters=1e11, tokens=1e13),
        declaration(planned_operations=1e25, planned_start=None),
        declaration(planned_operations=1e25, planned_end=None),
        declaration(planned_operations=None, tokens=None),
        declaration(planned_operations=1e25, planned_start=day(9), planned_end=day(9)),
    ]
    assert plans(said, day(5)) == (
        Plan(4e26, day(2), day(9)),
        Plan(6e24, day(0), day(60)),
        Plan(1e25, day(5), day(60)),
    )


def test_declared_operations_count_active_parameters_where_they_are_told() -> None:
    said = declaration(planned_operations=None, active_parameters=None)
    assert declared_operations(said) == 6 * 1e12 * 2e13


@pytest.mark.parametrize(("horizon", "answer"), [(21, False), (22, True)])
def test_a_crossing_is_to_be_expected_where_the_pace_reaches_the_limit_in_the_horizon(
    horizon: int, *, answer: bool
) -> None:
    assert is_to_be_expected(steady(), LIMIT, LIMITS, horizon) is answer
