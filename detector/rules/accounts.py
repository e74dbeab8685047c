"""Rules about accounts that may be of one hand, though each says it stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detector.facts import Interval, Severity
from detector.policy.model import Pack, Threshold
from detector.related import Members
from detector.rules.rule import (
    NO_SINGLE_FACT,
    Case,
    Hit,
    Rule,
    Value,
    most_severe,
    person_evidence,
)
from detector.thresholds.conditions import is_reportable, is_subject
from detector.thresholds.crossing import passes, probability_crossed

#: Pieces of evidence that one sentence names.
NAMED_MAX: Final = 6
_ONE_STEP_LESS: Final[Mapping[Severity, Severity]] = {
    "high": "medium",
    "medium": "low",
    "low": "info",
    "info": "info",
}


def _accounts_linked(case: Case) -> Hit | None:
    """Accounts that share what strangers rarely share come near a threshold or past it together.

    What links them is what they pay with, who signs in, how and where they are reached, from which
    network they are used, and what they run. Each piece counts by how few of all customers share
    it: a card that two share says much, a mail host, an access provider or a virtual office that
    many share says nothing. The accounts stay apart in every total and report, and no owner is
    merged: the finding asks a person to look. Not told where one known owner holds all of them,
    for the owner's own sum speaks then. High where one account of that size would be reported and
    every link is sure; one step less where a link is doubtful, the sum is only near, or the person
    status undetermined; info for US persons. It mistakes clients of one accountant or agent with
    few customers for one hand; it misses accounts that share nothing, and a value that more than
    64 share.
    """
    linked = case.accounts
    if linked is None:
        return None
    hits = [
        Hit(
            _severity(case, pack, threshold, is_sure=linked.is_sure),
            pack.id,
            {
                **_evidence(case, pack, threshold, linked.members),
                "link_score_ratio": linked.score,
                "links": linked.evidence[:NAMED_MAX],
                "probability_ratio": round(
                    linked.score * probability_crossed(case.facts.training, threshold.operations), 4
                ),
            },
        )
        for pack, threshold in case.thresholds_in_force
        if _is_near(case, threshold) and _is_none_alone(linked.members, threshold)
    ]
    return most_severe(hits)


def _owner_possible(case: Case) -> Hit | None:
    """A person may own several tenants that pass a threshold together; nobody knows.

    The disclosed share is a range that includes what makes an owner (25 %), or is not stated at
    all. Nothing is added up for a possible owner in totals or reports; this is what it would come
    to, over all the work of these tenants. Medium for a subject that would be reported, low where
    the person status is undetermined, info for US persons. It counts the tenants' work of all
    time, also of the time before the person came; it misses owners who are not named at all
    (``owner-unknown``).
    """
    possible = case.possible_owner
    if possible is None:
        return None
    hits = [
        Hit(
            _ONE_STEP_LESS[_severity(case, pack, threshold, is_sure=True)],
            pack.id,
            {
                **_evidence(case, pack, threshold, possible.members),
                "owner_id": possible.owner_id,
                "owner_name": possible.name,
                "possible_tenant_ids": possible.possible_tenant_ids,
                "share_ratio_min": possible.share_ratio_min,
                "share_ratio_max": possible.share_ratio_max,
                "owner_ratio": possible.owner_ratio,
                "owner": possible.called,
                "stakes": possible.stakes[:NAMED_MAX],
                "would_decide": (would := possible.flips[:NAMED_MAX] or (NO_SINGLE_FACT,)),
                "any_of": "; or ".join(would),
            },
        )
        for pack, threshold in case.thresholds_in_force
        if _is_past(case.facts.training, threshold)
    ]
    return most_severe(hits)


def _is_past(training: Interval, threshold: Threshold) -> bool:
    return passes(training.expected, threshold.operations, threshold.comparison)


def _is_near(case: Case, threshold: Threshold) -> bool:
    least = case.limits.hugging_ratio_min * threshold.operations
    return case.facts.training.expected >= least


def _is_none_alone(members: Members, threshold: Threshold) -> bool:
    return not any(_is_past(alone, threshold) for _, alone in members)


def _evidence(case: Case, pack: Pack, threshold: Threshold, members: Members) -> dict[str, Value]:
    training = case.facts.training
    return {
        "tenant_count": len(members),
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        "largest_operations_expected": max(alone.expected for _, alone in members),
        "is_past": _is_past(training, threshold),
        "place": "past" if _is_past(training, threshold) else "near",
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        **person_evidence(case.facts),
    }


def _severity(case: Case, pack: Pack, threshold: Threshold, *, is_sure: bool) -> Severity:
    severity: Severity = "info"
    might_be = case.facts.person_status.status == "undetermined" and pack.reports
    if is_reportable(case.facts, pack, threshold, case.countries):
        severity = "high"
    elif might_be or is_subject(case.facts, pack, case.countries):
        severity = "medium"
    if not _is_past(case.facts.training, threshold):
        severity = _ONE_STEP_LESS[severity]
    return severity if is_sure else _ONE_STEP_LESS[severity]


RULES: Final = (
    Rule(
        id="accounts-linked",
        title="Accounts that may be of one hand, near a threshold or past it together",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=("tenant",),
        when=_accounts_linked,
        because="{tenant_count} look like one hand, with probability {link_score_ratio} "
        "({links}); together {training_operations_expected} operations are expected, {place} the "
        "{threshold_operations} of {policy_id} ({legal_status}), which none passes alone; the "
        "person status is {person_status}.",
    ),
    Rule(
        id="owner-possible",
        title="A possible owner whose tenants pass a threshold together",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=("owner",),
        when=_owner_possible,
        because="{owner} may own {possible_tenant_ids} ({stakes}), and {owner_ratio} or control "
        "makes an owner. It would be sure if this came out: {any_of}. With all that the "
        "person owns or may own, {tenant_count}, {training_operations_expected} operations are "
        "expected ({training_operations_low} to {training_operations_high}), past the "
        "{threshold_operations} of {policy_id} ({legal_status}); {person}.",
    ),
)
