"""Rules about what a customer's record says of it: published red flags, as far as they were read.

They are asked where much is trained: a small customer may live where it works, and be unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from detector.facts import CustomerFacts, Severity
from detector.rules.rule import RED_FLAGS, Case, Hit, Rule, Value, is_large

#: The word of an address at which people live; the contract leaves the words of its type open.
RESIDENTIAL: Final = "residential"
#: The words of the contract for little or no public presence.
LITTLE_PRESENCE: Final = ("none", "minimal")


def _unfit_address(case: Case) -> Hit | None:
    """Much is trained, and the address of a customer is residential.

    Medium for a foreign subject, low where nobody knows; silent for United States persons. A
    founder who registered a company at home looks the same; an address that is not said to be
    residential, such as that of a mail drop, is missed.
    """
    return _flagged(case, _lives_there, {})


def _minimal_presence(case: Case) -> Hit | None:
    """Much is trained by a customer of whom the public knows little or nothing.

    Medium for a foreign subject, low where nobody knows; silent for United States persons. A young
    company looks the same; one whose presence the provider did not look for is missed.
    """
    told = {str(each.public_presence) for each in case.customers if _is_little_known(each)}
    return _flagged(case, _is_little_known, {"public_presence": tuple(sorted(told))})


def _lives_there(customer: CustomerFacts) -> bool:
    return (customer.address_type or "").strip().lower() == RESIDENTIAL


def _is_little_known(customer: CustomerFacts) -> bool:
    return customer.public_presence in LITTLE_PRESENCE


def _flagged(
    case: Case, is_meant: Callable[[CustomerFacts], bool], further: dict[str, Value]
) -> Hit | None:
    status = case.facts.person_status.status
    flagged = tuple(sorted({each.tenant_id for each in case.customers if is_meant(each)}))
    if status == "us" or not flagged or not is_large(case):
        return None
    evidence: dict[str, Value] = {
        "customer_tenant_ids": flagged,
        "training_operations_expected": case.facts.training.expected,
        "person_status": status,
        **further,
    }
    severity: Severity = "medium" if status == "foreign" else "low"
    return Hit(severity, case.pack_in_force(RED_FLAGS), evidence)


RULES: Final = (
    Rule(
        id="unfit-address",
        title="Address does not fit the quantity",
        basis=RED_FLAGS,
        severity="medium",
        scopes=("tenant",),
        when=_unfit_address,
        because="The address of the customer of {customer_tenant_ids} is residential, and the "
        "training operations expected are {training_operations_expected}; the person status is "
        "{person_status}. Ask where the business is done and who uses the computing.",
    ),
    Rule(
        id="minimal-presence",
        title="Little or no public presence",
        basis=RED_FLAGS,
        severity="medium",
        scopes=("tenant",),
        when=_minimal_presence,
        because="The public presence of the customer of {customer_tenant_ids} is "
        "{public_presence}, and the training operations expected are "
        "{training_operations_expected}; the person status is {person_status}. Ask for its "
        "business and who stands behind it.",
    ),
)
