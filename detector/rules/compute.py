"""Rules about operations: a threshold passed, in reach, or hugged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from detector.documents import instant_text, percent_text
from detector.facts import Severity
from detector.policy.model import Pack, PersonTest, Threshold
from detector.rules.rule import (
    Case,
    Hit,
    Rule,
    Value,
    most_severe,
    person_evidence,
    reach_severity,
    spell,
)
from detector.thresholds.conditions import is_past, is_reportable, is_subject
from detector.thresholds.crossing import crossing, passes, probability_crossed


def _figures(case: Case, pack: Pack, threshold: Threshold) -> dict[str, Value]:
    training = case.facts.training
    return {
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        **person_evidence(case.facts),
    }


def _crossed(case: Case, threshold: Threshold) -> dict[str, Value]:
    """Say how likely it is passed, and when: the high, expected and low figure; null: not yet."""
    found = crossing(case.facts, threshold.operations, threshold.comparison)
    instants = {"earliest": found.earliest, "likely": found.likely, "certain": found.certain}
    return {
        "probability_ratio": probability_crossed(case.facts.training, threshold.operations),
        **{
            f"crossed_{name}_at": None if instant is None else instant_text(instant)
            for name, instant in instants.items()
        },
    }


def _threshold_passed(case: Case) -> Hit | None:
    """The expected training operations are past a threshold.

    High where it is a report, so that the finding stands beside it. Medium where nobody knows
    whether the person is foreign: a reviewer has to find out, for a report would follow. Medium
    too where the instrument means this subject and asks for no report, as for biological
    training. Info for a US person. The most severe is told, the others that are past are named
    beside it. It mistakes large inference for training where the classifier does; it misses work
    that is split over owners.
    """
    past = [
        Hit(
            _passed_severity(case, pack, threshold),
            pack.id,
            _figures(case, pack, threshold) | _crossed(case, threshold),
        )
        for pack, threshold in case.thresholds_in_force
        if is_past(case.facts, pack, threshold)
    ]
    told = most_severe(past)
    if told is None:
        return None
    others = "".join(f", {_named(hit)})" for hit in past if hit is not told)
    return replace(told, evidence={**told.evidence, "also_past": others})


def _named(hit: Hit) -> str:
    """Name the threshold of a hit beside another's; the bracket stays open."""
    told = hit.evidence
    operations = spell(told["threshold_operations"])
    return f"the {operations} of {hit.policy_id} ({told['legal_status']}, {told['threshold_id']}"


def _passed_severity(case: Case, pack: Pack, threshold: Threshold) -> Severity:
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "high"
    if is_subject(case.facts, pack, case.countries):
        return "medium"
    asks_for_status = isinstance(pack.subject_test, PersonTest) and pack.reports
    is_open = case.facts.person_status.status == "undetermined"
    return "medium" if asks_for_status and is_open else "info"


def _threshold_in_reach(case: Case) -> Hit | None:
    """The high bound of the training operations is past a threshold, the expected figure not yet.

    It may have been passed already: the interval says how likely that is. High for a subject that
    would be reported once the probability is one in four, medium below; one step less where the
    person status is undetermined; info for a US person. Wide intervals come from missing counters
    and doubtful workloads, so it fires early on purpose. The most severe is told, the others that
    are in reach are named beside it.
    """
    hits = [
        Hit(severity, pack.id, _figures(case, pack, threshold) | _crossed(case, threshold))
        for pack, threshold in case.thresholds_in_force
        for probability in [probability_crossed(case.facts.training, threshold.operations)]
        for severity in [reach_severity(case, pack, threshold, probability)]
        if passes(case.facts.training.high, threshold.operations, threshold.comparison)
        and not is_past(case.facts, pack, threshold)
    ]
    told = most_severe(hits)
    if told is None:
        return None
    others = "".join(
        f", {_named(hit)}, with probability {_probability(hit)})" for hit in hits if hit is not told
    )
    return replace(told, evidence={**told.evidence, "also_in_reach": others})


def _probability(hit: Hit) -> str:
    value = hit.evidence["probability_ratio"]
    return percent_text(value) if isinstance(value, float) else spell(value)


