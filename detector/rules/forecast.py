"""Rules about what is to come: a threshold that will be passed if the work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from detector.documents import instant_text
from detector.facts import Severity
from detector.policy.model import Pack, Threshold
from detector.rules.rule import (
    Case,
    Hit,
    Rule,
    Value,
    most_severe,
    reach_severity,
)
from detector.thresholds.conditions import is_past
from detector.thresholds.forecast import Forecast, forecast, is_to_be_expected, plans


def _threshold_forecast(case: Case) -> Hit | None:
    """At the pace of late the expected training operations will pass a threshold.

    Training that "could result" in a covered model is what the proposal of 2024 speaks of; this
    says when and how probably. It looks as far ahead as the pack says, else as the house does. It
    needs a few days of history and a hundredth of the threshold, for the first hours of a run say
    nothing, and work that has not most likely ended. High for a subject that would be reported
    once the crossing is one in four probable within the nearest span that is told, medium below;
    one step less where the person status is undetermined; info for a US person. It mistakes a
    burst for a campaign, though it says how probable the end of the work is; it misses capacity
    that is bought and not yet used, and the end of a reservation.
    """
    hits = [
        Hit(_severity(case, pack, threshold, found), pack.id, _evidence(case, pack, found))
        for pack, threshold in case.thresholds_in_force
        for found in _expected(case, pack, threshold)
    ]
    return most_severe(hits)


def _expected(case: Case, pack: Pack, threshold: Threshold) -> Iterator[Forecast]:
    """Give the forecast where the crossing lies ahead and within the horizon."""
    facts, limits = case.facts, case.limits.forecast
    operations = threshold.operations
    if is_past(facts, pack, threshold):
        return
    if facts.training.expected < limits.training_ratio_min * operations:
        return
    horizon = limits.horizon_days if pack.horizon_days is None else pack.horizon_days
    if not is_to_be_expected(facts, operations, limits, horizon):
        return
    declared = [each for record in case.customers for each in record.declarations]
    found = forecast(facts, operations, plans(declared, facts.first_start), limits, horizon)
    if found is not None:
        yield found


def _severity(case: Case, pack: Pack, threshold: Threshold, found: Forecast) -> Severity:
    _, soon = found.probabilities[0]
    return reach_severity(case, pack, threshold, soon)


def _evidence(case: Case, pack: Pack, found: Forecast) -> dict[str, Value]:
    pace, end = found.pace_operations_per_second, found.declared_end
    known: dict[str, Value] = {
        "threshold_operations": found.threshold_operations,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "person_status": case.facts.person_status.status,
        "training_operations_expected": case.facts.training.expected,
        "horizon_days": found.horizon_days,
        "probability_in_horizon_ratio": found.probability_in_horizon,
        "earliest_at": _instant(found.earliest_at),
        "likely_at": _instant(found.likely_at),
        "latest_at": _instant(found.latest_at),
        "reserved_operations_per_second": found.reserved_operations_per_second,
    }
    for days, probability in found.probabilities:
        known[f"probability_in_{days}_days_ratio"] = probability
    if pace is not None:
        known["operations_per_second_low"] = pace.low
        known["operations_per_second_expected"] = pace.expected
        known["operations_per_second_high"] = pace.high
    if found.plan_passes_at is not None:
        known["plan_passes_at"] = instant_text(found.plan_passes_at)
    if end is not None:
        known["declared_end_at"] = instant_text(end.at)
        known["declared_operations"] = end.declared_operations
        known["probability_by_declared_end_ratio"] = end.probability_crossed
        if end.operations is not None:
            known["operations_at_declared_end_low"] = end.operations.low
            known["operations_at_declared_end_expected"] = end.operations.expected
            known["operations_at_declared_end_high"] = end.operations.high
    return known


def _instant(instant: datetime | None) -> str:
    return "beyond the horizon" if instant is None else instant_text(instant)


RULES: Final = (
    Rule(
        id="threshold-forecast",
        title="A threshold would be passed if the work goes on",
        basis="us-iaas-nprm-2024",
        severity="high",
        scopes=("training_run", "tenant", "owner"),
        when=_threshold_forecast,
        because="At the pace of late, {operations_per_second_expected} operations a second, the "
        "{threshold_operations} of {policy_id} ({legal_status}) would be passed: earliest "
        "{earliest_at}, likely {likely_at}, latest {latest_at}, if the work goes on. Within "
        "{horizon_days} days the probability is {probability_in_horizon_ratio}, the end of the "
        "work included; the person status is {person_status}.",
    ),
)
