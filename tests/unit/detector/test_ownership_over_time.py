"""Who owned a record when: interests by valid time, later statements, what was known then."""

from __future__ import annotations

from detector.who.graph import Statement, build_graph
from detector.who.ownership import owners
from tests.support.holdings import Row, day, rows
from tests.support.statements import entity, graph_of, holding, person, relationship


def test_an_interest_holds_from_its_start_to_its_end_at_midnight_utc() -> None:
    graph = graph_of(
        person("P"),
        entity("T"),
        holding("P", "T", 40, startDate="2021-03-01", endDate="2023-05-01"),
    )
    assert rows(graph) == [
        Row("P", 0.4, 0.4, "yes", "2021-03-01", "2023-05-01"),
        Row("T", 1.0, 1.0, "yes", None, "2021-03-01"),
        Row("T", 1.0, 1.0, "yes", "2023-05-01", None),
    ]
    (first, *_) = owners(graph, "T")
    assert [first.holds_at(day(each)) for each in ("2021-02-28", "2021-03-01", "2023-05-01")] == [
        False,
        True,
        False,
    ]


def test_a_buyer_does_not_inherit_earlier_work() -> None:
    graph = graph_of(
        person("P"),
        person("Q"),
        entity("T"),
        holding("P", "T", 100, endDate="2024-01-01"),
        holding("Q", "T", 100, startDate="2024-01-01"),
    )
    assert rows(graph) == [
        Row("P", 1.0, 1.0, "yes", None, "2024-01-01"),
        Row("Q", 1.0, 1.0, "yes", "2024-01-01", None),
    ]


def version(share: float, start: str | None, dated: str, status: str = "updated") -> Statement:
    interest: dict[str, object] = {"type": "shareholding", "share": {"exact": share}}
    if start is not None:
        interest["startDate"] = start
    return relationship("r", "P", "T", [interest], statementDate=dated, recordStatus=status)


def test_a_later_statement_of_a_record_replaces_the_earlier_whichever_came_first() -> None:
    first, second = version(80, None, "2021-01-01", "new"), version(30, None, "2022-01-01")
    expected = [Row("P", 0.3, 0.3, "yes")]
    assert rows(graph_of(person("P"), entity("T"), first, second)) == expected
    assert rows(graph_of(person("P"), entity("T"), second, first)) == expected


def test_another_share_from_a_later_day_leaves_the_earlier_one_its_time() -> None:
    graph = graph_of(
        person("P"),
        entity("T"),
        version(100, "2002-03-09", "2019-01-20", "new"),
        version(40, "2021-09-24", "2021-09-25"),
        version(30, "2022-09-21", "2022-09-25"),
        version(30, "2022-09-21", "2023-03-03", "closed"),
    )
    assert rows(graph) == [
        Row("P", 1.0, 1.0, "yes", "2002-03-09", "2021-09-24"),
        Row("P", 0.4, 0.4, "yes", "2021-09-24", "2022-09-21"),
        Row("P", 0.3, 0.3, "yes", "2022-09-21", "2023-03-03"),
        Row("T", 1.0, 1.0, "yes", None, "2002-03-09"),
        Row("T", 1.0, 1.0, "yes", "2023-03-03", None),
    ]


def test_the_same_interest_with_another_start_is_a_corrected_date() -> None:
    graph = graph_of(
        person("P"),
        entity("T"),
        version(40, "2020-01-01", "2021-01-01", "new"),
        version(40, "2020-06-01", "2021-02-01"),
    )
    assert rows(graph)[0] == Row("P", 0.4, 0.4, "yes", "2020-06-01", None)


def test_what_becomes_known_later_is_not_seen_before() -> None:
    statements = [
        (person("P"), day("2024-01-01")),
        (entity("T"), day("2024-01-01")),
        (holding("P", "T", 60, startDate="2023-01-01"), day("2024-06-01")),
    ]
    before = build_graph(statements, as_of=day("2024-05-31"))
    after = build_graph(statements, as_of=day("2024-06-01"))
    assert rows(before) == [Row("T", 1.0, 1.0, "yes")]
    assert rows(after)[0] == Row("P", 0.6, 0.6, "yes", "2023-01-01", None)
