"""Places at odds: which of them are abroad, as records and providers write places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.rules import Case, apply
from tests.support.charts import countries
from tests.support.related_examples import AT_HOME, FRONT
from tests.support.subjects import case


def signs(asked: Case) -> list[str]:
    """Give what the rule says of the case, nothing where it is silent."""
    found = apply(asked)
    return [str(each.evidence["signs"]) for each in found if each.rule_id == "places-at-odds"]


@pytest.mark.parametrize("jurisdiction", ["US", "us", "US-DE"])
def test_a_state_of_the_same_country_is_not_abroad(jurisdiction: str) -> None:
    home = replace(FRONT, jurisdiction=jurisdiction, use_locations=("SG",))
    assert signs(case(AT_HOME, customers=(home,), countries=countries())) == []


def test_a_company_under_foreign_law_with_its_seat_at_home_may_be_paid_for_from_home() -> None:
    seated = replace(FRONT, jurisdiction="KY", use_locations=("SG",), payment_country="US")
    assert signs(case(AT_HOME, customers=(seated,), countries=countries())) == []


def test_another_country_is_abroad_of_a_state() -> None:
    front = replace(FRONT, jurisdiction="US-DE", payment_country="AE")
    found = signs(case(AT_HOME, customers=(front,), countries=countries()))
    assert found == ["paid for from AE and used mostly from SG"]
