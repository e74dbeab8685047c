"""Rules about runs that may be one training, though nothing that was metered names them as one."""

from __future__ import annotations

from typing import Final

from detector.facts import Severity
from detector.policy.model import Pack, Threshold
from detector.rules.rule import Case, Hit, Rule, Value, most_severe
from detector.thresholds.conditions import is_past, is_reportable, is_subject
from detector.thresholds.crossing import passes, probability_crossed

#: Runs and pieces of evidence that one sentence names.
NAMED_MAX: Final = 4


def _linked_runs(case: Case) -> Hit | None:
    """Runs that are probably one training pass a threshold together that none of them passes.

    What links them is weak evidence: an image that few tenants run, beginnings and stops at the
    same instants, the same step rhythm, one that begins when another ends. Each piece counts by
    how rarely strangers agree in it. The runs stay apart in every total and report: the finding
    asks a person to look. High where one run of that size would be reported and every link is
    sure, one step less where a link is doubtful or the person status undetermined, info for US
    persons. It mistakes tenants who rent from one reseller and run its timetable and image for
    one; it misses pieces that share neither times nor image, and pieces below a hundredth of the
    threshold.
    """
    linked = case.linked
    if linked is None:
        return None
    hits = [
        Hit(
            _severity(case, pack, threshold, is_sure=linked.is_sure),
            pack.id,
            _evidence(case, pack, threshold),
        )
        for pack, threshold in case.thresholds_in_force
        if is_past(case.facts, pack, threshold)
        and not any(
            passes(alone.expected, threshold.operations, threshold.comparison)
            for _, alone in linked.members
        )
    ]
    return most_severe(hits)


def _evidence(case: Case, pack: Pack, threshold: Threshold) -> dict[str, Value]:
    linked, training = case.linked, case.facts.training
    if linked is None:
        return {}
    runs = tuple(run for run, _ in linked.members)
    crossed = probability_crossed(training, threshold.operations)
    return {
        "run_ids": runs,
        "run_count": len(runs),
        "tenant_count": len(case.facts.tenant_ids),
        "link_score_ratio": linked.score,
        "links": linked.evidence[:NAMED_MAX],
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        "largest_operations_expected": max(alone.expected for _, alone in linked.members),
        "probability_ratio": round(linked.score * crossed, 4),
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
    }


def _severity(case: Case, pack: Pack, threshold: Threshold, *, is_sure: bool) -> Severity:
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "high" if is_sure else "medium"
    might_be = case.facts.person_status.status == "undetermined" and pack.reports
    if might_be or is_subject(case.facts, pack, case.countries):
        return "medium" if is_sure else "low"
    return "info"


def _lineage(case: Case) -> Hit | None:
    """An AI model and what it was trained on top of pass a threshold that its own runs do not.

    Fine-tuning and continued pre-training add to their base model; nothing resets the sum. The
    base is what was metered for the declaration it names, of the tenant or of one that an owner of
    it holds too, or else what the customer says it took. Medium where the metered part of the line
    is past by itself and a run of that size would be reported, low where it takes the customer's
    word for it, or the person status is undetermined; info for US persons. It mistakes
    two models of one name for one; it misses a base model that nobody declares.
    """
    line = case.line
    if line is None:
        return None
    metered = line.training.expected - line.stated_operations
    hits = [
        Hit(
            _line_severity(case, pack, threshold, metered),
            pack.id,
            _line_evidence(case, pack, threshold),
        )
        for pack, threshold in case.thresholds_in_force
        if is_past(case.facts, pack, threshold)
        and not passes(line.alone.expected, threshold.operations, threshold.comparison)
    ]
    return most_severe(hits)


def _line_severity(case: Case, pack: Pack, threshold: Threshold, metered: float) -> Severity:
    is_metered = passes(metered, threshold.operations, threshold.comparison)
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "medium" if is_metered else "low"
    might_be = case.facts.person_status.status == "undetermined" and pack.reports
    return "low" if might_be or is_subject(case.facts, pack, case.countries) else "info"


def _line_evidence(case: Case, pack: Pack, threshold: Threshold) -> dict[str, Value]:
    line, training = case.line, case.facts.training
    if line is None:
        return {}
    return {
        "declaration_id": line.declaration_id,
        "models": line.models,
        "run_ids": line.runs,
        "is_cyclic": line.is_cyclic,
        "own_operations_expected": line.alone.expected,
        "stated_operations": line.stated_operations,
        "training_operations_low": training.low,
        "training_operations_expected": training.expected,
        "training_operations_high": training.high,
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
    }


RULES: Final = (
    Rule(
        id="linked-runs",
        title="Runs that may be one training, past a threshold together",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=("training_run", "tenant"),
        when=_linked_runs,
        because="{run_count} of {tenant_count} may be one training, with probability "
        "{link_score_ratio} ({links}); together {training_operations_expected} operations are "
        "expected, past the {threshold_operations} of {policy_id} ({legal_status}), which none "
        "passes alone; the person status is {person_status}.",
    ),
    Rule(
        id="lineage",
        title="An AI model past a threshold with what it was trained on top of",
        basis="house",
        severity="medium",
        scopes=("training_run", "tenant"),
        when=_lineage,
        because="The line {models} ({declaration_id}) took {training_operations_expected} "
        "operations in all, {stated_operations} of them by the customer's word, past the "
        "{threshold_operations} of {policy_id} ({legal_status}); the newest model's own runs took "
        "{own_operations_expected}; the person status is {person_status}.",
    ),
)
