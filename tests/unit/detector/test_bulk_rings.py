"""Which records the solver for many leaves to the exact code, and which it answers by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from detector.who.bulk.holdings import MANY, keep_owners, owners_of_all
from detector.who.bulk.pairs import Pairs
from detector.who.bulk.resolve import resolve
from detector.who.bulk.ring import Ring
from detector.who.graph import Link, OwnershipGraph, Statement
from detector.who.ownership import owners
from tests.support.statements import entity, graph_of, holding, person


@dataclass(frozen=True)
class Counting(OwnershipGraph):
    """A graph that notes of which records the exact code asked for the links behind them."""

    asked: list[str] = field(default_factory=list)

    def links_behind(self, record_id: str) -> tuple[Link, ...]:
        self.asked.append(record_id)
        return super().links_behind(record_id)


def counting(*links: Statement) -> Counting:
    graph = graph_of(person("P"), person("Q"), *map(entity, "ABCT"), *links)
    return Counting(graph.parties, graph.links_into, graph.described)


def between(low: float, high: float) -> dict[str, float]:
    return {"minimum": low, "maximum": high}


@pytest.mark.parametrize(
    ("links", "asked"),
    [
        pytest.param(
            [holding("P", "A", 60), holding("A", "B", 60), holding("B", "T", 60)], [], id="one way"
        ),
        pytest.param(
            [holding("P", "A", 60), holding("A", "T", 60), holding("Q", "A", 30)],
            [],
            id="one way from each of two",
        ),
        pytest.param(
            [holding("P", "T", 60), holding("P", "A", 100), holding("A", "T", 30)],
            ["T"],
            id="two ways, of which the stronger is to be told",
        ),
        pytest.param([holding("P", "T", 30.33333333335)], ["T"], id="the twelfth digit is open"),
        pytest.param(
            [holding("P", "T", between(30.33333333335, 60))], ["T"], id="that of the least is"
        ),
        pytest.param(
            [holding("P", "T", between(30, 60.33333333335))], ["T"], id="that of the most is"
        ),
        pytest.param([holding("P", "T", 30.3333333333515)], [], id="it is not"),
        pytest.param(
            [holding("P", "T", 60), holding("C", "T", 40), holding("T", "C", 40)],
            ["T", "T"],
            id="a ring, for the share and for the chain",
        ),
    ],
)
def test_the_exact_code_is_asked_for_what_is_open_alone(
    links: list[Statement], asked: list[str]
) -> None:
    graph = counting(*links)
    found = owners_of_all(graph, ["T"])
    assert graph.asked == asked
    assert found == {"T": owners(graph, "T")}


RING = (holding("T", "C", 40), holding("C", "T", 1))


@pytest.mark.parametrize(
    ("links", "asked"),
    [
        pytest.param([*RING, holding("P", "T", 60)], [], id="short decimals"),
        pytest.param([*RING, holding("P", "T", 60.00000000000001)], ["T", "C"], id="a long one"),
        pytest.param([*RING, holding("P", "T", 24.9)], ["T"], id="next to the share of an owner"),
    ],
)
def test_a_ring_is_solved_by_floats_where_they_decide(
    links: list[Statement], asked: list[str]
) -> None:
    graph = counting(*links)
    resolve(graph, ["C", "T"])
    assert sorted(set(graph.asked)) == sorted(asked)


LONG = 0.2500000000000001


@pytest.mark.parametrize("column", ["low", "high", "total_low", "total_high"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_ring_is_decimal_where_every_share_is_short(column: str, at: int) -> None:
    def ring(value: float) -> Ring:
        shares = {each: np.full(3, 0.333333) for each in ("low", "high", "total_low", "total_high")}
        shares[column][at] = value
        marks, flags = np.zeros(3, dtype=np.int8), np.zeros(3, dtype=bool)
        party, subject = np.array([0, 1, 2]), np.array([1, 0, 0])
        pairs = Pairs(
            party,
            subject,
            **shares,
            quality=marks,
            has_direct=flags,
            has_total=flags,
            control=marks,
        )
        return Ring(np.array([0, 1]), pairs, np.array([0, 1]), np.array([2]))

    assert (ring(0.25).is_decimal, ring(LONG).is_decimal) == (True, False)


def test_owners_are_kept_from_fifty_records_on() -> None:
    graph = graph_of()
    names = [f"E{each:02}" for each in range(50)]
    keep_owners(graph, names[:49])
    assert (graph.kept, MANY) == ({}, 50)
    keep_owners(graph, names)
    assert graph.kept == {each: owners(graph_of(), each) for each in names}
    keep_owners(graph, [*names, "F"])
    assert len(graph.kept) == 50
