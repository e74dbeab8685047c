"""Person status and headquarters over the time of the work, of an owner and of tenants."""

from __future__ import annotations

from datetime import UTC, datetime

from detector.facts import StatusFinding
from detector.parties.persons import Persons, Subject
from detector.who.graph import Statement
from detector.who.records import TenantHistory
from tests.support.charts import countries
from tests.support.holdings import day
from tests.support.statements import entity, graph_of, holding, person

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = countries()
TENANTS: Subject = ("tenant", "t", ("t", "u"))
OWNER: Subject = ("owner", "X", ("t",))


def told(statement: Statement, dated: str) -> Statement:
    return {**statement, "statementDate": dated, "recordStatus": "updated"}


def persons() -> Persons:
    graph = graph_of(
        *(entity("T", "US", headquarters="US"), entity("X", "US", headquarters="HK")),
        told(entity("X", "SG", headquarters="SG"), "2021-01-01"),
        told(entity("X", "US", headquarters="US"), "2023-01-01"),
        *(person("P", "US"), holding("P", "T", 100)),
        *(entity("A", "CN", headquarters="CN"), entity("M", "FR", headquarters="FR")),
        *(holding("A", "T", 60, startDate="2022-01-01"), holding("M", "T", 50)),
        entity("N"),
        holding("N", "T", 60, startDate="2022-01-01"),
    )
    records = [({"customer_record_id": "T"}, day("2019-01-01"))]
    return Persons(graph, {"t": TenantHistory.of(records), "v": TenantHistory(())}, TABLE)


def test_headquarters_are_those_of_the_customer_and_sure_parents_at_any_time_of_the_work() -> None:
    found = persons()
    span = ((day("2021-06-01"), day("2022-06-01")),)
    assert found.headquarters(("tenant", "t", ("t", "v", "w")), span) == (("CN", "A"), ("US", "T"))
    assert found.headquarters(TENANTS, ((day("2021-06-01"), day("2021-07-01")),)) == (("US", "T"),)
    of_owner = found.headquarters(OWNER, ((day("2020-06-01"), day("2021-06-01")),))
    assert of_owner == (("HK", "X"), ("SG", "X"))
    assert found.headquarters(OWNER, ((day("2020-06-01"), day("2021-06-01")),)) == of_owner  # kept


def test_the_stretches_that_decide_a_status_are_told_by_their_first_instants() -> None:
    found = persons()
    span = ((day("2020-06-01"), day("2024-06-01")),)
    assert found.status(OWNER, span).status == "foreign"
    assert found.deciding(OWNER, span) == (day("2021-01-01"),)
    assert found.status(OWNER, span) == found.status(OWNER, span)  # kept
    later = ((day("2021-06-01"), day("2021-07-01")),)
    assert found.deciding(OWNER, later) == (day("2021-06-01"),)


def test_what_was_asked_before_changes_no_date_in_the_reasons() -> None:
    """An assessment of many hours and one that begins anew at the last of them tell the same."""
    found = persons()
    for first in ("2021-06-01", "2021-05-01"):
        span = ((day(first), day("2024-06-01")),)
        assert found.status(OWNER, span) == persons().status(OWNER, span)
        assert found.status(OWNER, span).reasons[0].startswith(f"From {first} on: ")


def test_a_subject_of_tenants_has_the_status_of_their_customers() -> None:
    found = persons()
    nobody = found.status(("tenant", "w", ("w",)), ((day("2020-06-01"), day("2020-07-01")),))
    assert nobody == StatusFinding("undetermined", ("No customer record is on file.",))
    span = ((day("2022-06-01"), day("2022-07-01")),)
    assert found.status(("tenant", "t", ("t",)), span).status == "foreign"
