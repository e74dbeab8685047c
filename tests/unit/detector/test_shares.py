"""Shares of one owner, by hand: pooled between a pair, over chains, in cycles, against totals."""

from __future__ import annotations

from fractions import Fraction

import pytest

from detector.who.graph import Statement
from detector.who.interests import Share
from detector.who.shares import Network, cycles_of, network_at, shares_of
from tests.support.statements import KNOWN_AT, graph_of, holding, relationship


def network(*statements: Statement) -> Network:
    return network_at(graph_of(*statements).links_behind("T"), KNOWN_AT)


def share(low: float, high: float) -> Share:
    """In per cent."""
    return Share(Fraction(str(low)) / 100, Fraction(str(high)) / 100)


def interest(low: float, high: float, kind: str = "shareholding") -> dict[str, object]:
    return {"type": kind, "share": {"minimum": low, "maximum": high}}


@pytest.mark.parametrize(
    ("interests", "expected"),
    [
        pytest.param([interest(10, 20), interest(5, 40)], share(15, 60), id="of one type they add"),
        pytest.param(
            [interest(10, 20), interest(5, 40), interest(1, 2)],
            share(16, 62),
            id="three of one type add too",
        ),
        pytest.param(
            [interest(60, 70), interest(50, 60)], share(100, 100), id="never over the whole"
        ),
        pytest.param(
            [interest(10, 40), interest(20, 30, "votingRights")],
            share(20, 40),
            id="of two types the larger counts, in each bound",
        ),
        pytest.param(
            [interest(20, 30, "votingRights"), interest(10, 40)],
            share(20, 40),
            id="whichever comes first",
        ),
    ],
)
def test_what_is_stated_between_one_pair_is_pooled(
    interests: list[dict[str, object]], expected: Share
) -> None:
    assert network(relationship("r", "P", "T", interests)).direct == {"T": {"P": expected}}


def total(low: float, high: float) -> Statement:
    bounds = {"minimum": low, "maximum": high}
    return relationship(
        "total",
        "P",
        "T",
        [{"type": "shareholding", "directOrIndirect": "indirect", "share": bounds}],
    )


@pytest.mark.parametrize(
    ("stated", "chain", "expected"),
    [
        pytest.param((30, 60), None, share(30, 60), id="nothing known of the chain"),
        pytest.param((30, 60), (10, 100), share(30, 60), id="inside what the chain leaves open"),
        pytest.param((30, 60), (40, 100), share(40, 60), id="the chain says more at least"),
        pytest.param((30, 60), (70, 90), share(70, 70), id="the chain says more than the total"),
        pytest.param((30, 60), (10, 20), share(30, 60), id="the chain says less than the total"),
    ],
)
def test_a_declared_total_is_held_against_the_chain(
    stated: tuple[float, float], chain: tuple[float, float] | None, expected: Share
) -> None:
    bounds = None if chain is None else {"minimum": chain[0], "maximum": chain[1]}
    found = shares_of(
        network(total(*stated), holding("P", "A", bounds), holding("A", "T", 100)), "P"
    )
    assert found["T"] == expected


def test_in_a_cycle_a_share_that_would_outgrow_the_whole_passes_on_the_whole() -> None:
    # T = 0.9 + 0.9 A and A = 0.5 T: without a bound T would be 1.636, and A 0.818.
    cycle = [holding("P", "T", 90), holding("A", "T", 90), holding("T", "A", 50)]
    assert shares_of(network(*cycle), "P") == {
        "P": share(100, 100),
        "T": share(100, 100),
        "A": share(50, 50),
    }


def test_in_a_cycle_a_declared_total_is_the_least_and_takes_the_place_of_the_most() -> None:
    # At the most T is the total of 30 % and A half of it; at the least T is 20 %, and more by A.
    cycle = [holding("A", "T", {"minimum": 0, "maximum": 20}), holding("T", "A", 50)]
    held = holding("P", "T", {"minimum": 10, "maximum": 60})
    assert shares_of(network(total(20, 30), held, *cycle), "P") == {
        "P": share(100, 100),
        "T": share(20, 30),
        "A": share(10, 15),
    }
    more = [holding("A", "T", 20), holding("T", "A", 50), holding("P", "T", 45)]
    # T = 0.45 + 0.2 A and A = 0.5 T, whatever is declared.
    assert shares_of(network(total(20, 30), *more), "P")["T"] == share(50, 50)


def test_groups_come_with_their_holders_first_and_hold_one_another() -> None:
    assert cycles_of([("c", "b"), ("b", "a")]) == (("c",), ("b",), ("a",))
    assert cycles_of([("c", "b"), ("b", "c"), ("b", "a")]) == (("b", "c"), ("a",))
    assert cycles_of([("b", "b"), ("b", "a")]) == (("b",), ("a",))
