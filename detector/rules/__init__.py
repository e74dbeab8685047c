"""The ordered table of rules, and its application to one subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detector.errors import DetectorError
from detector.rules import (
    cluster,
    compute,
    conduct,
    declaration,
    forecast,
    jurisdiction,
    links,
    ownership,
)
from detector.rules.limits import Limits, parse_limits
from detector.rules.rule import Case, Finding, Rule, examine

__all__ = ["RULES", "Case", "Finding", "Limits", "Rule", "apply", "explanations", "parse_limits"]

#: Every rule, in the order in which findings are listed.
RULES: Final[tuple[Rule, ...]] = (
    *compute.RULES,
    *forecast.RULES,
    *cluster.RULES,
    *declaration.RULES,
    *links.RULES,
    *jurisdiction.RULES,
    *ownership.RULES,
    *conduct.RULES,
)


def apply(case: Case, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """Hold every rule against one subject; at most one finding a rule, in the rules' order."""
    for notice in case.notices:
        if notice.rule_id not in conduct.NOTICE_VALUES:
            raise DetectorError(
                f"notice {notice.rule_id} on {notice.subject_id}: expected the id of a rule that "
                f"takes notices, one of {', '.join(conduct.NOTICE_VALUES)}; mend the caller"
            )
    found = (examine(rule, case) for rule in rules)
    return [finding for finding in found if finding is not None]


def explanations(rules: Sequence[Rule] = RULES) -> dict[str, str]:
    """Give what each rule sees, mistakes and misses, by its id, for a report to print."""
    return {rule.id: f"{rule.title}. {' '.join(rule.explanation.split())}" for rule in rules}
