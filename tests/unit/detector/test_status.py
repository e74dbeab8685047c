"""Us, foreign or undetermined, with reasons; headquarters and parents; records over time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from detector.facts import StatusFinding
from detector.who.graph import Statement
from detector.who.records import Record, TenantHistory, tenant_owners
from detector.who.status import Headquarters, headquarters, person_status, record_status
from tests.support.charts import countries
from tests.support.statements import entity, graph_of, holding, person, relationship, statement

AT = datetime(2026, 6, 1, tzinfo=UTC)
TABLE = countries()


def status_of(record: Record, *statements: Statement) -> StatusFinding:
    return person_status(TenantHistory.of([(record, AT)]), graph_of(*statements), AT, TABLE)


CUSTOMER = {"tenant_id": "t", "kind": "organisation", "customer_record_id": "T"}


def test_a_company_under_foreign_law_is_foreign() -> None:
    assert status_of(CUSTOMER, entity("T", "SG")) == StatusFinding(
        "foreign",
        (
            "Name of T (T) is organised under the law of SG.",
            "No beneficial owner of Name of T (T) is known for sure.",
        ),
    )


def test_a_company_under_united_states_law_with_owners_from_there_is_us() -> None:
    found = status_of(CUSTOMER, entity("T", "US-DE"), person("P", "US"), holding("P", "T", 100))
    assert found == StatusFinding(
        "us",
        (
            "Name of T (T) is organised under the law of US-DE.",
            "Name of P owns or controls the customer (100 %). "
            "Name of P (P) is a citizen of the United States.",
        ),
    )


def test_one_foreign_beneficial_owner_brings_the_account_in() -> None:
    found = status_of(
        CUSTOMER,
        entity("T", "US-DE"),
        person("P", "US"),
        person("Q", "FR", residence="FR"),
        holding("P", "T", 70),
        holding("Q", "T", 30),
    )
    assert found == StatusFinding(
        "foreign",
        (
            "Name of T (T) is organised under the law of US-DE.",
            "Name of P owns or controls the customer (70 %). "
            "Name of P (P) is a citizen of the United States.",
            "Name of Q owns or controls the customer (30 %). "
            "Name of Q (Q) has nationality FR and residence in FR on record.",
        ),
    )


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([entity("T", "US")], "undetermined"),
        ([entity("T")], "undetermined"),
        ([entity("T", "US"), person("P", "FR"), holding("P", "T", 10)], "undetermined"),
        ([entity("T", "US"), person("P", "FR"), holding("P", "T")], "undetermined"),
        ([entity("T", "US"), person("P"), holding("P", "T", 100)], "undetermined"),
        ([entity("T", "US"), person("P", "FR", "US"), holding("P", "T", 100)], "us"),
        ([entity("T", "KY", headquarters="US")], "undetermined"),
        ([entity("T", registered="CN")], "foreign"),
        ([entity("T", headquarters="CN")], "undetermined"),
        ([entity("T", "PR")], "undetermined"),
        ([entity("T", "US"), entity("A", "CN"), holding("A", "T", 60)], "foreign"),
        ([entity("T", "US"), entity("A", "CN"), holding("A", "T", 5)], "undetermined"),
        (
            [
                entity("T", "US"),
                person("P", "US"),
                holding("P", "T", 60),
                entity("A", "CN"),
                holding("A", "T", 5),
            ],
            "us",
        ),
        ([entity("T", "US"), relationship("r", {"reason": "unknown"}, "T", [])], "undetermined"),
        (
            [
                entity("T", "US"),
                person("P", "US"),
                holding("P", "T", 60),
                relationship("r", {"reason": "unknown"}, "T", []),
            ],
            "undetermined",
        ),
        ([entity("T", "US"), relationship("r", {"reason": "noBeneficialOwners"}, "T", [])], "us"),
        ([], "undetermined"),
        ([person("T", "CN")], "foreign"),
        ([person("T", "CN", residence="US")], "us"),
        ([person("T")], "undetermined"),
    ],
)
def test_law_place_and_owners_decide_together(statements: list[Statement], expected: str) -> None:
    assert status_of(CUSTOMER, *statements).status == expected


@pytest.mark.parametrize(
    ("interest", "how"),
    [
        ({"type": "boardMember"}, "may own or control the customer (no share stated)"),
        ({"type": "trustee"}, "owns or controls the customer (by control)"),
        ({"type": "shareholding"}, "may own or control the customer (share not stated)"),
    ],
)
def test_a_reason_says_how_an_owner_owns(interest: dict[str, str], how: str) -> None:
    owner = [person("P", "US"), relationship("r", "P", "T", [interest])]
    assert status_of(CUSTOMER, entity("T", "US"), *owner).reasons[1] == (
        f"Name of P {how}. Name of P (P) is a citizen of the United States."
    )


def test_a_tenant_without_a_customer_on_file_is_undetermined() -> None:
    assert status_of({"kind": "organisation", "address": {"country": "US"}}) == (
        StatusFinding(
            "undetermined", ("The customer record names no person or organisation on file.",)
        )
    )
    assert person_status(TenantHistory.of([]), graph_of(), AT, TABLE) == StatusFinding(
        "undetermined", ("No customer record is on file.",)
    )


def test_an_individual_in_the_united_states_is_us_whatever_the_nationality() -> None:
    expected = StatusFinding("us", ("The customer is an individual in the United States.",))
    record = {"kind": "individual", "address": {"country": "US"}}
    assert status_of(record) == expected
    assert status_of({**record, "customer_record_id": "P"}, person("P", "FR")) == expected


def test_an_owner_who_left_no_longer_counts() -> None:
    graph = graph_of(
        entity("T", "US"),
        person("P", "US"),
        person("Q", "FR"),
        holding("P", "T", 50),
        holding("Q", "T", 50, endDate="2026-01-01"),
    )
    before, after = datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert record_status("T", graph, before, TABLE).status == "foreign"
    assert record_status("T", graph, after, TABLE).status == "us"


def test_headquarters_are_read_from_the_best_address_and_for_every_ultimate_parent() -> None:
    graph = graph_of(
        entity("T", "KY", registered="KY", headquarters="SG"),
        entity("A", registered="HK"),
        entity("B", "US-DE"),
        entity("M"),
        holding("A", "M", 100),
        holding("M", "T", 60),
        holding("B", "T", {"minimum": 25, "maximum": 50}),
    )
    assert headquarters("T", graph, AT, TABLE) == (
        Headquarters("T", "customer", "yes", "SG", "headquarters address", "SG"),
        Headquarters("A", "ultimate_parent", "yes", "CN", "registered address", "HK"),
        Headquarters("B", "ultimate_parent", "possible", "US", "jurisdiction", "US"),
    )


def test_a_headquarters_that_is_not_on_record_is_unknown() -> None:
    assert headquarters("T", graph_of(entity("T")), AT, TABLE) == (
        Headquarters("T", "customer", "yes", None, None),
    )


def test_a_parent_that_may_have_a_parent_is_told_with_it() -> None:
    graph = graph_of(
        entity("T", "US"),
        entity("A", "DE"),
        entity("B", "CN"),
        holding("A", "T", 100),
        holding("B", "A"),
    )
    found = headquarters("T", graph, AT, TABLE)
    assert [(each.record_id, each.certainty, each.country) for each in found] == [
        ("T", "yes", "US"),
        ("A", "yes", "DE"),
        ("B", "possible", "CN"),
    ]


def test_companies_that_control_each_other_are_both_at_the_top() -> None:
    graph = graph_of(
        *(entity(each, "DE") for each in ("A", "B", "T")),
        holding("A", "T", 60),
        holding("A", "B", 60),
        holding("B", "A", 60),
    )
    found = headquarters("T", graph, AT, TABLE)
    assert [each.record_id for each in found] == ["T", "A", "B"]


def at(month: int) -> datetime:
    return datetime(2026, month, 1, tzinfo=UTC)


def test_a_record_holds_from_its_start_until_the_next_and_the_first_covers_what_came_before() -> (
    None
):
    history = TenantHistory.of(
        [
            ({"name": "third"}, at(6)),
            ({"name": "second", "valid_from": "2026-03-01T00:00:00+00:00"}, at(7)),
            ({"name": "first"}, at(2)),
        ]
    )
    found = [history.at(at(month)) for month in (1, 2, 3, 5, 6, 8)]
    assert [None if each is None else each["name"] for each in found] == [
        "first",
        "first",
        "second",
        "second",
        "third",
        "third",
    ]


def test_of_records_from_one_instant_the_one_sent_later_stands_in_any_order() -> None:
    records = [
        ({"name": "late", "valid_from": at(1)}, at(5)),
        ({"name": "soon", "valid_from": at(1)}, at(4)),
        ({"name": "a", "valid_from": at(3)}, at(4)),
        ({"name": "b", "valid_from": at(3)}, at(4)),
    ]
    for each in (records, records[::-1]):
        history = TenantHistory.of(each)
        assert [held.record["name"] for held in history.held] == ["late", "b"]


def test_a_tenant_is_owned_by_the_owners_of_whoever_was_the_customer_then() -> None:
    graph = graph_of(
        entity("T"),
        entity("U"),
        person("P"),
        person("Q"),
        holding("P", "T", 100),
        holding("Q", "U", 100, startDate="2026-05-01"),
    )
    history = TenantHistory.of(
        [
            ({"customer_record_id": "T", "name": "old name"}, at(1)),
            ({"customer_record_id": "T", "name": "new name"}, at(2)),
            ({"name": "nobody on file"}, at(3)),
            ({"customer_record_id": "U"}, at(4)),
        ]
    )
    found = tenant_owners(history, graph)
    assert [(each.owner_id, each.valid_from, each.valid_to) for each in found] == [
        ("P", None, at(3)),
        ("Q", at(5), None),
        ("U", at(4), at(5)),
    ]


def test_a_state_has_no_beneficial_owner_to_disclose() -> None:
    body = {"entityType": {"type": "stateBody"}, "jurisdiction": {"name": "US", "code": "US"}}
    agency = statement("A", "entity", {"isComponent": False, "name": "Agency", **body})
    graph = graph_of(entity("T", "US-DE"), agency, holding("A", "T", 100))
    assert record_status("T", graph, AT, TABLE).status == "us"
    company = graph_of(entity("T", "US-DE"), entity("A", "US"), holding("A", "T", 100))
    assert record_status("T", company, AT, TABLE).status == "undetermined"
