"""Rules about operations: thresholds passed, in reach or hugged, and what was declared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from detector.conditions import counts_for, is_in_force, is_past, is_reportable
from detector.crossing import passes, probability_crossed
from detector.facts import Declaration, Severity
from detector.policy.model import Pack, PersonTest, Threshold
from detector.rules.rule import Case, Hit, Rule, Value, is_large, most_severe

#: Operations per parameter and token of a training pass: 2 forward, 4 backward (the 6ND rule).
OPERATIONS_PER_PARAMETER_AND_TOKEN: Final = 6


def _thresholds_in_force(case: Case) -> Iterator[tuple[Pack, Threshold]]:
    """Give every threshold that holds on the day, sums this scope and counts for this work."""
    day = case.facts.as_of.date()
    for pack in case.packs:
        for threshold in pack.thresholds:
            if (
                case.facts.scope in pack.scopes
                and is_in_force(pack, threshold, day)
                and counts_for(case.facts, pack, threshold)
            ):
                yield pack, threshold


def _figures(case: Case, pack: Pack, threshold: Threshold) -> dict[str, Value]:
    training = case.facts.training
    return {
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "instrument": pack.title,
        "legal_status": pack.legal_status.replace("_", " "),
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        "person_status": case.facts.person_status.status,
    }


def _threshold_passed(case: Case) -> Hit | None:
    """The expected training operations are past a threshold.

    High where it is a report, so that the finding stands beside it. Medium where nobody knows
    whether the person is foreign: a reviewer has to find out, for a report would follow. Info for
    a US person, and where the instrument asks for no report. It mistakes large inference for
    training where the classifier does; it misses work that is split over owners.
    """
    hits = [
        Hit(_passed_severity(case, pack, threshold), pack.id, _figures(case, pack, threshold))
        for pack, threshold in _thresholds_in_force(case)
        if is_past(case.facts, pack, threshold)
    ]
    return most_severe(hits)


def _passed_severity(case: Case, pack: Pack, threshold: Threshold) -> Severity:
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "high"
    asks_for_status = isinstance(pack.subject_test, PersonTest) and pack.reports
    if asks_for_status and case.facts.person_status.status == "undetermined":
        return "medium"
    return "info"


def _threshold_in_reach(case: Case) -> Hit | None:
    """The high bound of the training operations is past a threshold, the expected figure not yet.

    It may have been passed already: the interval says how likely that is. High for a subject that
    would be reported once the probability is one in four, medium below; one step less where the
    person status is undetermined; info for a US person. Wide intervals come from missing counters
    and doubtful workloads, so it fires early on purpose.
    """
    hits = [
        Hit(severity, pack.id, _figures(case, pack, threshold) | {"probability_ratio": probability})
        for pack, threshold in _thresholds_in_force(case)
        for probability in [probability_crossed(case.facts.training, threshold.operations)]
        for severity in [_reach_severity(case, pack, threshold, probability)]
        if passes(case.facts.training.high, threshold.operations, threshold.comparison)
        and not is_past(case.facts, pack, threshold)
    ]
    return most_severe(hits)


def _reach_severity(case: Case, pack: Pack, threshold: Threshold, probability: float) -> Severity:
    is_severe = probability >= case.limits.severe_probability_ratio
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "high" if is_severe else "medium"
    if case.facts.person_status.status == "undetermined" and pack.reports:
        return "medium" if is_severe else "low"
    return "info"


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
        for pack, threshold in _thresholds_in_force(case)
        for ratio in [facts.training.expected / threshold.operations]
        if ratio >= limits.hugging_ratio_min and not is_past(facts, pack, threshold)
    ]
    return most_severe(hits)


def _declared_operations(declaration: Declaration) -> float | None:
    if declaration.planned_operations is not None:
        return declaration.planned_operations
    parameters = declaration.active_parameters or declaration.parameters
    if parameters is None or declaration.tokens is None:
        return None
    return OPERATIONS_PER_PARAMETER_AND_TOKEN * parameters * declaration.tokens


def _declaration_below_estimate(case: Case) -> Hit | None:
    """Even the low bound of what was metered is far above what the customer declared.

    The declared figure is the planned operations, else six per active parameter and token. Medium
    where the training is large, else low. It mistakes repeated and failed runs, which nobody
    plans, for a false declaration; a customer that declares no figure at all is not found here.
    """
    declared = [
        _declared_operations(declaration)
        for record in case.customers
        for declaration in record.declarations
    ]
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


_REPORT_SCOPES: Final = ("training_run", "tenant", "owner")

RULES: Final = (
    Rule(
        id="threshold-passed",
        title="Training operations past a threshold",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=_REPORT_SCOPES,
        when=_threshold_passed,
        because="The training operations expected, {training_operations_expected}, are past the "
        "{threshold_operations} of {instrument} ({legal_status}); the person status is "
        "{person_status}.",
    ),
    Rule(
        id="threshold-in-reach",
        title="A threshold may have been passed",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=_REPORT_SCOPES,
        when=_threshold_in_reach,
        because="The training operations, {training_operations_low} to "
        "{training_operations_high}, are past the {threshold_operations} of {instrument} "
        "({legal_status}) with probability {probability_ratio}; the person status is "
        "{person_status}.",
    ),
    Rule(
        id="threshold-hugged",
        title="Training stopped just below a threshold",
        basis="house",
        severity="medium",
        scopes=("training_run", "tenant"),
        when=_threshold_hugged,
        because="Training stopped at {threshold_ratio} of the {threshold_operations} of "
        "{instrument} ({legal_status}).",
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
