"""Control over chains: who controls whom, and that a long chain is walked once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.who.control import controlled_by
from detector.who.graph import Statement
from detector.who.interests import Certainty
from detector.who.shares import Edge, network_at
from tests.support.statements import KNOWN_AT, entity, graph_of, holding

LENGTH = 200


class Looked(dict[Edge, Certainty]):
    """Counts how often somebody looks an interest up."""

    count = 0

    def __getitem__(self, asked: Edge) -> Certainty:
        self.count += 1
        return super().__getitem__(asked)


def test_a_chain_is_controlled_to_its_end_with_two_looks_at_each_link() -> None:
    names = [f"c{at}" for at in range(LENGTH + 1)]
    links = [holding(names[at], names[at + 1], 51) for at in range(LENGTH)]
    graph = graph_of(*map(entity, names), *links)
    network = network_at(graph.links_behind(names[-1]), KNOWN_AT)
    looked = Looked(network.control)
    found = controlled_by(replace(network, control=looked), names[0])
    assert found == dict.fromkeys(sorted(names[1:]), "yes")
    assert looked.count == 2 * LENGTH


def control_of(party: str, *statements: Statement) -> Certainty:
    graph = graph_of(*statements)
    network = network_at(graph.links_behind("T"), KNOWN_AT)
    return controlled_by(network, party).get("T", "no")


def total(low: float, high: float) -> Statement:
    share = {"minimum": low, "maximum": high}
    return holding("P", "T", share, directOrIndirect="indirect")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (50, 50, "possible"),
        (50.001, 50.001, "yes"),
        (10, 49.999, "no"),
        (10, 50, "possible"),
        (50, 100, "possible"),
    ],
)
def test_control_is_sure_above_half_and_possible_from_half_on(
    low: float, high: float, expected: Certainty
) -> None:
    assert control_of("P", holding("P", "T", {"minimum": low, "maximum": high})) == expected
    assert control_of("P", total(low, high)) == expected


def test_halves_of_several_that_one_controls_add_and_a_declared_total_does_not_add() -> None:
    through = [holding("P", "A", 51), holding("P", "B", 51)]
    quarters = [holding("A", "T", 25), holding("B", "T", 25)]
    assert control_of("P", *through, *quarters) == "possible"
    assert control_of("P", *through, *quarters, total(26, 26)) == "possible"
    assert control_of("P", *through, *quarters[1:], total(49, 49)) == "no"
    assert control_of("P", *through, holding("A", "T", 25.001), quarters[1]) == "yes"
