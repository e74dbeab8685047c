"""Probability, instants and restricted sums of a cumulative curve."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.facts import Crossing, Curve, Interval, OpeningFacts, SubjectFacts
from detector.thresholds.crossing import (
    crossing,
    expected_until,
    operations_until,
    passes,
    probability_crossed,
)
from tests.support.subjects import curve, day, subject


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


def worked(sums: Curve, last: float) -> SubjectFacts:
    """Give a subject whose work lasted from 1 March for so many days."""
    return subject(curve=sums, last_end=day(last), as_of=day(max(last, 9)))


def test_without_bucket_starts_a_crossing_is_the_end_of_its_bucket() -> None:
    facts = worked(curve(3e25, 6e25, 9e25, 1.2e26), 4)
    assert crossing(facts, 1e26, "gt") == Crossing(earliest=day(2), likely=day(4), certain=None)


def test_with_bucket_starts_a_crossing_is_interpolated() -> None:
    facts = worked(curve(0.0, 8e25, 1.6e26, 1.6e26, starts=True), 4)
    assert crossing(facts, 1e26, "gt") == Crossing(
        earliest=day(1.625), likely=day(2.25), certain=None
    )


def test_a_crossing_is_not_later_than_the_end_of_the_work() -> None:
    facts = worked(curve(3e25, 6e25, 9e25, 1.2e26), 3.5)
    assert crossing(facts, 1e26, "gt").likely == day(3.5)


def test_a_sum_that_stops_at_the_limit_crosses_it_only_where_the_limit_itself_counts() -> None:
    facts = worked(curve(5e25, 1e26, spread=1.0, starts=True), 2)
    assert crossing(facts, 1e26, "gt") == Crossing(None, None, None)
    assert crossing(facts, 1e26, "ge") == Crossing(day(2), day(2), day(2))


@pytest.mark.parametrize(
    ("at", "operations"),
    [(-1, 0.0), (0.5, 1.5e25), (1, 3e25), (1.25, 4.5e25), (1.5, 6e25), (9, 6e25)],
)
@pytest.mark.parametrize("starts", [True, False])
def test_operations_until_an_instant_take_an_even_share_of_its_bucket(
    at: float, operations: float, starts: bool
) -> None:
    facts = worked(curve(3e25, 6e25, spread=1.0, starts=starts), 1.5)
    assert operations_until(facts, day(at)) == Interval(operations, operations, operations)


def test_a_bucket_that_fills_up_keeps_the_figure_of_the_time_before() -> None:
    half = worked(curve(3e25, starts=True), 0.5)
    full = worked(curve(6e25, starts=True), 1)
    assert operations_until(half, day(0.5)) == operations_until(full, day(0.5))


@pytest.mark.parametrize(
    ("at", "least", "most"),
    [(-1, 0.0, 0.0), (0.5, 0.0, 3e25), (1, 3e25, 3e25), (1.1, 3e25, 6e25), (1.5, 6e25, 6e25)],
)
def test_what_was_done_before_an_instant_inside_a_bucket_lies_between_none_and_all_of_it(
    at: float, least: float, most: float
) -> None:
    facts = worked(curve(3e25, 6e25, starts=True), 1.5)
    assert expected_until(facts, day(at)) == (least, most)


@pytest.mark.parametrize(
    ("opened", "at", "least", "most"),
    [
        (1.0, 1.0, 3e25, 3e25),  # stated of the bucket before
        (1.2, 1.2, 5e25, 6e25),  # reported with the opening, metered in the same bucket since
        (1.2, 1.1, 3e25, 4e25),  # stated of a later time than was reported
    ],
)
def test_what_was_stated_of_the_time_before_an_instant_is_known_to_belong_to_it(
    opened: float, at: float, least: float, most: float
) -> None:
    stated = OpeningFacts("t", day(opened), None, 0.0, Interval(0.0, 2e25, 4e25), 2e25)
    facts = replace(worked(curve(3e25, 6e25, starts=True), 1.5), openings=(stated,))
    assert expected_until(facts, day(at)) == pytest.approx((least, most))


def test_an_opening_at_the_instant_at_which_metering_begins_belongs_to_the_time_before() -> None:
    stated = OpeningFacts("t", day(0), None, 0.0, Interval(0.0, 2e25, 4e25), 2e25)
    facts = replace(worked(curve(3e25, starts=True), 1), openings=(stated,))
    assert expected_until(facts, day(0)) == (2e25, 2e25)


def test_an_empty_curve_has_no_crossing_and_no_operations() -> None:
    facts = worked(Curve((), (), (), ()), 1)
    assert crossing(facts, 1e26, "gt") == Crossing(None, None, None)
    assert operations_until(facts, day(1)) == Interval(0.0, 0.0, 0.0)
    assert expected_until(facts, day(1)) == (0.0, 0.0)
