"""Notices turned into findings: which rules take them, and the values that each must bring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from detector.errors import DetectorError
from detector.facts import Scope, Severity
from detector.rules.rule import Case, Hit, Rule, Value

_CONTRADICTED: Final = ("counters-without-power", "use-contradicted", "power-contradicted")
#: Of machines of which the catalogue does not tell: how long accelerators were read at work there,
#: how many hours of accelerators were stated, and what the fastest accelerator does in either: one
#: in each machine, and those stated.
_UNLISTED: Final = ("counted_hours", "accelerator_hours", "operations_each", "operations_stated")
#: What each notice must bring, by rule id: the names of its values.
NOTICE_VALUES: Final = {
    "instance-type-unknown": ("instance_type", "resource_hours", *_UNLISTED),
    "accelerators-unlisted": ("instance_type", *_UNLISTED),
    "accelerator-unknown": ("accelerator", "accelerator_hours", "operations_at_most"),
    "accelerator-belied": ("accelerator", "sign", "accelerator_hours", "operations_at_most"),
    "fraction-belied": (
        "accelerator",
        "accelerator_hours",
        "whole_accelerator_hours",
        "operations_at_most",
    ),
    "telemetry-impossible": ("figure_count", "field", "reading", "vantage"),
    "device-counts-disagree": ("overlap_hours",),
    "tenants-disagree": ("overlap_hours",),
    "vantages-disagree": ("bucket_count", "field"),
    "counters-contradicted": ("accelerator_hours", "counter"),
    **dict.fromkeys(_CONTRADICTED, ("accelerator_hours",)),
    "opening-overlaps": ("metered_hours",),
    "opening-impossible": ("opening_count",),
}
#: The scopes of rules about meters.
METERED: Final[tuple[Scope, ...]] = ("tenant",)


def meter_rule(
    rule_id: str,
    title: str,
    when: Callable[[Case], Hit | None],
    because: str,
    severity: Severity = "low",
) -> Rule:
    """Give a rule of the house about the meters of one tenant; low unless it says otherwise."""
    return Rule(rule_id, title, "house", severity, METERED, when, because)


def noticed(case: Case, rule_id: str) -> Hit | None:
    """Give the figures of the notices with this rule's id; several are added up."""
    found = [
        notice
        for notice in case.notices
        if (notice.rule_id, notice.scope, notice.subject_id)
        == (rule_id, case.facts.scope, case.facts.subject_id)
    ]
    if not found:
        return None
    evidence: dict[str, Value] = {}
    for notice in found:
        for name, value in notice.values.items():
            evidence[name] = _together(evidence.get(name), value)
    lacking = [name for name in NOTICE_VALUES[rule_id] if name not in evidence]
    if lacking:
        raise DetectorError(
            f"notice {rule_id} on {case.facts.subject_id}: expected the values "
            f"{', '.join(NOTICE_VALUES[rule_id])}, {', '.join(lacking)} not given; give them all"
        )
    return Hit("low", None, evidence)


def _together(known: Value, value: str | float | int) -> Value:
    """Numbers add up; texts are listed once each, in order."""
    if isinstance(value, str):
        before = known if isinstance(known, tuple) else ()
        return tuple(sorted({*before, value}))
    return value + known if isinstance(known, int | float) else value