def _threshold_hugged(case: Case) -> Hit | None:
    """Training stopped just below a threshold and has stayed still since.

    Work may be cut to a size that escapes a report. Most such work is innocent: some run has to
    end there, so one alone says little. Info for a US person. A tenant with one run is found by
    that run alone. It misses work that goes on elsewhere.
    """
    facts, limits = case.facts, case.limits
    if facts.as_of - facts.last_end < timedelta(days=limits.hugging_quiet_days):
        return None
    if facts.scope == "tenant" and len(facts.training_run_ids) < 2:
        return None
    severity: Severity = "info" if facts.person_status.status == "us" else "medium"
    hits = [
        Hit(severity, pack.id, _figures(case, pack, threshold) | {"threshold_ratio": ratio})
        for pack, threshold in case.thresholds_in_force
        for ratio in [facts.training.expected / threshold.operations]
        if ratio >= limits.hugging_ratio_min and not is_past(facts, pack, threshold)
    ]
    return most_severe(hits)


def _work_past_threshold(case: Case) -> Hit | None:
    """All work together is past a threshold, and almost none of it looks like training.

    Whoever dresses training as serving, science or idling is believed by the classifier and counts
    for nothing; the devices and what they computed remain. Work of this size is worth the question
    what it is. Medium for a subject that would be reported if it were training, low where the
    person status is undetermined, info for a US person. It mistakes the largest services for a
    disguise, on purpose: few foreign customers serve that much, and they can say so. Silent where
    the high bound of the training is past the threshold, since ``threshold-in-reach`` speaks then.
    It misses work that is split over owners.
    """
    facts = case.facts
    hits = [
        Hit(
            _unlikely_severity(case, pack, threshold),
            pack.id,
            _figures(case, pack, threshold)
            | {
                "operations_low": facts.operations.low,
                "operations_expected": facts.operations.expected,
                "operations_high": facts.operations.high,
                "training_probability": facts.training_probability,
            },
        )
        for pack, threshold in case.thresholds_in_force
        if passes(facts.operations.expected, threshold.operations, threshold.comparison)
        and not passes(facts.training.high, threshold.operations, threshold.comparison)
    ]
    return most_severe(hits)


def _unlikely_severity(case: Case, pack: Pack, threshold: Threshold) -> Severity:
    """One step below what the same work would be as training that may have passed."""
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "medium"
    is_open = case.facts.person_status.status == "undetermined"
    return "low" if is_open and pack.reports else "info"


_REPORT_SCOPES: Final = ("training_run", "tenant", "owner")

RULES: Final = (
    Rule(
        id="threshold-passed",
        title="Training operations past a threshold",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=_REPORT_SCOPES,
        when=_threshold_passed,
        because="The training operations expected, {training_operations_expected} "
        "({training_operations_low} to {training_operations_high}), are past the "
        "{threshold_operations} of {policy_id} ({legal_status}){also_past}; {person}.",
    ),
    Rule(
        id="threshold-in-reach",
        title="A threshold may have been passed",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=_REPORT_SCOPES,
        when=_threshold_in_reach,
        because="The training operations, {training_operations_low} to "
        "{training_operations_high}, are past the {threshold_operations} of {policy_id} "
        "({legal_status}) with probability {probability_ratio}{also_in_reach}; {person}.",
    ),
    Rule(
        id="work-past-threshold",
        title="Work of any kind past a threshold",
        basis="us-iaas-nprm-2024",
        severity="medium",
        scopes=_REPORT_SCOPES,
        when=_work_past_threshold,
        because="All work, {operations_expected} operations expected, is past the "
        "{threshold_operations} of {policy_id} ({legal_status}), and little of it looks like "
        "training; {person}.",
    ),
    Rule(
        id="threshold-hugged",
        title="Training stopped just below a threshold",
        basis="house",
        severity="medium",
        scopes=("training_run", "tenant"),
        when=_threshold_hugged,
        because="Training stopped at {threshold_ratio} of the {threshold_operations} of "
        "{policy_id} ({legal_status}).",
    ),
)
