"""Laws of pace, crossing and forecast, on generated campaigns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detector.facts import Curve, Interval, SubjectFacts
from detector.thresholds.crossing import crossing
from detector.thresholds.forecast import Forecast, Plan, forecast
from detector.thresholds.pace import crossed_within, pace, reserved
from tests.support.subjects import day, limits, subject

LIMITS = limits().forecast
DAY = timedelta(days=1)
LATER = day(10**6)
DAYS = st.floats(0.0, 400.0)
RATIOS = st.floats(0.3, 30.0)


@st.composite
def campaigns(draw: st.DrawFn) -> SubjectFacts:
    """Give a subject of four to forty days of hourly or daily buckets, some of them idle."""
    amounts = st.one_of(st.just(0.0), st.floats(1e22, 1e25))
    first = draw(st.floats(1e22, 1e25))
    steps = [first, *draw(st.lists(amounts, min_size=3, max_size=39))]
    low, high = draw(st.floats(0.0, 1.0)), draw(st.floats(1.0, 5.0))
    expected = tuple(accumulate(steps))
    sums = Curve(
        ends=tuple(day(number + 1) for number in range(len(steps))),
        low=tuple(value * low for value in expected),
        expected=expected,
        high=tuple(value * high for value in expected),
        starts=tuple(day(number) for number in range(len(steps))),
    )
    return subject(
        curve=sums,
        training=Interval(sums.low[-1], expected[-1], sums.high[-1]),
        last_end=day(len(steps)),
        as_of=day(len(steps) + draw(st.floats(0.0, 10.0))),
        reserved_operations_per_second=draw(st.sampled_from([0.0, 1e19])),
    )


def scaled(facts: SubjectFacts, factor: float) -> SubjectFacts:
    sums, training = facts.curve, facts.training
    return replace(
        facts,
        curve=replace(
            sums,
            low=tuple(value * factor for value in sums.low),
            expected=tuple(value * factor for value in sums.expected),
            high=tuple(value * factor for value in sums.high),
        ),
        training=Interval(
            training.low * factor, training.expected * factor, training.high * factor
        ),
        reserved_operations_per_second=facts.reserved_operations_per_second * factor,
    )


def instants(found: Forecast) -> tuple[datetime, ...]:
    bare = [found.earliest_at, found.likely_at, found.latest_at]
    return tuple(at or LATER for at in bare)


def chances(found: Forecast) -> list[float]:
    return [chance for _, chance in found.probabilities]


@given(campaigns(), RATIOS, RATIOS)
@settings(max_examples=20)
def test_a_higher_threshold_is_crossed_later_and_less_probably(
    facts: SubjectFacts, one: float, other: float
) -> None:
    near, far = (
        forecast(facts, facts.training.expected * ratio, (), LIMITS)
        for ratio in sorted((one, other))
    )
    assume(near is not None and far is not None)
    assert near is not None
    assert far is not None
    assert all(a <= b for a, b in zip(instants(near), instants(far), strict=True))
    assert all(a >= b for a, b in zip(chances(near), chances(far), strict=True))


@given(campaigns(), RATIOS, st.floats(1.0, 10.0), DAYS)
@settings(max_examples=20)
def test_a_faster_pace_crosses_no_later_and_no_less_probably(
    facts: SubjectFacts, ratio: float, factor: float, days: float
) -> None:
    slow = pace(facts, LIMITS)
    assume(slow is not None)
    assert slow is not None
    fast = replace(slow, operations_per_second=slow.operations_per_second * factor)
    limit = facts.training.expected * ratio
    (before,), (after,) = (
        crossed_within(facts, each, limit, [days * DAY]).values() for each in (slow, fast)
    )
    assert before <= after + 1e-9


@given(campaigns(), RATIOS, DAYS, DAYS)
@settings(max_examples=20)
def test_more_time_never_makes_a_crossing_less_probable(
    facts: SubjectFacts, ratio: float, one: float, other: float
) -> None:
    going = pace(facts, LIMITS) or reserved(facts, LIMITS)
    assume(going is not None)
    assert going is not None
    limit = facts.training.expected * ratio
    assume(one * DAY != other * DAY)
    sooner, later = crossed_within(facts, going, limit, [one * DAY, other * DAY]).values()
    assert 0.0 <= sooner <= later + 1e-9
    assert later <= 1.0


@given(campaigns(), RATIOS, st.integers(-40, 40))
@settings(max_examples=20)
def test_the_unit_of_operations_changes_no_forecast(
    facts: SubjectFacts, ratio: float, power: int
) -> None:
    limit, factor = facts.training.expected * ratio, 2.0**power
    here = forecast(facts, limit, (), LIMITS)
    there = forecast(scaled(facts, factor), limit * factor, (), LIMITS)
    assume(here is not None and there is not None)
    assert here is not None
    assert there is not None
    pairs = zip(instants(here), instants(there), strict=True)
    assert all(abs((a - b) / timedelta(hours=1)) <= 1 for a, b in pairs)
    assert all(abs(a - b) <= 1e-5 for a, b in zip(chances(here), chances(there), strict=True))


@given(campaigns(), RATIOS, st.floats(1e22, 1e27), st.floats(-20.0, 300.0), st.floats(0.5, 300.0))
@settings(max_examples=20)
def test_a_plan_never_makes_a_crossing_less_probable(
    facts: SubjectFacts, ratio: float, operations: float, begins: float, lasts: float
) -> None:
    start = facts.as_of + begins * DAY
    plan = Plan(operations, start, start + lasts * DAY)
    limit = facts.training.expected * ratio
    without, planned = (forecast(facts, limit, each, LIMITS) for each in ((), (plan,)))
    assume(without is not None and planned is not None)
    assert without is not None
    assert planned is not None
    assert instants(without) == instants(planned)
    assert all(a <= b for a, b in zip(chances(without), chances(planned), strict=True))


@given(campaigns(), RATIOS)
@settings(max_examples=20)
def test_the_likely_crossing_lies_between_the_earliest_and_the_latest(
    facts: SubjectFacts, ratio: float
) -> None:
    found = forecast(facts, facts.training.expected * ratio, (), LIMITS, horizon_days=5000)
    assume(found is not None)
    assert found is not None
    earliest, likely, latest = instants(found)
    assert earliest <= likely <= latest


@st.composite
def hourly(draw: st.DrawFn) -> Curve:
    """Give two to five days of hourly buckets whose bounds grow at rates of their own."""
    hours = 24 * draw(st.integers(2, 5))
    amounts = st.lists(st.integers(0, 10**24), min_size=hours, max_size=hours)
    low, more, most = (list(map(float, draw(amounts))) for _ in range(3))
    expected = [a + b for a, b in zip(low, more, strict=True)]
    high = [a + b for a, b in zip(expected, most, strict=True)]
    return Curve(
        ends=tuple(day((number + 1) / 24) for number in range(hours)),
        low=tuple(accumulate(low)),
        expected=tuple(accumulate(expected)),
        high=tuple(accumulate(high)),
        starts=tuple(day(number / 24) for number in range(hours)),
    )


@given(hourly(), st.floats(1e23, 2e26))
def test_hours_merged_to_days_keep_every_crossing_inside_its_day(
    curve: Curve, limit: float
) -> None:
    days = range(23, len(curve.ends), 24)
    merged = Curve(
        ends=tuple(curve.ends[place] for place in days),
        low=tuple(curve.low[place] for place in days),
        expected=tuple(curve.expected[place] for place in days),
        high=tuple(curve.high[place] for place in days),
        starts=tuple(curve.starts[place - 23] for place in days),
    )
    fine, coarse = (
        crossing(subject(curve=each, last_end=curve.ends[-1], as_of=curve.ends[-1]), limit, "gt")
        for each in (curve, merged)
    )
    for hour_of, day_of in (
        (fine.earliest, coarse.earliest),
        (fine.likely, coarse.likely),
        (fine.certain, coarse.certain),
    ):
        assert (hour_of is None) == (day_of is None)
        if hour_of is not None and day_of is not None:
            assert abs(hour_of - day_of) <= DAY
            ends = [end for end in merged.ends if end >= hour_of]
            assert ends[0] - DAY <= day_of <= ends[0]
