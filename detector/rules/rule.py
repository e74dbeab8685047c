"""What a rule is: a value with a condition, a severity and a sentence; and what it gives.

A rule is a document before it is a line: the docstring of its condition says what it sees, on
what basis, what it mistakes and what it misses. It is printed in reports and in the rule table.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final

from pydantic import AfterValidator

from detector.documents import Instant, Part, document_id, operations_text, percent_text
from detector.facts import CustomerFacts, FindingScope, Notice, Scope, Severity, SubjectFacts
from detector.linked import Line, LinkedRuns
from detector.policy.model import Pack, Threshold
from detector.policy.tables import CountryTable
from detector.related import Metering, PossibleOwner, Reseller, Withdrawn
from detector.rules.limits import Limits
from detector.thresholds.conditions import because_of, counts_for, is_in_force, is_reportable

#: A figure or a text behind a finding; a name in ``evidence`` ends in its unit.
Value = str | float | int | bool | tuple[str, ...] | None

#: The pack of red flags, on which rules of conduct rest.
RED_FLAGS: Final = "us-bis-red-flags"
#: A float this large is an amount of operations in a sentence, and written with a power of ten.
OPERATIONS_MIN: Final = 1e9
#: What is told where no fact would settle a question alone.
NO_SINGLE_FACT: Final = "no single fact, only several together"
#: How names of probabilities begin; other ratios are measured shares, which may be all or nothing.
_PROBABILITIES: Final = ("probability_", "link_score_")
#: One of what a sentence counts in the plural: "For 1 hours, ".
_ONE: Final = re.compile(r"(?<![\w.,])1 ((?:accelerator-)?hour|day)s(?=[,;])")


def _sorted(evidence: dict[str, Value]) -> dict[str, Value]:
    return dict(sorted(evidence.items()))


class Finding(Part):
    """One firing of one rule on one subject: a line of ``findings.ndjson``.

    ``policy_id`` is null where the rule rests on no pack; ``at`` is the instant of assessment.
    """

    finding_id: str
    rule_id: str
    policy_id: str | None
    severity: Severity
    scope: FindingScope
    subject_id: str
    tenant_ids: tuple[str, ...]
    at: Instant
    because: str
    evidence: Annotated[dict[str, Value], AfterValidator(_sorted)]


@dataclass(frozen=True)
class Case:
    """Everything a rule may look at for one subject; ``packs`` are those asked for."""

    facts: SubjectFacts
    customers: tuple[CustomerFacts, ...]
    packs: tuple[Pack, ...]
    limits: Limits
    countries: CountryTable | None = None
    notices: tuple[Notice, ...] = ()
    linked: LinkedRuns | None = None
    line: Line | None = None
    accounts: LinkedRuns | None = None
    reseller: Reseller | None = None
    possible_owner: PossibleOwner | None = None
    metering: Metering | None = None
    withdrawn: Withdrawn | None = None

    def pack_in_force(self, pack_id: str) -> str | None:
        """Give the id of a pack if it was asked for and holds on the day, else None."""
        day = self.facts.as_of.date()
        held = (p.id for p in self.packs if p.id == pack_id and p.is_effective_on(day))
        return next(held, None)

    @cached_property
    def thresholds_in_force(self) -> tuple[tuple[Pack, Threshold], ...]:
        """Every threshold that holds on the day, sums this scope and counts for this work."""
        day = self.facts.as_of.date()
        return tuple(
            (pack, threshold)
            for pack in self.packs
            for threshold in pack.thresholds
            if self.facts.scope in pack.scopes
            and is_in_force(pack, threshold, day)
            and counts_for(self.facts, pack, threshold)
        )

    @cached_property
    def smallest_reporting_threshold(self) -> float | None:
        """Operations of the smallest threshold that could be a report for any AI model.

        It is the scale by which rules call something large. Thresholds for one kind of training,
        such as biological, do not set it. None where nothing in force asks for reports.
        """
        day = self.facts.as_of.date()
        return min(
            (
                threshold.operations
                for pack in self.packs
                for threshold in pack.thresholds
                if pack.reports and threshold.reports and not threshold.only_biological
                if is_in_force(pack, threshold, day)
            ),
            default=None,
        )


@dataclass(frozen=True)
class Hit:
    """A condition that holds: how severe it is here, under which pack, and the figures."""

    severity: Severity
    policy_id: str | None
    evidence: Mapping[str, Value]


@dataclass(frozen=True)
class Rule:
    """One check. ``severity`` is the highest it can give; ``basis`` a pack id, or ``house``.

    ``because`` is the sentence of the finding, with names of evidence in braces.
    """

    id: str
    title: str
    basis: str
    severity: Severity
    scopes: tuple[Scope, ...]
    when: Callable[[Case], Hit | None]
    because: str

    @property
    def explanation(self) -> str:
        """What the rule sees, mistakes and misses: the docstring of its condition."""
        return inspect.cleandoc(self.when.__doc__ or "")


#: What a finding adds where a tenant says of itself that it is a reseller.
_SOLD_ON: Final = (
    " By their records these tenants sell on what they rent, so the work may be of their "
    "customers, whom they can name: {resellers}."
)


def finding_id(rule_id: str, scope: str, subject_id: str) -> str:
    """Name a finding: by rule, scope and subject alone, so that it keeps its id."""
    return document_id("f", rule_id, scope, subject_id)


def examine(rule: Rule, case: Case) -> Finding | None:
    """Hold one rule against one subject."""
    if case.facts.scope not in rule.scopes:
        return None
    hit = rule.when(case)
    if hit is None:
        return None
    facts = case.facts
    evidence = {**hit.evidence, **_resellers(case, hit)}
    because = rule.because + (_SOLD_ON if "resellers" in evidence else "")
    return Finding(
        finding_id=finding_id(rule.id, facts.scope, facts.subject_id),
        rule_id=rule.id,
        policy_id=hit.policy_id,
        severity=hit.severity,
        scope=facts.scope,
        subject_id=facts.subject_id,
        tenant_ids=tuple(sorted(facts.tenant_ids)),
        at=facts.as_of,
        because=_ONE.sub(
            r"1 \1",
            because.format_map({name: _spelled(name, value) for name, value in evidence.items()}),
        ),
        evidence=evidence,
    )


def _resellers(case: Case, hit: Hit) -> dict[str, Value]:
    """Name the tenants that sell on what they rent, where a finding says who a customer is."""
    found = tuple(sorted(each.tenant_id for each in case.customers if each.is_reseller))
    return {"resellers": found} if found and "person_status" in hit.evidence else {}


def _spelled(name: str, value: Value) -> str:
    """Write a value as its name tells: a ratio in percent, a count with what is counted.

    A probability is never written as certainty.
    """
    if name.endswith("_count"):
        noun = name.removesuffix("_count").replace("_", " ")
        return f"{spell(value)} {noun}{'' if value == 1 else 's'}"
    if not (name.endswith("_ratio") and isinstance(value, float)):
        return spell(value)
    is_whole = value in (0.0, 1.0) and not name.startswith(_PROBABILITIES)
    return f"{value * 100:.0f} %" if is_whole else percent_text(value)


def spell(value: Value) -> str:
    """Write a value for a sentence: few digits of a float, commas between several texts."""
    match value:
        case None | ():
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case float() if abs(value) >= OPERATIONS_MIN:
            return operations_text(value)
        case float():
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        case int() if abs(value) >= OPERATIONS_MIN:
            return operations_text(float(value))
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


def person_evidence(facts: SubjectFacts) -> dict[str, Value]:
    """Give the person status with its reasons, and in words: why, where it is undetermined."""
    found = facts.person_status
    why = because_of(found) if found.status == "undetermined" else ""
    return {
        "person_status": found.status,
        "person_status_reasons": found.reasons,
        "person": f"the person status is {found.status}{why}",
    }


_ORDER: Final[Sequence[Severity]] = ("info", "low", "medium", "high", "critical")


def most_severe(hits: Sequence[Hit]) -> Hit | None:
    """Give the most severe hit, the first of equals, or None where there is none."""
    return max(hits, key=lambda hit: _ORDER.index(hit.severity), default=None)


def reach_severity(case: Case, pack: Pack, threshold: Threshold, probability: float) -> Severity:
    """Say how severe it is that a threshold may be passed with this probability.

    High for a subject that would be reported once the probability is severe, medium below; one
    step less where the person status is undetermined; info for anybody else.
    """
    is_severe = probability >= case.limits.severe_probability_ratio
    if is_reportable(case.facts, pack, threshold, case.countries):
        return "high" if is_severe else "medium"
    if case.facts.person_status.status == "undetermined" and pack.reports:
        return "medium" if is_severe else "low"
    return "info"


def meter_severity(evidence: Mapping[str, Value]) -> Severity:
    """Give how severe a fault of meters is: info where only the provider's own have it.

    ``evidence``: its ``vantage`` names them; no customer reaches a host or a bmc.
    """
    vantages = evidence["vantage"]
    is_own = isinstance(vantages, tuple) and {"host", "bmc"}.issuperset(vantages)
    return "info" if is_own else "low"


def unknown_severity(case: Case, evidence: Mapping[str, Value]) -> Severity:
    """Say how severe hardware is of which only the most that it may have done is known."""
    smallest, most = case.smallest_reporting_threshold, evidence["operations_at_most"]
    if smallest is None or not isinstance(most, float) or most == 0:
        return "low"
    return case.limits.unknown_severity(most, smallest)


def is_large(case: Case) -> bool:
    """Say whether the expected training comes near anything that can be reported."""
    smallest = case.smallest_reporting_threshold
    share = case.limits.large_training_ratio
    return smallest is not None and case.facts.training.expected >= share * smallest
