"""When anything about a subject changed, and one status for several stretches of time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from detector.facts import StatusFinding
from detector.who.graph import Statement
from detector.who.records import Record, TenantHistory
from detector.who.spans import Changes, inside, over_time, stretches
from tests.support.holdings import day
from tests.support.statements import entity, graph_of, holding, person, relationship

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def days(*texts: str) -> list[datetime]:
    return [day(each) for each in texts]


def later(statement: Statement, dated: str) -> Statement:
    return {**statement, "statementDate": dated, "recordStatus": "updated"}


def record(record_id: str | None, start: str) -> tuple[Record, datetime]:
    return {"customer_record_id": record_id, "valid_from": f"{start}T00:00:00Z"}, KNOWN


def changes() -> Changes:
    graph = graph_of(
        *(entity("T"), person("P", "CN"), later(person("P", "FR"), "2022-01-01")),
        *(entity("A", "SG"), later(entity("A", "US"), "2023-01-01")),
        *(entity("X", "SG"), later(entity("X", "US"), "2024-01-01")),
        holding("A", "T", 60, startDate="2020-01-01", endDate="2021-01-01"),
        holding("P", "A", 60, startDate="2019-01-01"),
        relationship("u", {"reason": "unknown"}, "T", [{"endDate": "2025-01-01"}]),
    )
    histories = {
        "t": TenantHistory.of([record("T", "2018-01-01"), record("X", "2018-06-01")]),
        "u": TenantHistory.of([record(None, "2017-01-01"), record(None, "2017-06-01")]),
    }
    return Changes(graph, histories)


#: Of the holdings and descriptions behind T.
OF_T = days("2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2025-01-01")


def test_a_record_changes_with_everybody_behind_it() -> None:
    found = changes()
    assert found.of_record("T") == OF_T
    assert found.of_record("T") == OF_T  # kept
    assert found.of_record("P") == days("2022-01-01")
    assert found.of_record("nobody") == []


def test_tenants_change_with_their_customers() -> None:
    found = changes()
    of_x = day("2024-01-01")
    assert found.of_tenants(("t",)) == sorted([day("2018-06-01"), *OF_T, of_x])
    assert found.of_tenants(("t",)) == sorted([day("2018-06-01"), *OF_T, of_x])  # kept
    assert found.of_tenants(("u", "nobody")) == days("2017-06-01")


def test_everything_changes_with_anything() -> None:
    every = [day("2017-06-01"), day("2018-06-01"), day("2024-01-01"), *OF_T]
    assert changes().everywhere() == sorted(every)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2020-06-01", "2022-06-01", (1, 3)),
        ("2020-01-01", "2022-01-01", (1, 2)),
        ("2019-12-31", "2022-01-02", (0, 3)),
        ("2021-03-01", "2021-04-01", (2, 2)),
        ("2021-01-01", "2021-01-01", (2, 2)),
    ],
)
def test_a_change_lies_inside_a_span_after_its_start_and_before_its_end(
    first: str, last: str, expected: tuple[int, int]
) -> None:
    assert (
        inside(days("2020-01-01", "2021-01-01", "2022-01-01"), (day(first), day(last))) == expected
    )


def found(*statuses: tuple[str, str, str]) -> list[tuple[datetime, StatusFinding]]:
    return [(day(at), StatusFinding(status, (why,))) for at, status, why in statuses]  # type: ignore[arg-type]


def test_one_status_stands_for_several_stretches() -> None:
    assert over_time(found(("2020-01-01", "us", "a."))) == StatusFinding("us", ("a.",))
    same = found(("2020-01-01", "us", "a."), ("2021-01-01", "us", "a."))
    assert over_time(same) == StatusFinding("us", ("a.",))
    sold = found(
        *(("2020-01-01", "foreign", "a."), ("2021-01-01", "foreign", "a.")),
        *(("2022-01-01", "us", "b."), ("2023-01-01", "foreign", "c.")),
    )
    assert over_time(sold) == StatusFinding(
        "foreign", ("From 2020-01-01 on: a.", "From 2023-01-01 on: c.")
    )
    unknown = found(("2020-01-01", "us", "a."), ("2021-01-01", "undetermined", "b."))
    assert over_time(unknown) == StatusFinding("undetermined", ("From 2021-01-01 on: b.",))


def test_a_stretch_without_work_is_passed_over_and_one_that_two_spans_share_is_told_once() -> None:
    change = days("2021-01-01", "2022-01-01", "2023-01-01")
    first, *others = days("2020-03-01", "2021-02-01", "2021-05-01", "2021-08-01", "2023-06-01")
    assert stretches(change, ((first, others[0]),)) == {0: first, 1: change[0]}
    assert stretches(change, ((first, first), (others[0], others[2]), (others[1], others[1]))) == {
        0: first,
        1: others[0],
    }
    assert stretches(change, ((first, first), (others[3], others[3]))) == {0: first, 3: others[3]}
    assert stretches([], ()) == {}
