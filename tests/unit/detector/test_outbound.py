"""At exactly half, and by a government's power: the edges of the outbound rules, worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from detector.who.answers import Answer, Flip, Step
from detector.who.graph import Statement
from detector.who.interests import Certainty, Share
from detector.who.outbound import NOT_COMPUTED, held_by_country_of_concern
from tests.support.statements import KNOWN_AT, entity, graph_of, holding

HALF = Fraction(1, 2)


def votes(low: float, high: float) -> Statement:
    return holding("X", "T", {"minimum": low, "maximum": high}, type="votingRights")


def test_votes_that_may_be_exactly_half_are_possible_and_exactly_half_would_decide() -> None:
    found = held_by_country_of_concern(graph_of(votes(25, 50)), "T", {"X": "yes"}, KNOWN_AT, HALF)
    share = Share(Fraction(1, 4), HALF)
    step, flip = Step("X", "T", share), Flip("stake", "X", "T", HALF)
    expected = Answer("possible", share, ("X",), (step,), (flip,), NOT_COMPUTED)
    assert found["voting"] == expected


def state(record_id: str) -> Statement:
    stated: dict[str, Any] = dict(entity(record_id, "CN"))
    details = {**stated["recordDetails"], "entityType": {"type": "state"}}
    return {**stated, "recordDetails": details}


def by_power(*statements: Statement, **persons: Certainty) -> Answer:
    found = held_by_country_of_concern(graph_of(*statements), "T", persons, KNOWN_AT, HALF)
    return found["government"]


def test_a_government_counts_by_its_power_and_nobody_else_does() -> None:
    powers = [holding(each, "T", type="appointmentOfBoard") for each in ("X", "Y")]
    found = by_power(state("X"), entity("Y", "CN"), *powers, X="yes", Y="yes")
    assert found == Answer("yes", parties=("X",), not_computed=NOT_COMPUTED)


def test_a_government_that_may_direct_is_possible_and_one_that_holds_a_little_is_none() -> None:
    seat, little = holding("X", "T", type="boardMember"), holding("X", "T", 10)
    possible = Answer("possible", parties=("X",), not_computed=NOT_COMPUTED)
    assert by_power(state("X"), seat, X="yes") == possible
    assert by_power(state("X"), little, X="yes") == Answer("no", not_computed=NOT_COMPUTED)
    assert by_power(state("X"), little, seat, state("Y"), X="yes", Y="yes") == possible


def test_the_share_is_that_of_the_instrument() -> None:
    found = [
        held_by_country_of_concern(graph_of(votes(40, 40)), "T", {"X": "yes"}, KNOWN_AT, share_ge)
        for share_ge in (Fraction(2, 5), Fraction(41, 100))
    ]
    assert [each["voting"].certainty for each in found] == ["yes", "no"]
