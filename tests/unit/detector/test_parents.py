"""The walk to the ultimate parents: who is at the top, how surely, and at what cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.who.interests import Certainty
from detector.who.parents import ultimate_parents
from detector.who.shares import Network, network_at
from tests.support.statements import KNOWN_AT, graph_of, holding
from tests.unit.detector.test_control import LENGTH, Looked

Held = tuple[str, float, str]


def network(*held: Held, **kinds: str) -> Network:
    """Of (party, per cent, subject), and of interests by type: ``A_B="boardMember"``."""
    stated = [holding(party, subject, percent) for party, percent, subject in held]
    for pair, kind in kinds.items():
        party, subject = pair.split("_")
        stated.append(holding(party, subject, type=kind))
    return network_at(graph_of(*stated).links_behind("T"), KNOWN_AT)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param([("A", 60, "T"), ("B", 60, "A")], {"B": "yes"}, id="a chain"),
        pytest.param([("A", 50, "T"), ("B", 60, "A")], {"B": "possible"}, id="half may control"),
        pytest.param(
            [("A", 60, "T"), ("B", 50, "A")],
            {"A": "yes", "B": "possible"},
            id="below a parent that may be one",
        ),
        pytest.param([("A", 49, "T")], {}, id="less than half"),
        pytest.param([("T", 60, "A"), ("A", 60, "T")], {"A": "yes"}, id="what it controls itself"),
        pytest.param(
            [("A", 60, "T"), ("A", 60, "B"), ("B", 60, "A")],
            {"A": "yes", "B": "yes"},
            id="two that control each other",
        ),
        pytest.param(
            [("A", 60, "T"), ("A", 60, "B"), ("B", 50, "A")],
            {"A": "yes", "B": "possible"},
            id="one that may control the one above it",
        ),
        pytest.param(
            [("A", 60, "T"), ("A", 60, "B"), ("B", 60, "A"), ("C", 60, "A")],
            {"C": "yes"},
            id="a parent above two that control each other",
        ),
        pytest.param(
            [("A", 60, "T"), ("A", 60, "B"), ("B", 10, "A")],
            {"A": "yes"},
            id="one that holds a little of the one above it",
        ),
        pytest.param(
            [("X", 50, "A"), ("X", 50, "B"), ("A", 25, "T"), ("B", 25, "T")],
            {"X": "possible"},
            id="half together, by two that may be controlled",
        ),
        pytest.param(
            [("X", 60, "A"), ("X", 60, "B"), ("A", 26, "T"), ("B", 25, "T")],
            {"X": "yes"},
            id="more than half together",
        ),
    ],
)
def test_the_ultimate_parents_are_those_without_a_sure_parent(
    held: list[Held], expected: dict[str, Certainty]
) -> None:
    assert ultimate_parents(network(*held), "T", lambda _: True) == expected


def test_of_parents_in_one_cycle_each_has_to_control_all_above_it() -> None:
    # A and C control B for sure; B controls A in turn, and may not control C.
    held: list[Held] = [("A", 60, "T"), ("A", 60, "B"), ("B", 60, "A"), ("B", 10, "C")]
    found = ultimate_parents(network(*held, C_B="appointmentOfBoard"), "T", lambda _: True)
    assert found == {"C": "yes"}


def test_who_is_not_asked_about_is_no_parent_and_hides_none() -> None:
    held: list[Held] = [("A", 60, "T"), ("P", 60, "A")]
    assert ultimate_parents(network(*held), "T", lambda each: each != "P") == {"A": "yes"}


@pytest.mark.parametrize(
    ("percent", "kind", "sure"),
    [
        (51, "shareholding", True),
        (50, "shareholding", False),
        (None, "shareholding", False),
        (None, "appointmentOfBoard", True),
        (None, "boardMember", False),
    ],
)
def test_each_link_of_a_chain_is_looked_at_a_few_times(
    percent: float | None, kind: str, sure: bool
) -> None:
    names = [f"c{at}" for at in range(LENGTH + 1)]
    links = [holding(names[at], names[at + 1], percent, type=kind) for at in range(LENGTH)]
    chain = network_at(graph_of(*links).links_behind(names[-1]), KNOWN_AT)
    looked = Looked(chain.control)
    found = ultimate_parents(replace(chain, control=looked), names[-1], lambda _: True)
    expected = names[:1] if sure else names[:-1]
    assert found == dict.fromkeys(expected, "yes" if sure else "possible")
    assert looked.count <= 4 * LENGTH
