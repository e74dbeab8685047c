"""The least solution of cross-holdings, by hand: sweeps, bounds, one linear system, no answer."""

from __future__ import annotations

import numpy as np
import pytest

from detector.who.cycles import Floats, least_fixed_point


def solved(
    held: list[list[float]],
    entering: list[float],
    floor: list[float] | None = None,
    ceiling: list[float] | None = None,
) -> list[float]:
    size = len(entering)
    found = least_fixed_point(
        np.array(held),
        np.array(entering),
        np.array(floor or [0.0] * size),
        np.array(ceiling or [1.0] * size),
    )
    assert found is not None
    return [round(float(each), 9) for each in found]


def test_two_that_hold_a_part_of_each_other_satisfy_both_equations() -> None:
    # x = 0.5 + 0.2 y and y = 0.4 x
    assert solved([[0, 0.2], [0.4, 0]], [0.5, 0]) == [0.543478261, 0.217391304]


def test_nobody_lifts_itself_where_nothing_enters() -> None:
    assert solved([[0, 1], [1, 0]], [0, 0]) == [0, 0]


def test_a_floor_holds_and_is_passed_on() -> None:
    assert solved([[0, 0.2], [0.4, 0]], [0.1, 0], floor=[0.5, 0]) == [0.5, 0.2]


def test_a_ceiling_holds_and_is_passed_on() -> None:
    assert solved([[0, 0.2], [0.4, 0]], [0.9, 0.5], ceiling=[0.5, 1]) == [0.5, 0.7]


def test_what_almost_wholly_holds_itself_is_solved_and_not_swept() -> None:
    # x = 0.0001 + 0.9998 y and y = 0.9999 x: some ten thousand sweeps would be needed.
    entering, forth, back = 0.0001, 0.9998, 0.9999
    expected = entering / (1 - forth * back)
    assert solved([[0, forth], [back, 0]], [entering, 0]) == [
        round(expected, 9),
        round(back * expected, 9),
    ]


def test_a_share_at_its_ceiling_stays_there_while_the_others_are_solved() -> None:
    # The first meets its ceiling of 0.5; of the others x = 0.0001 / 2 + 0.9998 y and y = 0.9999 x.
    held = [[0.0, 0.0, 0.0], [0.0001, 0.0, 0.9998], [0.0, 0.9999, 0.0]]
    expected = 0.00005 / (1 - 0.9998 * 0.9999)
    assert solved(held, [0.9, 0, 0], ceiling=[0.5, 1, 1]) == [
        0.5,
        round(expected, 9),
        round(0.9999 * expected, 9),
    ]


def test_a_share_that_would_outgrow_the_whole_is_held_at_it_in_the_end() -> None:
    # Solved without bounds the first would be 50; sweeps need some hundred to meet the whole.
    assert solved([[0, 0.9999], [0.9999, 0]], [0.01, 0]) == [1, 0.9999]


@pytest.mark.parametrize(("size", "is_answered"), [(500, True), (501, False)])
def test_a_group_past_the_limit_has_no_answer(size: int, is_answered: bool) -> None:
    nothing: Floats = np.zeros(size)
    found = least_fixed_point(np.zeros((size, size)), nothing, nothing, np.ones(size))
    assert (found is not None) == is_answered
