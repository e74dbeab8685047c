"""Probability, instants and restricted sums of a cumulative curve."""

from __future__ import annotations

import pytest

from detector.crossing import crossing, operations_until, passes, probability_crossed
from detector.facts import Crossing, Curve, Interval
from tests.subjects import curve, day


def test_gt_needs_more_than_the_limit_and_ge_takes_the_limit_itself() -> None:
    assert [passes(1e26, 1e26, word) for word in ("gt", "ge")] == [False, True]
    assert [passes(1.1e26, 1e26, word) for word in ("gt", "ge")] == [True, True]


@pytest.mark.parametrize(
    ("limit", "probability"),
    [(6e25, 0.95), (1.2e26, 0.5), (2.4e26, 0.05), (1e20, 1.0), (1e32, 0.0), (0.0, 1.0)],
)
def test_the_bounds_are_the_5th_and_the_95th_percentile(limit: float, probability: float) -> None:
    assert probability_crossed(Interval(6e25, 1.2e26, 2.4e26), limit) == pytest.approx(probability)


@pytest.mark.parametrize(
    ("operations", "limit", "probability"),
    [
        (Interval(0.0, 2e26, 4e26), 1e26, 0.5),  # open whether any run of it is training
        (Interval(0.0, 0.0, 4e26), 1e26, 0.05),
        (Interval(0.0, 0.0, 4e26), 5e26, 0.0),
        (Interval(0.0, 0.0, 0.0), 1e26, 0.0),
        (Interval(2e26, 2e26, 2e26), 1e26, 1.0),
        (Interval(2e26, 2e26, 2e26), 3e26, 0.0),
        (Interval(2e26, 2e26, 2e26), 2e26, 0.5),
    ],
)
def test_an_interval_without_a_half_has_a_stated_probability(
    operations: Interval, limit: float, probability: float
) -> None:
    assert probability_crossed(operations, limit) == probability


def test_without_bucket_starts_a_crossing_is_the_end_of_its_bucket() -> None:
    sums = curve(3e25, 6e25, 9e25, 1.2e26)
    assert crossing(sums, 1e26, "gt") == Crossing(earliest=day(2), likely=day(4), certain=None)


def test_with_bucket_starts_a_crossing_is_interpolated() -> None:
    sums = curve(0.0, 8e25, 1.6e26, 1.6e26, starts=True)
    assert crossing(sums, 1e26, "gt") == Crossing(
        earliest=day(1.625), likely=day(2.25), certain=None
    )


def test_a_sum_that_stops_at_the_limit_crosses_it_only_where_the_limit_itself_counts() -> None:
    sums = curve(5e25, 1e26, spread=1.0, starts=True)
    assert crossing(sums, 1e26, "gt") == Crossing(None, None, None)
    assert crossing(sums, 1e26, "ge") == Crossing(day(2), day(2), day(2))


def test_operations_until_an_instant_take_whole_buckets_or_their_share() -> None:
    plain = curve(3e25, 6e25, spread=1.0)
    even = curve(3e25, 6e25, spread=1.0, starts=True)
    wanted = {0.5: (0.0, 1.5e25), 1.0: (3e25, 3e25), 1.5: (3e25, 4.5e25), 9.0: (6e25, 6e25)}
    found = {
        at: (operations_until(plain, day(at)).expected, operations_until(even, day(at)).expected)
        for at in wanted
    }
    assert found == wanted


def test_an_empty_curve_has_no_crossing_and_no_operations() -> None:
    nothing = Curve((), (), (), ())
    assert crossing(nothing, 1e26, "gt") == Crossing(None, None, None)
    assert operations_until(nothing, day(1)) == Interval(0.0, 0.0, 0.0)
