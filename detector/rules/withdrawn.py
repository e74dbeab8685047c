"""A rule about work that was metered once and that corrections took out of the totals."""

from __future__ import annotations

from typing import Final

from detector.documents import instant_text
from detector.facts import Severity
from detector.policy.model import Pack, Threshold
from detector.related import Withdrawn
from detector.rules.rule import (
    Case,
    Hit,
    Rule,
    Value,
    is_large,
    most_severe,
    person_evidence,
    reach_severity,
    spell,
)
from detector.thresholds.crossing import passes


def _usage_withdrawn(case: Case) -> Hit | None:
    """Corrections took a large part of the work out, or what decided about a threshold.

    All events that were corrected are judged once more as they were first told, and what they come
    to is held against what counts now. Where a threshold was passed by what was told, or nearly so,
    and is not by what is left, it is as severe as a threshold that may have been passed: high for a
    subject that would be reported, medium where the person status is undetermined, info for a US
    person; one step less where it was only near. A large part of any work is low, and info for
    a US person or where all of it is far below every threshold. Time that another event covers as
    well stays, so a void of what was metered twice is silent. It says nothing against the customer:
    most corrections mend a meter, and only the provider can send one. It mistakes a meter that told
    of machines that never ran for work that was hidden, and misses events that were never sent.
    """
    gone = case.withdrawn
    if gone is None:
        return None
    share = _share(case, gone)
    hits = [
        Hit(reach_severity(case, pack, threshold, weight), pack.id, told)
        for pack, threshold in case.thresholds_in_force
        for weight in [_weight(case, threshold, gone, share)]
        if weight is not None
        for told in [_past(pack, threshold, is_near=weight < 1.0)]
    ]
    if share >= case.limits.withdrawn_ratio_min:
        is_asked = is_large(case) and case.facts.person_status.status != "us"
        severity: Severity = "low" if is_asked else "info"
        hits.append(Hit(severity, None, hits[0].evidence if hits else {"threshold": ""}))
    found = most_severe(hits)
    if found is None:
        return None
    return Hit(found.severity, found.policy_id, {**_figures(case, gone, share), **found.evidence})


def _share(case: Case, gone: Withdrawn) -> float:
    """Give the share of the time or of the operations that is gone, whichever is larger."""
    facts = case.facts
    pairs = (
        (gone.accelerator_hours, facts.accelerator_hours),
        (gone.operations, facts.operations.expected),
    )
    return max((1.0 - held / told for held, told in pairs if told > 0.0), default=0.0)


def _weight(case: Case, threshold: Threshold, gone: Withdrawn, share: float) -> float | None:
    """Say how surely corrections decided about a threshold: 1 where it was passed, 0 nearly."""
    told, limits = case.facts.training.expected, case.limits
    if passes(gone.training, threshold.operations, threshold.comparison):
        return None
    if passes(told, threshold.operations, threshold.comparison):
        return 1.0
    is_near = told >= limits.hugging_ratio_min * threshold.operations
    return 0.0 if is_near and share >= limits.withdrawn_near_ratio_min else None


def _past(pack: Pack, threshold: Threshold, *, is_near: bool) -> dict[str, Value]:
    reached = "near" if is_near else "past"
    status = pack.legal_status.replace("_", " ")
    return {
        "threshold_id": threshold.id,
        "threshold_operations": threshold.operations,
        "threshold": f", {reached} the {spell(threshold.operations)} of {pack.id} ({status}) but "
        "for them",
    }


def _figures(case: Case, gone: Withdrawn, share: float) -> dict[str, Value]:
    facts = case.facts
    moved = f" To {spell(gone.moved_to_tenant_ids)} time was moved." * bool(
        gone.moved_to_tenant_ids
    )
    return {
        "withdrawn_ratio": share,
        "told_accelerator_hours": facts.accelerator_hours,
        "accelerator_hours": gone.accelerator_hours,
        "told_operations": facts.operations.expected,
        "operations": gone.operations,
        "told_training_operations": facts.training.expected,
        "training_operations": gone.training,
        "correction_count": gone.correction_count,
        "void_count": gone.void_count,
        "sources": gone.sources,
        "original_sources": gone.original_sources,
        "first_corrected_at": instant_text(gone.first_at),
        "last_corrected_at": instant_text(gone.last_at),
        "moved_to_tenant_ids": gone.moved_to_tenant_ids,
        "moved": moved,
        **person_evidence(facts),
    }


RULES: Final = (
    Rule(
        id="usage-withdrawn",
        title="Work that corrections took out of the totals",
        basis="house",
        severity="high",
        scopes=("tenant", "owner"),
        when=_usage_withdrawn,
        because="{correction_count}, of which {void_count}, took {withdrawn_ratio} of this work "
        "out: {told_accelerator_hours} accelerator-hours became {accelerator_hours}, "
        "{told_operations} operations expected became {operations}, and of training "
        "{told_training_operations} became {training_operations}{threshold}. They came from "
        "{sources}, of events from {original_sources}, between {first_corrected_at} and "
        "{last_corrected_at}.{moved} Most corrections mend a meter: ask what was wrong and who "
        "decided it; {person}.",
    ),
)
