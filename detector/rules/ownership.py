"""Rules about owners: who stands behind a tenant, and whether anybody knows."""

from __future__ import annotations

from typing import Final

from detector.facts import CustomerFacts
from detector.rules.rule import Case, Hit, Rule, Value, is_large


def _owner_unknown(case: Case) -> Hit | None:
    """Large training of a tenant for which no natural person is known as an owner.

    Large is a share of the smallest threshold that can be reported, so ordinary tenants never
    meet it. An individual who is verified owns the account. It mistakes listed companies and
    state bodies, which have no beneficial owner to disclose, for opaque ones; it misses owners
    that were invented.
    """
    if not is_large(case):
        return None
    if case.customers and all(_person_is_known(record) for record in case.customers):
        return None
    evidence: dict[str, Value] = {
        "owner_ids": tuple(sorted(case.facts.owner_ids)),
        "training_operations_expected": case.facts.training.expected,
        "person_status": case.facts.person_status.status,
    }
    return Hit("medium", None, evidence)


def _person_is_known(record: CustomerFacts) -> bool:
    if any(owner.is_person and owner.name for owner in record.owners):
        return True
    return record.kind == "individual" and record.verification_status == "verified"


RULES: Final = (
    Rule(
        id="owner-unknown",
        title="Large training, no natural person known as owner",
        basis="house",
        severity="medium",
        scopes=("tenant",),
        when=_owner_unknown,
        because="No natural person is known to own or control this tenant, and its training "
        "operations expected are {training_operations_expected}; the person status is "
        "{person_status}.",
    ),
)
