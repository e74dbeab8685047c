"""What a possible owner may hold, in words, and the single fact that would make it an owner."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from detector.who.graph import Statement
from detector.who.open_stakes import customer_during, open_stake
from detector.who.ownership import owners
from detector.who.records import TenantHistory
from tests.support.statements import entity, graph_of, holding, person, relationship

AT = datetime(2026, 6, 1, tzinfo=UTC)
SOLD = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (
            [holding("P", "T", {"minimum": 10, "maximum": 40})],
            ("10 to 40 %", ("that Name of P (P) owns 25 % or more of Name of T (T)",)),
        ),
        (
            [holding("P", "T")],
            ("share not stated", ("that Name of P (P) owns 25 % or more of Name of T (T)",)),
        ),
        (
            [relationship("r", "P", "T", [{"type": "boardMember"}])],
            (
                "no share stated, may control it",
                ("that Name of P (P) controls Name of T (T)",),
            ),
        ),
        (
            [holding("P", "A"), holding("A", "T", 40)],
            ("up to 40 %", ("that Name of P (P) owns 62.5 % or more of Name of A (A)",)),
        ),
    ],
    ids=["a range", "not stated", "a seat", "a chain"],
)
def test_the_stake_is_told_with_the_single_fact_that_would_settle_it(
    statements: list[Statement], told: tuple[str, tuple[str, ...]]
) -> None:
    graph = graph_of(person("P"), entity("T"), entity("A"), *statements)
    (held,) = (each for each in owners(graph, "T") if each.owner_id == "P")
    share, flips = told
    assert open_stake(graph, "T", held, AT) == (f"Name of T (T): {share}", flips)


def test_a_stake_that_ended_is_told_of_the_time_in_which_it_was_held() -> None:
    stated = holding("P", "T", {"minimum": 10, "maximum": 40}, endDate="2026-05-01")
    graph = graph_of(person("P"), entity("T"), stated)
    (held,) = (each for each in owners(graph, "T") if each.owner_id == "P")
    history = TenantHistory.of(
        [
            ({"tenant_id": "t", "customer_record_id": "T"}, datetime(2026, 1, 1, tzinfo=UTC)),
            (
                {"tenant_id": "t", "customer_record_id": "U", "valid_from": "2026-05-01T00:00:00Z"},
                AT,
            ),
        ]
    )
    assert held.valid_to == SOLD
    assert customer_during(history, held, AT) == "T"
    assert open_stake(graph, "T", held, AT)[0] == "Name of T (T): 10 to 40 %"


def test_a_stake_still_to_come_is_told_as_it_will_be() -> None:
    stated = holding("P", "T", {"minimum": 10, "maximum": 40}, startDate="2026-07-01")
    graph = graph_of(person("P"), entity("T"), stated)
    (held,) = (each for each in owners(graph, "T") if each.owner_id == "P")
    assert open_stake(graph, "T", held, AT) == (
        "Name of T (T): 10 to 40 %",
        ("that Name of P (P) owns 25 % or more of Name of T (T)",),
    )


def test_the_customer_is_that_of_the_last_millisecond_of_a_stake() -> None:
    stated = holding("P", "T", {"minimum": 10, "maximum": 40}, endDate="2026-05-01")
    (held, *_) = owners(graph_of(person("P"), entity("T"), stated), "T")
    last = {"tenant_id": "t", "customer_record_id": "U", "valid_from": "2026-04-30T23:59:59.999Z"}
    first = {"tenant_id": "t", "customer_record_id": "T"}
    history = TenantHistory.of([(first, datetime(2026, 1, 1, tzinfo=UTC)), (last, AT)])
    assert customer_during(history, held, AT) == "U"
