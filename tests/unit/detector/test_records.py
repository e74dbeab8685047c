"""The customer records of a tenant over time, and the owners that they lead to."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations

from detector.who.records import Record, TenantHistory, tenant_owners
from tests.support.holdings import day
from tests.support.statements import entity, graph_of, holding, person

Dated = tuple[Record, datetime]


def record(customer: object, time: str, start: object = None, **more: object) -> Dated:
    return {"customer_record_id": customer, "valid_from": start, **more}, day(time)


def customers(*records: Dated) -> list[tuple[str | None, datetime | None, datetime | None]]:
    held = TenantHistory.of(records).held
    return [(each.customer_record_id, each.valid_from, each.valid_to) for each in held]


def test_records_hold_from_their_start_or_their_time_until_the_next() -> None:
    first, second = record("A", "2020-01-01"), record("B", "2020-06-01", day("2021-01-01"))
    third = record("C", "2020-07-01", "2022-01-01T00:00:00Z")
    expected = [
        ("A", None, day("2021-01-01")),
        ("B", day("2021-01-01"), day("2022-01-01")),
        ("C", day("2022-01-01"), None),
    ]
    assert all(customers(*each) == expected for each in permutations([first, second, third]))
    assert customers() == []


def test_of_records_from_one_instant_the_later_stands_then_the_last_by_its_text() -> None:
    start = day("2021-01-01")
    early, late = record("B", "2020-01-01", start), record("A", "2020-02-01", start)
    assert customers(late, early) == customers(early, late) == [("A", None, None)]
    one = ({"note": "a", "customer_record_id": "A"}, start)
    other = ({"customer_record_id": "B", "note": "z"}, start)
    assert customers(one, other) == customers(other, one) == [("B", None, None)]


def test_a_customer_that_is_no_name_is_unknown() -> None:
    assert [customers(record(each, "2020-01-01"))[0][0] for each in ("A", "", None, 7)] == [
        *("A", None, None, None)
    ]


def test_a_record_holds_at_its_start() -> None:
    history = TenantHistory.of(
        [record("A", "2020-01-01"), record("B", "2021-01-01"), record("C", "2022-01-01")]
    )
    days = ("2019-01-01", "2020-12-31", "2021-01-01", "2023-01-01")
    found = [history.held_at(day(each)) for each in days]
    assert [each and each.customer_record_id for each in found] == ["A", "A", "B", "C"]
    assert [history.at(day(each)) for each in days] == [each and each.record for each in found]
    nothing = TenantHistory.of([])
    assert (nothing.held_at(day("2020-01-01")), nothing.at(day("2020-01-01"))) == (None, None)


Owned = tuple[str, datetime | None, datetime | None]


def owned(history: TenantHistory) -> list[Owned]:
    graph = graph_of(
        *(person("P"), person("Q"), entity("A"), entity("B")),
        holding("P", "A", 60, startDate="2020-01-01", endDate="2022-01-01"),
        holding("P", "B", 60, startDate="2020-01-01", endDate="2024-01-01"),
        holding("Q", "B", 30, startDate="2021-06-01"),
    )
    found = tenant_owners(history, graph)
    return [(each.owner_id, each.valid_from, each.valid_to) for each in found]


def test_owners_are_those_of_whoever_was_the_customer_then() -> None:
    history = TenantHistory.of(
        [record("A", "2019-01-01"), record("B", "2021-01-01"), record(None, "2023-01-01")]
    )
    assert owned(history) == [
        ("A", None, day("2020-01-01")),
        ("P", day("2020-01-01"), day("2021-01-01")),
        ("P", day("2021-01-01"), day("2023-01-01")),
        ("Q", day("2021-06-01"), day("2023-01-01")),
    ]


def test_a_customer_told_twice_has_one_owner_throughout_and_two_after_a_gap() -> None:
    again = [record("B", "2019-01-01"), record("B", "2022-01-01")]
    assert owned(TenantHistory.of(again)) == [
        ("B", None, day("2020-01-01")),
        ("P", day("2020-01-01"), day("2024-01-01")),
        ("Q", day("2021-06-01"), None),
    ]
    left = [*again, record("A", "2022-06-01"), record("B", "2023-01-01")]
    assert owned(TenantHistory.of(left)) == [
        ("A", day("2022-06-01"), day("2023-01-01")),
        ("B", None, day("2020-01-01")),
        ("P", day("2020-01-01"), day("2022-06-01")),
        ("P", day("2023-01-01"), day("2024-01-01")),
        ("Q", day("2021-06-01"), day("2022-06-01")),
        ("Q", day("2023-01-01"), None),
    ]


def test_an_owner_who_came_as_the_customer_left_never_held_the_tenant() -> None:
    history = TenantHistory.of([record("A", "2019-01-01"), record(None, "2020-01-01")])
    assert owned(history) == [("A", None, day("2020-01-01"))]
    later = TenantHistory.of([record(None, "2019-01-01"), record("A", "2022-01-01")])
    assert owned(later) == [("A", day("2022-01-01"), None)]
