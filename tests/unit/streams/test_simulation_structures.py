"""Ownership structures of simulated customers: what is disclosed, and who truly stands behind."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from detector.bods.problems import Place
from streams.commands.check_bods import check, documents
from streams.simulation import Asked, build
from streams.simulation.people import Customer
from streams.simulation.structures import RESELLER, reseller, structured

WINDOW_MS = 1_700_000_000_000


@pytest.fixture(scope="module")
def customers() -> dict[str, list[Customer]]:
    rng = np.random.default_rng(5)
    found: dict[str, list[Customer]] = {}
    for number in range(120):
        each = structured(rng, number, f"t-{number:05d}", WINDOW_MS)
        found.setdefault(each.structure, []).append(each)
    return found


def statements(customer: Customer) -> Counter[str]:
    return Counter(
        str(record.data["recordType"])
        for record in customer.records
        if record.kind == "trainwatch.bods.v1"
    )


def persons(customer: Customer) -> set[str]:
    return {
        str(record.data["recordId"])
        for record in customer.records
        if record.data.get("recordType") == "person"
    }


def test_every_structure_is_drawn(customers: dict[str, list[Customer]]) -> None:
    assert sorted(customers) == ["divided", "group", "nominee", "resold", "shells", "subsidiary"]


def test_shells_lead_to_the_owner_through_two_layers_at_least(
    customers: dict[str, list[Customer]],
) -> None:
    for each in customers["shells"]:
        found = statements(each)
        assert found["entity"] >= 3
        assert found["relationship"] == found["entity"]
        assert persons(each) == set(each.owner_ids)


def test_a_nominee_is_on_the_records_and_the_owner_is_not(
    customers: dict[str, list[Customer]],
) -> None:
    for each in customers["nominee"]:
        assert not persons(each) & set(each.owner_ids)
        (paid,) = [r.data["payment"] for r in each.records if "payment" in r.data]
        assert paid["country"] == each.owner_countries[0]


def test_nobody_owns_a_quarter_of_what_is_divided(customers: dict[str, list[Customer]]) -> None:
    for each in customers["divided"]:
        assert each.owner_ids == ()
        assert statements(each) == {"entity": 1, "person": 5, "relationship": 5}


def test_customers_of_a_group_share_an_owner(customers: dict[str, list[Customer]]) -> None:
    owners = Counter(each.owner_ids for each in customers["group"])
    assert max(owners.values()) > 1


def test_a_resold_customer_names_the_reseller_and_discloses_no_owner(
    customers: dict[str, list[Customer]],
) -> None:
    for each in customers["resold"]:
        assert statements(each) == {"entity": 1}
        (record,) = [r.data for r in each.records if r.kind == "trainwatch.tenant.v1"]
        assert record["reseller_tenant_id"] == RESELLER == reseller(WINDOW_MS).tenant_id


@pytest.mark.parametrize(("scenario", "customers"), [("demo", None), ("background", 60)])
def test_the_checker_finds_nothing_to_refuse_in_simulated_owners(
    scenario: str, customers: int | None
) -> None:
    cloud = build(scenario, 1, 2, customers, Asked(structured_ratio=0.9))
    stated = [each for each in cloud.records if each.kind == "trainwatch.bods.v1"]
    values = [
        (Place("owners", number, number), record.text.encode(), record.data)
        for number, record in enumerate(stated, start=1)
    ]
    checked = check(values, documents())
    assert checked.statements == len(stated) > 50
    assert [each.text() for each in checked.problems if not each.is_note] == []
