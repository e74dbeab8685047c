"""What persons hold together: whole down majority links, in proportion down the others."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detector.who.answers import Step
from detector.who.interests import Share
from detector.who.proportion import Attributed, attributed, steps_of
from detector.who.stakes import Owned


def owned(**held: dict[str, float]) -> Owned:
    """Each subject with its holders, in per cent."""
    return {
        subject: {each: share(size) for each, size in of.items()} for subject, of in held.items()
    }


def share(percent: float) -> Share:
    ratio = Fraction(str(percent)) / 100
    return Share(ratio, ratio)


@pytest.mark.parametrize(
    ("held", "is_high", "expected"),
    [
        pytest.param(
            owned(t={"a": 40}, a={"p": 51}), False, (Fraction(2, 5), {"p", "a"}), id="whole"
        ),
        pytest.param(
            owned(t={"a": 40}, a={"p": 50}), False, (Fraction(1, 5), {"p"}), id="half, at least"
        ),
        pytest.param(
            owned(t={"a": 40}, a={"p": 50}), True, (Fraction(2, 5), {"p", "a"}), id="half, at most"
        ),
        pytest.param(
            owned(t={"a": 40}, a={"p": 49}), True, (Fraction(49 * 2, 500), {"p"}), id="below half"
        ),
        pytest.param(
            owned(t={"p": 70, "q": 70}), False, (Fraction(1), {"p", "q"}), id="never over the whole"
        ),
        pytest.param(
            owned(t={"p": 10, "q": 15, "a": 50}, a={"q": 20}),
            False,
            (Fraction(35, 100), {"p", "q"}),
            id="several persons and ways add",
        ),
        pytest.param(owned(a={"p": 100}), False, (Fraction(0), {"p", "a"}), id="nothing of it"),
    ],
)
def test_what_persons_hold_of_a_record_together(
    held: Owned, is_high: bool, expected: tuple[Fraction, set[str]]
) -> None:
    found = attributed(held, {"p", "q"}, "t", is_high=is_high)
    size, whole = expected
    assert found == Attributed(size, frozenset(whole | {"q"}))


def test_a_person_within_a_cycle_is_counted_once_and_the_record_never() -> None:
    cycle = owned(a={"b": 100}, b={"a": 100})
    assert attributed(cycle, ["a"], "b", is_high=False) == Attributed(Fraction(1), frozenset("a"))
    assert attributed(cycle, ["a", "b"], "b", is_high=True) == Attributed(
        Fraction(1), frozenset("a")
    )


def test_bounds_are_taken_by_themselves() -> None:
    held: Owned = {"t": {"p": Share(Fraction(1, 5), Fraction(3, 5))}}
    low = attributed(held, ["p"], "t", is_high=False).share
    high = attributed(held, ["p"], "t", is_high=True).share
    assert (low, high) == (Fraction(1, 5), Fraction(3, 5))


def test_every_link_on_a_way_is_told_nearest_last() -> None:
    held = owned(t={"b": 30, "a": 20}, a={"p": 10, "b": 5}, b={"a": 7}, other={"p": 1})
    assert steps_of(held, "t") == (
        Step("a", "b", share(7)),
        Step("p", "a", share(10)),
        Step("b", "a", share(5)),
        Step("b", "t", share(30)),
        Step("a", "t", share(20)),
    )


def test_in_a_group_too_large_to_solve_the_highest_bound_stays_the_highest() -> None:
    size = 501
    held: dict[str, dict[str, float]] = {
        f"c{at}": {f"c{(at + 1) % size}": 10} for at in range(size)
    }
    held["c0"]["p"] = 20
    bounds = [attributed(owned(**held), ["p"], "c0", is_high=each).share for each in (False, True)]
    # The one that holds a tenth may be wholly that of p.
    assert bounds == [Fraction(0), Fraction(3, 10)]
