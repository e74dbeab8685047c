"""The ordered table of rules, and its application to one subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from detector.errors import DetectorError
from detector.facts import Notice, StatusFinding, unmetered
from detector.policy.model import Pack
from detector.rules import (
    accounts,
    cluster,
    compute,
    conduct,
    declaration,
    forecast,
    fronts,
    hardware,
    jurisdiction,
    links,
    ownership,
    red_flags,
    resellers,
    withdrawn,
    withheld,
)
from detector.rules.limits import Limits, parse_limits
from detector.rules.noticed import NOTICE_VALUES
from detector.rules.rule import Case, Finding, Rule, examine

__all__ = [
    "RULES",
    "Case",
    "Finding",
    "Limits",
    "Rule",
    "apply",
    "explanations",
    "flagged",
    "parse_limits",
    "told",
]

#: Every rule, in the order in which findings are listed.
RULES: Final[tuple[Rule, ...]] = (
    *compute.RULES,
    *forecast.RULES,
    *cluster.RULES,
    *declaration.RULES,
    *links.RULES,
    *jurisdiction.RULES,
    *ownership.RULES,
    *accounts.RULES,
    *resellers.RULES,
    *hardware.RULES,
    *conduct.RULES,
    *withheld.RULES,
    *withdrawn.RULES,
    *fronts.RULES,
    *red_flags.RULES,
)


def apply(case: Case, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """Hold every rule against one subject; at most one finding a rule, in the rules' order."""
    _check(case.notices)
    found = (examine(rule, case) for rule in rules)
    return [finding for finding in found if finding is not None]


def flagged(case: Case) -> list[Finding]:
    """Give the red flags that the records of a subject's customers show, whatever its scope.

    As findings they stand on the tenant; a report on a run or an owner names them all the same.
    """
    asked = [replace(rule, scopes=(case.facts.scope,)) for rule in red_flags.RULES]
    return apply(case, asked)


def told(
    notices: Sequence[Notice], as_of: datetime, limits: Limits, packs: tuple[Pack, ...]
) -> list[Finding]:
    """Give the findings that the notices on one subject make by themselves.

    They are those that ``apply`` gives for them; no other rule is held against the subject, so it
    serves subjects of which no other rule can speak, in bulk.
    """
    first = notices[0]
    status = StatusFinding("undetermined", ())
    facts = unmetered(first.scope, first.subject_id, first.tenant_ids, (as_of, as_of), status)
    meant = {notice.rule_id for notice in notices}
    rules = [rule for rule in (*hardware.RULES, *conduct.RULES) if rule.id in meant]
    return apply(Case(facts, (), packs, limits, notices=tuple(notices)), rules)


def _check(notices: Sequence[Notice]) -> None:
    for notice in notices:
        if notice.rule_id not in NOTICE_VALUES:
            raise DetectorError(
                f"notice {notice.rule_id} on {notice.subject_id}: expected the id of a rule that "
                f"takes notices, one of {', '.join(NOTICE_VALUES)}; mend the caller"
            )


def explanations(rules: Sequence[Rule] = RULES) -> dict[str, str]:
    """Give what each rule sees, mistakes and misses, by its id, for a report to print."""
    return {rule.id: f"{rule.title}. {' '.join(rule.explanation.split())}" for rule in rules}
