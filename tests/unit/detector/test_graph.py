"""How statements of one record become links: what replaces what, and which stretch is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from detector.who.graph import OwnershipGraph, Party, Statement, build_graph
from tests.support.holdings import day
from tests.support.statements import entity, graph_of, holding, person, relationship, statement

Told = tuple[str, str | None, float, str | None, str | None]


def told(graph: OwnershipGraph, record_id: str = "T") -> list[Told]:
    """Give the links into a record: type, party, the least share, first and last day."""
    return [
        (
            link.interest.type,
            link.party_id,
            float(link.interest.share.low),
            None if link.interest.starts_at is None else link.interest.starts_at.date().isoformat(),
            None if link.interest.ends_at is None else link.interest.ends_at.date().isoformat(),
        )
        for link in graph.links_into.get(record_id, ())
    ]


def interest(
    share: float, start: str | None = None, end: str | None = None, kind: str = "shareholding"
) -> dict[str, Any]:
    stated = {"type": kind, "share": {"exact": share}, "startDate": start, "endDate": end}
    return {name: value for name, value in stated.items() if value is not None}


def version(
    dated: str, *interests: dict[str, Any], party: str | dict[str, str] = "P", **envelope: Any
) -> Statement:
    return {
        **relationship("r", party, "T", list(interests), statementDate=dated),
        "statementId": f"of-{dated}",
        **envelope,
    }


def test_an_interest_holds_at_its_start_and_not_at_its_end() -> None:
    def holds(start: str | None, end: str | None) -> str:
        (link,) = graph_of(version("2020-01-01", interest(40, start, end))).links_into["T"]
        days = ("2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01")
        return "".join("x" if link.holds_at(day(each)) else "." for each in days)

    assert holds("2021-01-01", "2022-01-01") == ".xx."
    assert holds(None, "2022-01-01") == "xxx."
    assert holds("2021-01-01", None) == ".xxx"
    assert holds(None, None) == "xxxx"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(
            [interest(30, "2022-01-01")],
            [("shareholding", "P", 0.4, "2020-01-01", "2022-01-01"),
             ("shareholding", "P", 0.3, "2022-01-01", None)],
            id="another share from a later day leaves the earlier its time",
        ),
        pytest.param(
            [interest(30, "2020-01-01")],
            [("shareholding", "P", 0.3, "2020-01-01", None)],
            id="another share from the same day leaves nothing",
        ),
        pytest.param(
            [interest(30)],
            [("shareholding", "P", 0.3, None, None)],
            id="another share without a start leaves nothing",
        ),
        pytest.param(
            [interest(40, "2022-01-01")],
            [("shareholding", "P", 0.4, "2022-01-01", None)],
            id="the same share from another day is a corrected date",
        ),
        pytest.param(
            [interest(40, "2021-01-01", "2023-01-01")],
            [("shareholding", "P", 0.4, "2021-01-01", "2023-01-01")],
            id="the same share with an end is a corrected date",
        ),
        pytest.param(
            [interest(30, "2022-01-01"), interest(20, "2021-01-01")],
            [("shareholding", "P", 0.4, "2020-01-01", "2021-01-01"),
             ("shareholding", "P", 0.3, "2022-01-01", None),
             ("shareholding", "P", 0.2, "2021-01-01", None)],
            id="the first of several ends it",
        ),
        pytest.param(
            [interest(30, "2022-01-01"), interest(40, "2021-01-01")],
            [("shareholding", "P", 0.3, "2022-01-01", None),
             ("shareholding", "P", 0.4, "2021-01-01", None)],
            id="one of several is the same",
        ),
        pytest.param(
            [interest(30, "2022-01-01"), interest(10, "2021-01-01", kind="votingRights")],
            [("shareholding", "P", 0.4, "2020-01-01", "2022-01-01"),
             ("shareholding", "P", 0.3, "2022-01-01", None),
             ("votingRights", "P", 0.1, "2021-01-01", None)],
            id="one of its own type ends it, not one of another",
        ),
        pytest.param(
            [interest(40, "2021-01-01", kind="votingRights")],
            [("shareholding", "P", 0.4, "2020-01-01", "2021-01-01"),
             ("votingRights", "P", 0.4, "2021-01-01", None)],
            id="another type ends it where none of its own is left",
        ),
    ],
)  # fmt: skip
def test_a_later_statement_ends_what_it_replaces(
    later: list[dict[str, Any]], expected: list[Told]
) -> None:
    first = version("2020-06-01", interest(40, "2020-01-01"))
    assert told(graph_of(first, version("2022-06-01", *later))) == expected


def test_what_had_ended_before_keeps_its_end() -> None:
    first = version("2020-06-01", interest(40, "2020-01-01", "2021-01-01"))
    later = version("2022-06-01", interest(40, "2022-01-01"))
    assert told(graph_of(first, later)) == [
        ("shareholding", "P", 0.4, "2020-01-01", "2021-01-01"),
        ("shareholding", "P", 0.4, "2022-01-01", None),
    ]
    same = version("2022-06-01", interest(40, "2020-02-01", "2021-01-01"))
    assert told(graph_of(first, same)) == [("shareholding", "P", 0.4, "2020-02-01", "2021-01-01")]


def test_the_same_share_of_somebody_else_is_no_corrected_date() -> None:
    first = version("2020-06-01", interest(40, "2020-01-01"))
    other = version("2022-06-01", interest(40, "2022-01-01"), party="Q")
    assert told(graph_of(first, other)) == [
        ("shareholding", "P", 0.4, "2020-01-01", "2022-01-01"),
        ("shareholding", "Q", 0.4, "2022-01-01", None),
    ]


def test_a_closing_statement_ends_what_is_open_and_nothing_else() -> None:
    both = (interest(40, "2020-01-01"), interest(10, "2020-01-01", "2021-01-01", "votingRights"))
    open_and_closed = version("2020-06-01", *both)
    assert told(graph_of(open_and_closed)) == [
        ("shareholding", "P", 0.4, "2020-01-01", None),
        ("votingRights", "P", 0.1, "2020-01-01", "2021-01-01"),
    ]
    closing = version("2023-06-01", *both, recordStatus="closed")
    assert told(graph_of(open_and_closed, closing)) == [
        ("shareholding", "P", 0.4, "2020-01-01", "2023-06-01"),
        ("votingRights", "P", 0.1, "2020-01-01", "2021-01-01"),
    ]


@pytest.mark.parametrize(
    ("start", "end"),
    [("2021-01-01", "2021-01-01"), ("2022-01-01", "2021-01-01")],
)
def test_an_interest_without_a_day_never_held(start: str, end: str) -> None:
    assert told(graph_of(version("2020-01-01", interest(40, start, end)))) == []


def test_an_interest_that_always_held_until_a_day_did_hold() -> None:
    held = graph_of(version("2020-01-01", interest(40, None, "2021-01-01")))
    assert told(held) == [("shareholding", "P", 0.4, None, "2021-01-01")]


def test_statements_are_read_by_date_then_by_arrival_then_by_publication() -> None:
    def last(*versions: tuple[Statement, str]) -> float:
        graph = build_graph([(each, day(known)) for each, known in versions])
        return told(graph)[-1][2]

    one, other = interest(40), interest(30)
    assert (
        last(
            (version("2022-01-01", one), "2022-01-01"), (version("2021-01-01", other), "2023-01-01")
        )
        == 0.4
    )
    assert (
        last(
            (version("2021-01-01", one), "2023-01-01"), (version("2021-01-01", other), "2022-01-01")
        )
        == 0.4
    )

    def published(share: dict[str, Any], at: object) -> tuple[Statement, str]:
        return version("2021-01-01", share, publicationDetails=at), "2022-01-01"

    late, early = {"publicationDate": "2021-03-01"}, {"publicationDate": "2021-02-01"}
    assert last(published(one, late), published(other, early)) == 0.4
    assert last(published(other, early), published(one, late)) == 0.4
    assert last(published(one, late), published(other, "2022-01-01")) == 0.4


def test_statements_alike_in_all_but_their_words_are_read_in_one_order() -> None:
    def named(party: str, *, turned: bool) -> Mapping[str, Any]:
        made = version("2021-01-01", interest(40), party=party, annotations=[])
        return {name: made[name] for name in sorted(made, reverse=True)} if turned else made

    one, other = named("P", turned=True), named("Q", turned=False)
    assert told(graph_of(one, other)) == told(graph_of(other, one))
    assert told(graph_of(one, other))[-1][1] == "Q"


def test_what_is_known_later_is_not_known_before_and_is_at_its_hour() -> None:
    told_then = [(version("2020-01-01", interest(40)), day("2021-01-01"))]
    assert told(build_graph(told_then, day("2020-12-31"))) == []
    assert len(told(build_graph(told_then, day("2021-01-01")))) == 1
    assert len(told(build_graph(told_then))) == 1


def test_a_statement_without_a_record_or_a_subject_says_nothing() -> None:
    stated = version("2020-01-01", interest(40))
    without_record = {**stated, "recordId": 7}
    without_subject = {**stated, "recordDetails": {**stated["recordDetails"], "subject": None}}
    assert graph_of(without_record, without_subject) == OwnershipGraph({}, {})


@pytest.mark.parametrize(
    ("party", "reason"),
    [
        ("P", None),
        ({"reason": "subjectUnableToConfirmOrIdentifyBeneficialOwner"},
         "subjectUnableToConfirmOrIdentifyBeneficialOwner"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)  # fmt: skip
def test_a_party_is_named_or_there_is_a_reason(party: Any, reason: str | None) -> None:  # noqa: ANN401
    (link,) = graph_of(version("2020-01-01", interest(40), party=party)).links_into["T"]
    assert (link.party_id, link.unspecified_reason) == ("P" if party == "P" else None, reason)


def renamed(record_id: str, name: str, dated: str) -> Statement:
    return statement(record_id, "entity", {"name": name}, statementDate=dated)


def test_a_party_is_what_it_was_said_to_be_last_or_then() -> None:
    days = [("First", "2020-01-01"), ("Second", "2021-01-01"), ("Third", "2022-01-01")]
    graph = graph_of(*(renamed("T", *each) for each in days), renamed("A", "Alone", "2020-01-01"))
    assert [
        graph.version("T", day(each)) for each in ("2019-01-01", "2020-12-31", "2021-01-01")
    ] == [0, 0, 1]
    assert graph.version("T", day("2023-01-01")) == 2
    assert graph.party("T", day("2021-06-01")).name == "Second"
    assert graph.party("T", day("2019-06-01")).name == "First"
    assert graph.party("T").name == "Third"
    assert [each.name for each in graph.descriptions("T")] == ["Third", "Second", "First"]
    assert graph.descriptions("A") == (graph.party("A", day("2021-01-01")),)
    assert graph.party("A").name == "Alone"
    assert graph.party("X", day("2021-01-01")) == Party("X", "unknown", None, {})
    assert list(graph.described) == ["T"]


def test_a_party_is_called_by_its_name_and_its_record() -> None:
    graph = graph_of(renamed("T", "Tea Ltd", "2020-01-01"), renamed("A", "A", "2020-01-01"))
    assert [graph.called(each) for each in ("T", "A", "X")] == ["Tea Ltd (T)", "A", "X"]


def test_every_link_behind_a_record_is_given_once_in_order() -> None:
    many = relationship(
        "m", "A", "T", [interest(5, "2021-01-01"), interest(5), interest(5, kind="nominee")]
    )
    unnamed = relationship("u", {"reason": "unknown"}, "T", [interest(1)])
    graph = graph_of(
        *(person("P"), entity("A"), entity("B"), entity("T"), unnamed, many),
        *(
            holding("B", "A", 10),
            holding("A", "B", 10),
            holding("P", "B", 10),
            holding("T", "C", 1),
        ),
    )
    found = graph.links_behind("T")
    assert [(link.subject_id, link.party_id, link.relationship_id) for link in found] == [
        ("A", "B", "B-in-A"),
        *(("B", "A", "A-in-B"), ("B", "P", "P-in-B")),
        *(("T", None, "u"), ("T", "A", "m"), ("T", "A", "m"), ("T", "A", "m")),
    ]
    assert [(link.interest.type, link.interest.starts_at) for link in found[4:]] == [
        *(("nominee", None), ("shareholding", None), ("shareholding", day("2021-01-01"))),
    ]


def test_what_was_worked_out_is_no_part_of_a_graph() -> None:
    one, other = graph_of(entity("T")), graph_of(entity("T"))
    one.kept["T"] = ()
    assert one == other
    assert "kept" not in repr(one)
