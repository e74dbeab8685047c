"""The thresholds that a subject is held against: passed, when, and what is to be expected."""

from __future__ import annotations

from detector.explain.document import Ahead, ThresholdLine
from detector.explain.scene import Setting
from detector.explain.what_if import Limit
from detector.facts import CustomerFacts, SubjectFacts
from detector.report.document import CrossedAt
from detector.rules.rule import Case
from detector.thresholds.conditions import is_past
from detector.thresholds.crossing import crossing, probability_crossed
from detector.thresholds.forecast import forecast, plans


def limits_of(
    setting: Setting, facts: SubjectFacts, customers: tuple[CustomerFacts, ...]
) -> tuple[Limit, ...]:
    """Give the thresholds that hold on the day, sum this scope and count for this work."""
    meaning = setting.meaning
    case = Case(facts, customers, meaning.policy.packs, meaning.limits, meaning.countries)
    return tuple(case.thresholds_in_force)


def thresholds(
    setting: Setting,
    facts: SubjectFacts,
    customers: tuple[CustomerFacts, ...],
    limits: tuple[Limit, ...],
) -> tuple[ThresholdLine, ...]:
    """Say of each whether and when it was crossed, and of one ahead when it may be."""
    return tuple(_line(setting, facts, customers, limit) for limit in limits)


def _line(
    setting: Setting, facts: SubjectFacts, customers: tuple[CustomerFacts, ...], limit: Limit
) -> ThresholdLine:
    pack, threshold = limit
    instants = crossing(facts, threshold.operations, threshold.comparison)
    is_likely = is_past(facts, pack, threshold)
    return ThresholdLine(
        policy_id=pack.id,
        threshold_id=threshold.id,
        legal_status=pack.legal_status,
        operations=threshold.operations,
        comparison=threshold.comparison,
        probability=probability_crossed(facts.training, threshold.operations),
        is_likely=is_likely,
        crossed_at=CrossedAt(
            earliest=instants.earliest, likely=instants.likely, certain=instants.certain
        ),
        ahead=None if is_likely else _ahead(setting, facts, customers, threshold.operations),
    )


def _ahead(
    setting: Setting,
    facts: SubjectFacts,
    customers: tuple[CustomerFacts, ...],
    operations: float,
) -> Ahead | None:
    declared = [each for record in customers for each in record.declarations]
    found = forecast(
        facts,
        operations,
        plans(declared, facts.first_start),
        setting.meaning.limits.forecast,
    )
    if found is None:
        return None
    return Ahead(
        horizon_days=found.horizon_days,
        probability=found.probability_in_horizon,
        earliest_at=found.earliest_at,
        likely_at=found.likely_at,
        latest_at=found.latest_at,
    )
