"""At exactly half, and by a government's power: the edges of the outbound rules, worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from detector.who.answers import Answer, Flip, Step
from detector.who.graph import Statement
from detector.who.interests import Share
from detector.who.outbound import NOT_COMPUTED, held_by_country_of_concern
from tests.statements import KNOWN_AT, entity, graph_of, holding

HALF = Fraction(1, 2)


def votes(low: float, high: float) -> Statement:
    return holding("X", "T", {"minimum": low, "maximum": high}, type="votingRights")


def test_votes_that_may_be_exactly_half_are_possible_and_exactly_half_would_decide() -> None:
    found = held_by_country_of_concern(graph_of(votes(25, 50)), "T", {"X": "yes"}, KNOWN_AT, HALF)
    share = Share(Fraction(1, 4), HALF)
    step, flip = Step("X", "T", share), Flip("stake", "X", "T", HALF)
    expected = Answer("possible", share, ("X",), (step,), (flip,), NOT_COMPUTED)
    assert found["voting"] == expected


def test_a_government_counts_by_its_power_and_nobody_else_does() -> None:
    state: dict[str, Any] = dict(entity("X", "CN"))
    details = {**state["recordDetails"], "entityType": {"type": "state"}}
    powers = [holding(each, "T", type="appointmentOfBoard") for each in ("X", "Y")]
    graph = graph_of({**state, "recordDetails": details}, entity("Y", "CN"), *powers)
    found = held_by_country_of_concern(graph, "T", {"X": "yes", "Y": "yes"}, KNOWN_AT, HALF)
    assert found["government"] == Answer("yes", parties=("X",), not_computed=NOT_COMPUTED)


def test_the_share_is_that_of_the_instrument() -> None:
    found = [
        held_by_country_of_concern(graph_of(votes(40, 40)), "T", {"X": "yes"}, KNOWN_AT, share_ge)
        for share_ge in (Fraction(2, 5), Fraction(41, 100))
    ]
    assert [each["voting"].certainty for each in found] == ["yes", "no"]
