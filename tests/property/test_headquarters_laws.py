"""The walk to the ultimate parents gives what their definition gives, party by party."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detector.who.control import controlled_by
from detector.who.interests import Certainty
from detector.who.parents import ultimate_parents
from detector.who.shares import Network, network_at
from tests.support.statements import KNOWN_AT, graph_of, holding

PERSON, RECORD = "p", "c0"
COMPANIES = (RECORD, "c1", "c2", "c3", "c4", "c5")

pairs = st.tuples(st.sampled_from((PERSON, *COMPANIES)), st.sampled_from(COMPANIES))
sizes = st.sampled_from((None, 10, 25, 26, 30, 50, 51, 100))
kinds = st.sampled_from(("shareholding", "shareholding", "appointmentOfBoard", "boardMember"))
ways = st.sampled_from(("direct", "direct", "direct", "indirect"))
links = st.dictionaries(pairs, st.tuples(sizes, kinds, ways), min_size=1, max_size=12)


def by_definition(network: Network) -> dict[str, Certainty]:
    """Everybody who controls the record, but for those with a sure parent they do not control."""
    above = sorted({party for party, _ in network.control} - {PERSON, RECORD})
    controlled = {each: controlled_by(network, each) for each in above}
    parents = {each: controlled[each][RECORD] for each in above if RECORD in controlled[each]}
    return {
        each: certainty
        for each, certainty in parents.items()
        if all(
            other in controlled[each]
            for other in parents
            if other != each and controlled[other].get(each) == "yes"
        )
    }


@given(links)
def test_the_ultimate_parents_are_those_of_the_definition(
    stated: dict[tuple[str, str], tuple[int | None, str, str]],
) -> None:
    graph = graph_of(
        *(
            holding(*pair, size, type=kind, directOrIndirect=way)
            for pair, (size, kind, way) in stated.items()
        )
    )
    network = network_at(graph.links_behind(RECORD), KNOWN_AT)
    found = ultimate_parents(network, RECORD, lambda party: party != PERSON)
    expected = by_definition(network)
    assert list(found.items()) == list(expected.items())
