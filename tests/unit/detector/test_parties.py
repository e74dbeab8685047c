"""Who holds which tenant when, seen at an instant, whatever order the records came in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import polars as pl
import pytest

from detector.facts import OwnerName
from detector.parties import Parties, PartyBook
from detector.parties.recorded import DECLARATION, STATEMENT, TENANT
from detector.policy.tables import CountryTable
from features.schema import RECORDS
from tests.support.charts import countries
from tests.support.statements import entity, holding, person, relationship
from tests.support.subjects import subject

FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)
SALE = datetime(2026, 5, 1, tzinfo=UTC)
FIRST, LAST = -(2**62), 2**62
Told = tuple[str, str, datetime, Mapping[str, Any]]

OWNERSHIP: tuple[Told, ...] = (
    ("record", TENANT, datetime(2026, 1, 1, tzinfo=UTC), {"customer_record_id": "T"}),
    ("entity", STATEMENT, datetime(2026, 1, 1, tzinfo=UTC), entity("T", "US-DE")),
    ("ann", STATEMENT, datetime(2026, 1, 1, tzinfo=UTC), person("ann", "US")),
    ("bo", STATEMENT, datetime(2026, 1, 1, tzinfo=UTC), person("bo", "CN")),
    (
        "sold",
        STATEMENT,
        datetime(2026, 1, 1, tzinfo=UTC),
        holding("ann", "T", 100, endDate="2026-05-01"),
    ),
    (
        "bought",
        STATEMENT,
        datetime(2026, 5, 2, tzinfo=UTC),
        holding("bo", "T", 100, startDate="2026-05-01"),
    ),
)


@pytest.fixture(scope="module")
def table() -> CountryTable:
    return countries()


def records(told: Sequence[Told]) -> pl.DataFrame:
    rows = [
        (n, "provider", name, time, 0, n, 0, kind, json.dumps({"tenant_id": "t", **data}))
        for n, (name, kind, time, data) in enumerate(told)
    ]
    return pl.DataFrame(rows, RECORDS, orient="row")


def parties(told: Sequence[Told], table: CountryTable, as_of: datetime) -> Parties:
    frame = records(told)
    is_structure = pl.col("type").is_in([TENANT, STATEMENT])
    book = PartyBook(frame.filter(is_structure), table)
    return Parties(book, frame.filter(~is_structure), as_of)


def ms(instant: datetime) -> int:
    return int(instant.timestamp()) * 1000


def test_a_sale_cuts_the_tenants_time_and_each_owner_holds_its_own_part(
    table: CountryTable,
) -> None:
    found = parties(OWNERSHIP, table, SALE)
    assert found.segments.rows() == [("t", 0, FIRST, ms(SALE)), ("t", 1, ms(SALE), LAST)]
    assert found.holders.rows() == [("t", 0, "ann", False), ("t", 1, "bo", False)]


@pytest.mark.parametrize(
    ("as_of", "status", "owner"),
    [
        (datetime(2026, 4, 30, 23, tzinfo=UTC), "us", "ann"),
        (datetime(2026, 5, 1, tzinfo=UTC), "foreign", "bo"),
    ],
)
def test_status_and_owners_are_those_of_the_instant(
    table: CountryTable, as_of: datetime, status: str, owner: str
) -> None:
    found = parties(OWNERSHIP, table, as_of)
    assert found.who_is("tenant", "t", ("t",), ((as_of, as_of),)).status.status == status
    (customer,) = found.customers(["t"])
    assert customer.owners == (OwnerName(owner, f"Name of {owner}", is_person=True),)


def test_work_over_a_sale_had_both_owners_and_work_before_it_one(table: CountryTable) -> None:
    found = parties(OWNERSHIP, table, SALE)
    before, after = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    assert found.who_is("tenant", "t", ("t",), ((before, after),)).owner_ids == ("ann", "bo")
    assert found.who_is("tenant", "t", ("t",), ((before, SALE),)).owner_ids == ("ann",)
    late = ((SALE, after), (after, after))
    assert found.who_is("tenant", "t", ("t",), late).owner_ids == ("bo",)


def test_the_order_in_which_records_came_changes_nothing(table: CountryTable) -> None:
    declared = [
        (f"d{n}", DECLARATION, datetime(2026, 3, n, tzinfo=UTC), _plan(n)) for n in (1, 2, 3)
    ]
    told = [*OWNERSHIP, *declared]
    expected = parties(told, table, SALE)
    for seed in range(5):
        shuffled = list(told)
        Random(seed).shuffle(shuffled)
        found = parties(shuffled, table, SALE)
        assert found.segments.equals(expected.segments)
        assert found.holders.equals(expected.holders)
        assert found.customers(["t"]) == expected.customers(["t"])
    (customer,) = expected.customers(["t"])
    assert [plan.parameters for plan in customer.declarations] == [3e9]


def test_the_largest_declared_share_of_biological_data_counts(table: CountryTable) -> None:
    told = [
        (f"d{n}", DECLARATION, SALE, {"declaration_id": f"d{n}", "biological_sequence_share": s})
        for n, s in enumerate((0.25, 0.75, None))
    ]
    found = parties(told, table, SALE)
    assert found.who_is("tenant", "t", ("t",), ((SALE, SALE),)).biological_share_ratio == 0.75
    assert found.tenants_with_plans() == {"t"}


def test_of_an_unknown_tenant_nothing_is_known(table: CountryTable) -> None:
    found = parties((), table, SALE)
    person_of = found.who_is("tenant", "x", ("x",), ((SALE, SALE),))
    assert (person_of.status.status, person_of.owner_ids) == ("undetermined", ())
    assert found.name_of("tenant", "x") is None
    assert found.segments.height == found.holders.height == 0


@pytest.mark.parametrize(
    ("code", "area", "told"),
    [
        ("HK", "HK", "Hong Kong (HK), counted as China (CN) by"),
        ("CN-91", "HK", "Hong Kong (HK), counted as China (CN) by"),
        ("MO", "MO", "Macau (MO), named beside D:5"),
        ("CN", "CN", "China (CN)"),
    ],
)
def test_headquarters_keep_the_area_and_say_as_what_it_counts(
    table: CountryTable, code: str, area: str, told: str
) -> None:
    statements = [
        ("record", TENANT, FOUNDED, {"customer_record_id": "T"}),
        ("entity", STATEMENT, FOUNDED, entity("T", headquarters=code)),
    ]
    found = parties(statements, table, SALE)
    person_of = found.who_is("tenant", "t", ("t",), ((SALE, SALE),))
    assert person_of.headquarters == ((area, "T", "Name of T (T)"),)
    facts = subject(headquarters=person_of.headquarters)
    (place,) = found.places_of(facts)
    assert place.startswith(told)
    assert place.endswith(": Name of T (T)")


def state_body(record_id: str) -> Mapping[str, Any]:
    told = dict(entity(record_id))
    return told | {"recordDetails": told["recordDetails"] | {"entityType": {"type": "stateBody"}}}


def nobody_known(record_id: str) -> Mapping[str, Any]:
    told = dict(person(record_id))
    details = {**told["recordDetails"], "personType": "unknownPerson"}
    return told | {"recordDetails": details}


def unspecified(reason: str) -> Mapping[str, Any]:
    """Give a statement that an owner of T is not named, for a reason."""
    return relationship("nobody", {"reason": reason}, "T", [])


@pytest.mark.parametrize(
    ("statements", "is_disclosed", "questions", "without"),
    [
        (
            [state_body("T")],
            True,
            (),
            ("Name of T (T) is a state or a body of one: it has no beneficial owner.",),
        ),
        (
            [entity("T"), unspecified("noBeneficialOwners")],
            True,
            (),
            ("Name of T (T) is said to have no beneficial owner.",),
        ),
        (
            [
                entity("T"),
                person("ann"),
                holding("ann", "T", 60),
                unspecified("informationUnknownToPublisher"),
            ],
            False,
            ("An owner of Name of T (T) is not named: information unknown to publisher.",),
            (),
        ),
        (
            [entity("T"), nobody_known("P"), holding("P", "T", 100)],
            False,
            ("Who P is, is not told: unknown.",),
            (),
        ),
        ([entity("T")], False, ("No beneficial owner of Name of T (T) is known for sure.",), ()),
        ([entity("T"), person("ann"), holding("ann", "T", 60)], True, (), ()),
    ],
)
def test_a_stated_reason_is_not_the_same_as_an_owner_nobody_knows(
    table: CountryTable,
    statements: list[Mapping[str, Any]],
    is_disclosed: bool,  # noqa: FBT001 - a column of the table
    questions: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    told = [
        ("record", TENANT, FOUNDED, {"customer_record_id": "T"}),
        *((f"s{n}", STATEMENT, FOUNDED, each) for n, each in enumerate(statements)),
    ]
    (customer,) = parties(told, table, SALE).customers(["t"])
    assert customer.is_ownership_disclosed == is_disclosed
    assert (customer.ownership_questions, customer.without_owners) == (questions, without)


def _plan(number: int) -> dict[str, Any]:
    return {"declaration_id": "plan", "parameters": number * 1e9}


def test_what_a_party_is_said_to_be_later_changes_nothing_of_the_time_before(
    table: CountryTable,
) -> None:
    moved = {**person("bo", "CN", residence="US"), "statementDate": "2026-07-01"}
    told = (*OWNERSHIP, ("moved", STATEMENT, datetime(2026, 7, 1, tzinfo=UTC), moved))
    june, july, august = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))
    found = parties(told, table, august)
    assert july in found.changes
    spans = ((june, july), (july, august), (june, august))
    statuses = [found.who_is("tenant", "t", ("t",), (span,)).status.status for span in spans]
    assert statuses == ["foreign", "us", "foreign"]
