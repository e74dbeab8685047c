"""Red flags of a customer's record: of whom they are asked, and in which reports they stand."""

from __future__ import annotations

import pytest

from detector.facts import PersonStatus, Scope
from detector.rules import apply, flagged
from tests.support.subjects import case, customer, status, subject, training

HIDDEN = customer(address_type="residential", public_presence="minimal")
FLAGS = ("unfit-address", "minimal-presence")


@pytest.mark.parametrize(
    ("word", "severities"),
    [("foreign", ["medium", "medium"]), ("undetermined", ["low", "low"]), ("us", [])],
)
def test_red_flags_are_asked_of_whoever_is_not_at_home(
    word: PersonStatus, severities: list[str]
) -> None:
    found = apply(case(subject(person_status=status(word)), customers=(HIDDEN,)))
    assert [each.severity for each in found if each.rule_id in FLAGS] == severities


def test_little_training_at_home_is_no_red_flag() -> None:
    small = subject(**training(9e23, 9.9e23, 2e24))
    assert [f.rule_id for f in apply(case(small, customers=(HIDDEN,))) if f.rule_id in FLAGS] == []


@pytest.mark.parametrize("scope", ["training_run", "tenant", "owner"])
def test_a_report_of_any_scope_names_the_red_flags_of_its_customers(scope: Scope) -> None:
    found = flagged(case(subject(scope=scope), customers=(HIDDEN,)))
    assert [(each.rule_id, each.scope) for each in found] == [(flag, scope) for flag in FLAGS]
