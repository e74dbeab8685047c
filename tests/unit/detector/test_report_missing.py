"""Which elements of 7.308(d)(1) are named missing, one element at a time."""

from __future__ import annotations

from typing import get_args

import pytest

from detector.facts import CustomerFacts, Interval, OwnerName
from detector.report.document import Element
from detector.report.missing import ELEMENTS, missing_elements
from detector.report.words import ELEMENT_WORDS
from tests.support.subjects import customer, declaration, subject

PERSON = OwnerName("p-9", "Tan Example", is_person=True)
HIDDEN = OwnerName("p-8", None, is_person=True)
COMPANY = OwnerName("e-4", "Holding Ltd", is_person=False)


def test_the_elements_are_those_of_the_contract_in_its_order() -> None:
    assert " ".join(ELEMENTS) == (
        "name ultimate_beneficial_owner address request_origin jurisdiction beneficial_owners "
        "payment email telephone ip_addresses operations_estimate start_date completion_date "
        "training_practices accelerator_model weight_security incidents"
    )


def test_nothing_is_missing_where_everything_is_known() -> None:
    assert missing_elements(subject(), (customer(),)) == ()


def test_everything_but_the_meters_is_missing_without_a_customer_record() -> None:
    metered = {"operations_estimate", "start_date", "accelerator_model"}
    assert missing_elements(subject(), ()) == tuple(e for e in ELEMENTS if e not in metered)


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        (customer(name=None), ("name",)),
        (customer(address=""), ("address",)),
        (customer(address="US"), ("address",)),  # a country alone
        (customer(address="Leeds, GB"), ()),
        (customer(jurisdiction=None), ("jurisdiction",)),
        (customer(use_locations=()), ()),  # the access log has the country
        (customer(use_locations=(), accesses=()), ("request_origin", "ip_addresses")),
        (customer(accesses=()), ("ip_addresses",)),
        (customer(payment_means=None), ("payment",)),
        (customer(payment_identifier_hash=None), ("payment",)),
        (customer(email=None), ("email",)),
        (customer(telephone=None), ("telephone",)),
        (customer(owners=()), ("ultimate_beneficial_owner", "beneficial_owners")),
        (customer(owners=(COMPANY,)), ("ultimate_beneficial_owner", "beneficial_owners")),
        (customer(owners=(PERSON, HIDDEN)), ("beneficial_owners",)),
        (customer(is_ownership_disclosed=False), ("beneficial_owners",)),
        (customer(owners=(PERSON, COMPANY)), ()),
        (customer(declarations=(declaration(planned_end=None),)), ("completion_date",)),
        (customer(declarations=(declaration(tokens=None),)), ("training_practices",)),
        (customer(declarations=(declaration(precision=None),)), ("training_practices",)),
        (customer(declarations=(declaration(weight_security=None),)), ("weight_security",)),
        (customer(declarations=(declaration(incidents=None),)), ("incidents",)),
        (
            customer(declarations=()),
            ("completion_date", "training_practices", "weight_security", "incidents"),
        ),
    ],
)
def test_what_one_record_does_not_say_is_missing(
    record: CustomerFacts, missing: tuple[Element, ...]
) -> None:
    assert missing_elements(subject(), (record,)) == missing


def test_an_individual_has_no_jurisdiction_of_organisation_and_owns_the_account() -> None:
    record = customer(kind="individual", jurisdiction=None, owners=(), is_ownership_disclosed=False)
    assert missing_elements(subject(), (record,)) == ()


def test_a_blank_in_one_of_several_records_is_missing() -> None:
    facts = subject(tenant_ids=("t-1", "t-2"))
    records = (customer(), customer(tenant_id="t-2", email=None))
    assert missing_elements(facts, records) == ("email",)
    assert "name" in missing_elements(facts, (customer(),))


def test_the_meters_give_the_estimate_the_start_and_the_accelerator() -> None:
    nothing = subject(training=Interval(0.0, 0.0, 0.0), accelerators=(), accelerator_hours=0.0)
    assert missing_elements(nothing, (customer(),)) == (
        "operations_estimate",
        "start_date",
        "accelerator_model",
    )


def test_every_element_has_words_and_a_place_to_get_it() -> None:
    assert list(ELEMENT_WORDS) == list(get_args(Element))
