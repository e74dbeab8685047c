"""The chain that leads to an owner: the strongest one, of equals the shortest, then the first."""

from __future__ import annotations

import pytest

from detector.who.graph import Statement
from detector.who.ownership import owners
from detector.who.shares import network_at
from detector.who.standing import strongest_chain
from tests.support.statements import KNOWN_AT, entity, graph_of, holding, person, relationship


def controls(party: str, subject: str, kind: str) -> Statement:
    return relationship(f"{party}-controls-{subject}", party, subject, [{"type": kind}])


def no_control(party: str, subject: str) -> Statement:
    seat = {"type": "boardMember", "beneficialOwnershipOrControl": False}
    return relationship(f"{party}-sits-in-{subject}", party, subject, [seat])


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param(
            [holding("P", "T", 50), holding("P", "A", 100), holding("A", "T", 50)],
            ("P", "T"),
            id="of chains that multiply to the same the shortest",
        ),
        pytest.param(
            [
                *(holding("P", "B", 60), holding("B", "T", 50)),
                *(holding("P", "A", 60), holding("A", "T", 50)),
            ],
            ("P", "A", "T"),
            id="of chains as strong and as long the first by name",
        ),
        pytest.param(
            [
                *(controls("P", "A", "appointmentOfBoard"), holding("A", "T", 40)),
                *(holding("P", "B", 100), holding("B", "T", 41)),
            ],
            ("P", "B", "T"),
            id="control is as good as the whole and no better",
        ),
        pytest.param(
            [
                *(controls("P", "A", "boardMember"), holding("A", "T", 60)),
                *(holding("P", "B", 60), holding("B", "T", 60)),
            ],
            ("P", "B", "T"),
            id="control that is left open is less than three fifths",
        ),
        pytest.param(
            [
                *(controls("P", "A", "boardMember"), holding("A", "T", 60)),
                *(holding("P", "B", 40), holding("B", "T", 60)),
                holding("P", "T", 20),
            ],
            ("P", "A", "T"),
            id="control that is left open is more than two fifths",
        ),
    ],
)
def test_a_share_is_explained_by_the_strongest_chain(
    links: list[Statement], expected: tuple[str, ...]
) -> None:
    parties = [person("P"), *(entity(each) for each in ("A", "B", "T"))]
    found = owners(graph_of(*parties, *links), "T")
    assert [each.chain for each in found if each.owner_id == "P"] == [expected]


def test_neither_share_nor_control_is_less_than_any_share() -> None:
    links = [
        *(no_control("P", "A"), holding("A", "T", 100)),
        *(holding("P", "B", 1), holding("B", "T", 50)),
    ]
    network = network_at(graph_of(*links).links_behind("T"), KNOWN_AT)
    assert strongest_chain(network, "P", "T") == ("P", "B", "T")


@pytest.mark.parametrize("way", ["direct", "indirect"])
def test_a_range_weighs_what_it_may_be(way: str) -> None:
    links = [
        holding("P", "A", {"minimum": 0, "maximum": 90}, directOrIndirect=way),
        *(holding("A", "T", 100), holding("P", "B", 50), holding("B", "T", 100)),
    ]
    network = network_at(graph_of(*links).links_behind("T"), KNOWN_AT)
    assert strongest_chain(network, "P", "T") == ("P", "A", "T")
