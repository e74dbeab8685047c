"""Control over chains: who controls whom, and that a long chain is walked once."""

from __future__ import annotations

from dataclasses import replace

from detector.who.control import controlled_by
from detector.who.interests import Certainty
from detector.who.shares import Edge, network_at
from tests.statements import KNOWN_AT, entity, graph_of, holding

LENGTH = 200


class Looked(dict[Edge, Certainty]):
    """Counts how often somebody looks an interest up."""

    count = 0

    def get(self, *asked: object) -> Certainty:
        self.count += 1
        return super().get(*asked)  # type: ignore[call-overload, no-any-return]


def test_a_chain_is_controlled_to_its_end_with_two_looks_at_each_link() -> None:
    names = [f"c{at}" for at in range(LENGTH + 1)]
    links = [holding(names[at], names[at + 1], 51) for at in range(LENGTH)]
    graph = graph_of(*map(entity, names), *links)
    network = network_at(graph.links_behind(names[-1]), KNOWN_AT)
    looked = Looked(network.control)
    found = controlled_by(replace(network, control=looked), names[0])
    assert found == dict.fromkeys(sorted(names[1:]), "yes")
    assert looked.count == 2 * LENGTH
