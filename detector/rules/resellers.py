"""Rules about resellers: what their customers come to, and whether they are attested."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from detector.documents import instant_text
from detector.facts import Severity
from detector.policy.model import Pack, Threshold
from detector.related import Reseller
from detector.rules.rule import Case, Hit, Rule, Value, is_large, most_severe
from detector.thresholds.conditions import is_past
from detector.thresholds.crossing import passes

#: Tenants that the evidence names.
NAMED_MAX: Final = 50


def _reseller_rollup(case: Case) -> Hit | None:
    """The customers of one reseller pass a threshold together that none of them passes alone.

    Customers of its customers are counted too, and what the reseller itself trains. The proposed
    rule counts each customer, so this is no report: it shows where one effort may be sold through
    a reseller in pieces. Medium where somebody among them is a foreign person, low where a person
    status is undetermined, info else. It mistakes a reseller with many small customers for one
    effort; it counts customers by the records that hold now, with all their work.
    """
    reseller = case.reseller
    if reseller is None:
        return None
    hits = [
        Hit(_severity(case), pack.id, _sum_evidence(case, reseller, pack, threshold))
        for pack, threshold in case.thresholds_in_force
        if is_past(case.facts, pack, threshold)
        and not any(
            passes(alone.expected, threshold.operations, threshold.comparison)
            for _, alone in reseller.members
        )
    ]
    return most_severe(hits)


def _severity(case: Case) -> Severity:
    by_status: dict[str, Severity] = {"foreign": "medium", "undetermined": "low"}
    return by_status.get(case.facts.person_status.status, "info")


def _sum_evidence(
    case: Case, reseller: Reseller, pack: Pack, threshold: Threshold
) -> dict[str, Value]:
    training = case.facts.training
    return {
        "reseller_tenant_id": reseller.tenant_id,
        "customer_count": len(reseller.customers),
        "customer_tenant_ids": reseller.customers[:NAMED_MAX],
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        "largest_operations_expected": max(alone.expected for _, alone in reseller.members),
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
    }


def _reseller_unattested(case: Case) -> Hit | None:
    """Large training goes on through a reseller whose own attestation ended or is not on file.

    The proposed rule lets a provider supply a foreign reseller only while it can rely on the
    reseller's own identification of customers. What is looked at is the reseller's verification:
    it has expired by date or status, was never given, is pending or failed. Large is a share of
    the smallest threshold that can be reported, over all its customers; work of the last week
    counts as going on. Medium for a foreign reseller or customer, else low. It mistakes a renewal
    that was not entered for a lapse; it misses a false attestation.
    """
    reseller = case.reseller
    if reseller is None or reseller.attestation == "valid" or not is_large(case):
        return None
    quiet = timedelta(days=case.limits.hugging_quiet_days)
    if case.facts.as_of - case.facts.last_end > quiet:
        return None
    ended = reseller.expired_at
    evidence: dict[str, Value] = {
        "reseller_tenant_id": reseller.tenant_id,
        "attestation": reseller.attestation,
        "expired_at": instant_text(ended) if ended is not None else None,
        "customer_count": len(reseller.customers),
        "customer_tenant_ids": reseller.customers[:NAMED_MAX],
        "training_operations_expected": case.facts.training.expected,
        "last_end": instant_text(case.facts.last_end),
        "person_status": case.facts.person_status.status,
    }
    is_foreign = case.facts.person_status.status == "foreign"
    return Hit("medium" if is_foreign else "low", None, evidence)


def _reseller_cycle(case: Case) -> Hit | None:
    """Resellers name each other as the one they buy from, in a ring: nobody is the end customer.

    Low while little is trained through them, medium once it is large. Most often a record was
    filled in wrongly; it also is how an end customer stays out of sight.
    """
    reseller = case.reseller
    if reseller is None or not reseller.cycle or reseller.cycle[0] != reseller.tenant_id:
        return None
    evidence: dict[str, Value] = {
        "reseller_tenant_ids": reseller.cycle,
        "customer_count": len(reseller.customers),
        "training_operations_expected": case.facts.training.expected,
    }
    return Hit("medium" if is_large(case) else "low", None, evidence)


RULES: Final = (
    Rule(
        id="reseller-rollup",
        title="Customers of one reseller past a threshold together",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=("tenant",),
        when=_reseller_rollup,
        because="Through the reseller {reseller_tenant_id}, {customer_count} trained "
        "{training_operations_expected} operations in all, past the {threshold_operations} of "
        "{policy_id} ({legal_status}), which none passes alone; the statute counts each customer. "
        "The person status is {person_status}.",
    ),
    Rule(
        id="reseller-unattested",
        title="Large training through a reseller without a valid attestation",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=("tenant",),
        when=_reseller_unattested,
        because="The attestation of the reseller {reseller_tenant_id} is {attestation} (ended: "
        "{expired_at}), and training goes on through it: {training_operations_expected} operations "
        "expected of {customer_count}, the last at {last_end}; the person status is "
        "{person_status}.",
    ),
    Rule(
        id="reseller-cycle",
        title="Resellers that buy from each other in a ring",
        basis="house",
        severity="medium",
        scopes=("tenant",),
        when=_reseller_cycle,
        because="Each of these resellers names the next as its own reseller, in a ring: "
        "{reseller_tenant_ids}; {training_operations_expected} operations are expected of "
        "{customer_count} behind it.",
    ),
)
