"""What a party was said to be when: dated like interests, corrected, closed, as known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from detector.facts import StatusFinding
from detector.parties.persons import Persons, Subject
from detector.screening.subjects import party_subject
from detector.who.graph import OwnershipGraph, Statement, build_graph
from detector.who.places import own_status
from detector.who.records import TenantHistory
from detector.who.status import headquarters, record_status
from tests.support.charts import countries
from tests.support.holdings import Row, day, rows
from tests.support.statements import entity, graph_of, holding, person, relationship

TABLE = countries()


def told(statement: Statement, dated: str, status: str = "updated", **more: Any) -> Statement:  # noqa: ANN401
    return {**statement, "statementDate": dated, "recordStatus": status, **more}


def named(statement: Statement, name: str) -> Statement:
    details: Mapping[str, Any] = statement["recordDetails"]
    return {**statement, "recordDetails": {**details, "name": name}}


CORRECTING = [
    {"motivation": "correcting", "statementPointerTarget": "/recordDetails", "description": "typo"}
]


def status_on(graph: OwnershipGraph, on: str) -> str:
    return record_status("T", graph, day(on), TABLE).status


def test_a_status_is_that_of_its_day_and_the_first_description_covers_what_came_before() -> None:
    graph = graph_of(
        entity("T", "US-DE"),
        told(person("P", "CN"), "2024-03-01", "new"),
        told(person("P", "CN", residence="US"), "2025-06-01"),
        holding("P", "T", 100),
    )
    days = ("2020-01-01", "2024-03-01", "2025-05-31", "2025-06-01", "2026-01-01")
    assert [status_on(graph, each) for each in days] == [*["foreign"] * 3, "us", "us"]


def test_headquarters_and_names_are_those_of_the_day() -> None:
    graph = graph_of(
        told(named(entity("T", "SG", headquarters="CN"), "Old Name"), "2024-01-01", "new"),
        told(named(entity("T", "SG", headquarters="SG"), "New Name"), "2025-01-01"),
    )
    days = [day("2024-12-31"), day("2025-01-01")]
    assert [headquarters("T", graph, at, TABLE)[0].country for at in days] == ["CN", "SG"]
    assert [graph.party("T", at).name for at in days] == ["Old Name", "New Name"]
    assert graph.party("T").name == "New Name"


def test_what_a_party_was_found_to_be_later_is_not_known_before() -> None:
    statements = [
        (entity("T", "US-DE"), day("2024-01-01")),
        (holding("P", "T", 100), day("2024-01-01")),
        (told(person("P", "US"), "2024-01-01", "new"), day("2024-01-01")),
        (told(person("P", "RU"), "2024-02-01"), day("2025-01-01")),
    ]
    before = build_graph(statements, as_of=day("2024-12-31"))
    after = build_graph(statements)
    assert status_on(before, "2024-06-01") == "us"
    assert status_on(after, "2024-06-01") == "foreign"
    assert status_on(after, "2024-01-31") == "us"


def test_the_order_of_arrival_of_descriptions_changes_nothing() -> None:
    versions = [
        told(person("P", code), f"202{n}-01-01") for n, code in enumerate(("US", "CN", "SG"))
    ]
    assert graph_of(*versions).described == graph_of(*reversed(versions)).described


def test_a_corrected_description_never_held() -> None:
    wrong = told(person("P", "CN"), "2024-03-01", "new")
    right = told(person("P", "US"), "2024-09-01", annotations=CORRECTING)
    graph = graph_of(entity("T", "US-DE"), wrong, right, holding("P", "T", 100))
    assert [status_on(graph, each) for each in ("2024-05-01", "2025-01-01")] == ["us", "us"]
    assert graph.described == {}


def test_a_correction_that_publishers_repeat_corrects_nothing_again() -> None:
    versions = [
        told(person("P", "CN"), "2024-01-01", "new"),
        told(person("P", "US"), "2024-01-01", annotations=CORRECTING),
        told(person("P", "SG"), "2025-01-01", annotations=CORRECTING),
    ]
    found = graph_of(*versions).described["P"]
    codes = [(at, party.details["nationalities"][0]["code"]) for at, party in found]
    assert codes == [(day("2024-01-01"), "US"), (day("2025-01-01"), "SG")]


def test_a_corrected_share_never_held_and_a_changed_one_did() -> None:
    def stake(share: float, start: str, **more: Any) -> Statement:  # noqa: ANN401
        interest = {"type": "shareholding", "share": {"exact": share}, "startDate": start}
        return told(relationship("r", "P", "T", [interest]), "2024-01-01", **more)

    people = (person("P"), entity("T"))
    first = stake(80, "2020-01-01", status="new")
    changed = graph_of(*people, first, {**stake(30, "2023-01-01"), "statementDate": "2024-02-01"})
    assert rows(changed)[:2] == [
        Row("P", 0.8, 0.8, "yes", "2020-01-01", "2023-01-01"),
        Row("P", 0.3, 0.3, "yes", "2023-01-01", None),
    ]
    corrected = graph_of(*people, first, stake(30, "2023-01-01", annotations=CORRECTING))
    assert rows(corrected)[0] == Row("P", 0.3, 0.3, "yes", "2023-01-01", None)


def test_a_closing_statement_describes_nothing_new() -> None:
    bare = {"isComponent": False, "personType": "knownPerson"}
    opened, closed = told(person("P", "CN"), "2024-01-01", "new"), person("P")
    closing = told({**closed, "recordDetails": bare}, "2025-01-01", "closed")
    assert graph_of(opened, closing).party("P", day("2026-01-01")).name == "Name of P"
    assert graph_of(closing).party("P", day("2026-01-01")).name is None


def test_screening_looks_for_everything_that_a_party_ever_was() -> None:
    graph = graph_of(
        told(named(entity("T", "RU"), "Old Name"), "2024-01-01", "new"),
        told(named(entity("T", "AE"), "New Name"), "2025-01-01"),
    )
    found = party_subject(graph.descriptions("T"), "owner")
    assert (found.names, found.countries) == (("New Name", "Old Name"), ("AE", "RU"))


TENANT: Subject = ("tenant", "t", ("t",))
OWNER: Subject = ("owner", "P", ("t",))
SALE = (
    entity("T", "US-DE"),
    person("seller", "CN"),
    person("buyer", "US"),
    holding("seller", "T", 100, endDate="2026-05-01"),
    holding("buyer", "T", 100, startDate="2026-05-01"),
)


def persons(*statements: Statement) -> Persons:
    record = {"tenant_id": "t", "customer_record_id": "T"}
    history = TenantHistory.of([(record, day("2026-01-01"))])
    return Persons(graph_of(*statements), {"t": history}, TABLE)


def test_work_done_for_a_foreign_owner_stays_foreign_after_the_sale() -> None:
    found = persons(*SALE)
    spans = {
        "before": (day("2026-03-01"), day("2026-05-01")),
        "after": (day("2026-05-01"), day("2026-08-01")),
        "over": (day("2026-03-01"), day("2026-08-01")),
    }
    told_of_seller = (
        "Name of seller owns or controls the customer (100 %). Name of seller (seller) has "
        "nationality CN and no residence on record."
    )
    own = "Name of T (T) is organised under the law of US-DE."
    assert {each: found.status(TENANT, (span,)) for each, span in spans.items()} == {
        "before": StatusFinding("foreign", (own, told_of_seller)),
        "after": StatusFinding(
            "us",
            (
                own,
                "Name of buyer owns or controls the customer (100 %). Name of buyer (buyer) is a "
                "citizen of the United States.",
            ),
        ),
        "over": StatusFinding(
            "foreign",
            (f"From 2026-03-01 on: {own}", f"From 2026-03-01 on: {told_of_seller}"),
        ),
    }
    assert found.deciding(TENANT, (spans["over"],)) == (day("2026-03-01"),)


def test_a_status_asked_at_one_instant_is_that_of_the_instant() -> None:
    found = persons(*SALE)
    at: list[datetime] = [day("2026-04-30"), day("2026-05-01")]
    assert [found.status(TENANT, ((each, each),)).status for each in at] == ["foreign", "us"]


def test_headquarters_are_all_that_there_were_during_the_work() -> None:
    found = persons(
        told(entity("T", "SG", headquarters="CN"), "2026-01-01", "new"),
        told(entity("T", "SG", headquarters="SG"), "2026-05-01"),
    )
    spans = [
        (day(a), day(b)) for a, b in (("2026-02-01", "2026-08-01"), ("2026-06-01", "2026-08-01"))
    ]
    assert [found.headquarters(TENANT, (span,)) for span in spans] == [
        (("CN", "T"), ("SG", "T")),
        (("SG", "T"),),
    ]


def test_an_owner_by_itself_has_the_status_of_the_time_of_its_work() -> None:
    found = persons(
        told(person("P", "CN"), "2024-01-01", "new"),
        told(person("P", "CN", residence="US"), "2026-05-01"),
    )
    spans = [
        (day(a), day(b)) for a, b in (("2026-02-01", "2026-03-01"), ("2026-06-01", "2026-08-01"))
    ]
    assert [found.status(OWNER, (span,)).status for span in spans] == ["foreign", "us"]


def test_a_description_does_not_hold_for_the_own_status_of_another_day() -> None:
    graph = graph_of(told(entity("T", "US"), "2024-01-01"), told(entity("T", "KY"), "2025-01-01"))
    found = [
        own_status(graph.party("T", day(on)), TABLE).status for on in ("2024-06-01", "2025-06-01")
    ]
    assert found == ["us", "foreign"]
