"""Rules about what the customer declares: plans past a threshold, and too little declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detector.documents import instant_text
from detector.facts import Declaration, Severity
from detector.policy.model import Pack, Threshold
from detector.rules.rule import (
    Case,
    Hit,
    Rule,
    Value,
    is_large,
    most_severe,
)
from detector.thresholds.conditions import is_past, is_subject
from detector.thresholds.crossing import passes
from detector.thresholds.forecast import declared_operations, plans


def _declarations(case: Case) -> Iterator[tuple[Declaration, float | None]]:
    for record in case.customers:
        for declaration in record.declarations:
            yield declaration, declared_operations(declaration)


def _plan_past_threshold(case: Case) -> Hit | None:
    """The customer declares training that passes a threshold which the metered has not passed.

    The figure is that of one declaration: its planned operations, else six per active parameter
    and token. It starts no clock here, for a plan is no estimate of ours; a reviewer reads the
    agreement behind it. It needs no usage: a plan is found before its first hour. Medium for a
    subject that the instrument means or might mean, info for a US person. It misses plans that
    nobody declares.
    """
    hits = [
        Hit(_plan_severity(case, pack), pack.id, _plan(case, pack, threshold, declaration))
        for pack, threshold in case.thresholds_in_force
        for declaration, operations in _declarations(case)
        if operations is not None
        and passes(operations, threshold.operations, threshold.comparison)
        and not is_past(case.facts, pack, threshold)
    ]
    return most_severe(hits)


def _plan(
    case: Case, pack: Pack, threshold: Threshold, declaration: Declaration
) -> dict[str, Value]:
    limit = threshold.operations
    begins = declaration.planned_start is not None or case.facts.accelerator_hours > 0
    dated = plans([declaration], case.facts.first_start) if begins else ()
    passes_at = dated[0].passes_at(limit) if dated else None
    return {
        "declaration_id": declaration.declaration_id,
        "declared_operations": declared_operations(declaration),
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
        "plan_passes_at": None if passes_at is None else instant_text(passes_at),
        "policy_id": pack.id,
        "threshold_operations": limit,
        "training_operations_expected": case.facts.training.expected,
    }


def _plan_severity(case: Case, pack: Pack) -> Severity:
    might_be = case.facts.person_status.status == "undetermined" and pack.reports
    return "medium" if might_be or is_subject(case.facts, pack, case.countries) else "info"


def _declaration_below_estimate(case: Case) -> Hit | None:
    """Even the low bound of what was metered is far above what the customer declared.

    The declared figures of all declarations are added up. Medium where the training is large,
    else low. It mistakes repeated and failed runs, which nobody plans, for a false declaration;
    a customer with a declaration that gives no figure is not found here.
    """
    declared = [operations for _, operations in _declarations(case)]
    known = [operations for operations in declared if operations is not None]
    if not known or len(known) < len(declared):
        return None
    total = sum(known)
    if case.facts.training.low <= case.limits.declaration_excess_ratio * total:
        return None
    evidence: dict[str, Value] = {
        "declared_operations": total,
        "training_operations_low": case.facts.training.low,
        "training_operations_expected": case.facts.training.expected,
    }
    return Hit("medium" if is_large(case) else "low", None, evidence)


RULES: Final = (
    Rule(
        id="plan-past-threshold",
        title="Declared training past a threshold",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=("tenant",),
        when=_plan_past_threshold,
        because="The customer declares {declared_operations} operations ({declaration_id}), past "
        "the {threshold_operations} of {policy_id} ({legal_status}); its training so far is "
        "expected to be {training_operations_expected}; the person status is {person_status}.",
    ),
    Rule(
        id="declaration-below-estimate",
        title="Declared far less than was metered",
        basis="house",
        severity="medium",
        scopes=("tenant",),
        when=_declaration_below_estimate,
        because="The customer declared {declared_operations} operations; the low bound of what "
        "was metered is {training_operations_low}.",
    ),
)
