"""What a finding says of a tenant that sells on what it rents: it may not be its own work."""

from __future__ import annotations

from detector.rules import apply
from detector.rules.rule import Finding
from tests.support.subjects import case, customer, subject, training

NEAR = subject(**training(1e25, 8e25, 1.5e26))


def in_reach(is_reseller: bool) -> Finding:
    found = apply(case(NEAR, customers=(customer(is_reseller=is_reseller),)))
    (reached,) = (each for each in found if each.rule_id == "threshold-in-reach")
    return reached


def test_a_finding_on_a_reseller_says_whose_work_it_may_be() -> None:
    plain, sold = in_reach(is_reseller=False), in_reach(is_reseller=True)
    assert sold.because.removeprefix(plain.because) == (
        " By their records these tenants sell on what they rent, so the work may be of their "
        "customers, whom they can name: t-1."
    )
    assert (sold.severity, sold.finding_id) == (plain.severity, plain.finding_id)
    assert {**plain.evidence, "resellers": ("t-1",)} == sold.evidence
