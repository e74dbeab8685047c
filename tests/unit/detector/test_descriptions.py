"""What a record was said to be: names, dates, and statements that put others right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from detector.who.descriptions import (
    ALWAYS,
    Statement,
    corrects,
    dated,
    descriptions,
    details_of,
    instant_of,
    is_correction,
)
from tests.support.holdings import day


def told(dated_on: str, name: str, status: str = "updated", **more: Any) -> Statement:  # noqa: ANN401
    return {
        "statementDate": dated_on,
        "recordStatus": status,
        "recordType": "entity",
        "recordDetails": {"name": name},
        **more,
    }


def correction(*texts: str) -> list[dict[str, str]]:
    return [{"motivation": "correcting", "description": each} for each in texts]


def names(*versions: Statement) -> list[tuple[datetime, str | None]]:
    return [(at, party.name) for at, party in descriptions("T", versions)]


FIRST, SECOND = told("2020-01-01", "First", "new"), told("2021-01-01", "Second")


def test_each_description_counts_from_its_date() -> None:
    assert names(FIRST, SECOND) == [(day("2020-01-01"), "First"), (day("2021-01-01"), "Second")]


def test_a_closing_statement_describes_nothing_unless_nothing_else_does() -> None:
    closing = told("2022-01-01", "Closed", "closed")
    assert names(FIRST, closing) == [(day("2020-01-01"), "First")]
    assert names(closing) == [(day("2022-01-01"), "Closed")]


def test_a_record_is_of_the_kind_that_was_told_last() -> None:
    other = {**told("2019-01-01", "Other"), "recordType": "person"}
    assert names(other, FIRST) == [(day("2020-01-01"), "First")]
    ((_, found),) = descriptions("T", [FIRST, other])
    assert (found.record_id, found.kind, found.name) == ("T", "person", None)


def test_a_correction_takes_the_place_of_the_statement_before_it_and_its_date() -> None:
    third = told("2022-01-01", "Third", annotations=correction("typo"))
    found = dated([FIRST, SECOND, third])
    assert [(at, each["recordDetails"]["name"]) for at, each in found] == [
        (day("2020-01-01"), "First"),
        (day("2021-01-01"), "Third"),
    ]
    assert dated([third]) == [(day("2022-01-01"), third)]


def test_a_correction_that_is_repeated_corrects_nothing_again() -> None:
    plain = told("2020-01-01", "A", annotations=[{"motivation": "commenting"}, "no object"])
    one = told("2021-01-01", "B", annotations=correction("typo"))
    two = told("2022-01-01", "C", annotations=correction("typo", "date"))
    assert [
        is_correction(each) for each in (plain, one, told("2020-01-01", "D", annotations="x"))
    ] == [*(False, True, False)]
    assert (corrects(one, plain), corrects(one, one), corrects(two, one)) == (True, False, True)
    assert (corrects(plain, plain), corrects(plain, one)) == (False, False)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("2020-01-01", day("2020-01-01")),
        ("2020-01-01T12:00:00", datetime(2020, 1, 1, 12, tzinfo=UTC)),
        ("2020-01-01T12:00:00+02:00", datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("soon", ALWAYS),
        (20200101, ALWAYS),
        (None, ALWAYS),
    ],
)
def test_a_date_that_cannot_be_read_is_before_all_others(
    stated: object, expected: datetime
) -> None:
    assert instant_of(stated) == expected


def test_details_that_are_no_object_are_none() -> None:
    assert details_of({"recordDetails": {"name": "A"}}) == {"name": "A"}
    assert details_of({"recordDetails": "A"}) == {}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([{"type": "alias", "fullName": "B"}, {"type": "legal", "fullName": "A"}], "A"),
        ([{"type": "alias", "fullName": "B"}, {"fullName": "C"}], "B"),
        ([{"type": "legal"}, "no object", {"fullName": "C"}], "C"),
        ([], None),
        ("A", None),
    ],
)
def test_a_person_is_called_by_the_legal_name_or_else_the_first(
    stated: object, expected: str | None
) -> None:
    statement = {"recordType": "person", "recordDetails": {"names": stated}}
    ((_, found),) = descriptions("P", [statement])
    assert (found.kind, found.name) == ("person", expected)


def test_a_name_of_an_organisation_that_is_no_text_is_none() -> None:
    ((_, found),) = descriptions("T", [{**FIRST, "recordDetails": {"name": 7}}])
    assert (found.kind, found.name) == ("organisation", None)
