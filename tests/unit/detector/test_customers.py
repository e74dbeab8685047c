"""What is on file of one customer: nothing filled in, the last declaration, folded accesses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from detector.facts import AccessSource, CustomerFacts, Declaration, OwnerName
from detector.parties.customers import customer_facts
from tests.support.statements import entity, graph_of

FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)


def test_of_a_bare_record_nothing_is_known() -> None:
    assert customer_facts({"tenant_id": "t"}, None, (), (), ()) == CustomerFacts(tenant_id="t")


def test_a_full_record_is_told_field_by_field() -> None:
    record: dict[str, Any] = {
        "tenant_id": "t",
        "name": "Acme",
        "kind": "organisation",
        "address": {"street": "1 High St", "city": "Leeds", "country": "GB", "type": "office"},
        "use_locations": ["GB", "FR"],
        "email": "a@b.example",
        "phone": "+44 1",
        "payment": {"means": "card", "identifier_hash": "h", "payer_name": "Payer"},
        "verification": {"status": "verified"},
        "public_presence": "minimal",
        "is_reseller": True,
    }
    owners = (OwnerName("P", "Ann", is_person=True),)
    assert customer_facts(record, None, owners, (), ()) == CustomerFacts(
        tenant_id="t",
        name="Acme",
        kind="organisation",
        address="1 High St, Leeds, GB",
        address_type="office",
        use_locations=("GB", "FR"),
        payment_means="card",
        payment_identifier_hash="h",
        payer_name="Payer",
        email="a@b.example",
        telephone="+44 1",
        owners=owners,
        is_ownership_disclosed=True,
        verification_status="verified",
        public_presence="minimal",
        is_reseller=True,
    )


def test_the_statement_of_the_customer_serves_where_the_record_is_silent() -> None:
    party = graph_of(entity("T", "SG")).party("T")
    found = customer_facts({"tenant_id": "t"}, party, (), (), ())
    assert (found.name, found.kind, found.jurisdiction) == ("Name of T", "organisation", "SG")


def test_an_organisation_among_the_owners_means_that_ownership_is_not_disclosed() -> None:
    owners = (OwnerName("P", "Ann", is_person=True), OwnerName("O", "Top", is_person=False))
    assert not customer_facts({"tenant_id": "t"}, None, owners, (), ()).is_ownership_disclosed


def test_accesses_are_folded_by_address_and_country_so_that_none_hides_another() -> None:
    accesses: list[tuple[dict[str, Any], datetime]] = [
        ({"source_ip": "192.0.2.9", "country": "FR"}, FIRST),
        ({"source_ip": "192.0.2.1"}, FIRST),
        ({"source_ip": "192.0.2.9", "country": "DE", "is_anonymizer": True}, LAST),
        ({"source_ip": "192.0.2.9"}, LAST),
        ({"country": "IT"}, LAST),
    ]
    assert customer_facts({"tenant_id": "t"}, None, (), accesses, ()).accesses == (
        AccessSource("192.0.2.1", None, FIRST, FIRST, 1),
        AccessSource("192.0.2.9", "DE", LAST, LAST, 2, anonymizer_count=1),
        AccessSource("192.0.2.9", "FR", FIRST, FIRST, 1),
    )


def test_the_last_version_of_each_declaration_holds() -> None:
    declared: list[tuple[dict[str, Any], datetime]] = [
        ({"declaration_id": "b", "parameters": 1e9}, FIRST),
        ({"declaration_id": "a", "planned_start": "2026-04-01T00:00:00Z"}, FIRST),
        ({"declaration_id": "b", "parameters": 7e9, "end_use": "chat"}, LAST),
    ]
    assert customer_facts({"tenant_id": "t"}, None, (), (), declared).declarations == (
        Declaration("a", planned_start=datetime(2026, 4, 1, tzinfo=UTC)),
        Declaration("b", parameters=7e9, end_use="chat"),
    )
