"""What the examples of rules are made of: a small tenant, a notice, linked runs, a line."""

from __future__ import annotations

from dataclasses import dataclass

from detector.facts import Interval, ListedOwnership, Notice, OwnerName, Severity
from detector.linked import Line, LinkedRuns
from detector.rules import Case
from tests.support.subjects import case, customer, day, listed_owner_pack, subject, training

SMALL = training(1e23, 2e23, 4e23)
QUIET = {"as_of": day(12)}
NO_PLAN = customer(declarations=())
STATE_OWNED = customer(
    owners=(OwnerName("e-4", "Ministry", is_person=False),),
    without_owners=("Ministry (e-4) is a state or a body of one: it has no beneficial owner.",),
)


def notice(rule_id: str, **values: str | float) -> Case:
    """Give a small tenant with one notice."""
    note = Notice(rule_id, "tenant", "t-1", ("t-1",), values)
    return case(subject(**SMALL), notices=(note,))


def linked(*expected: float) -> LinkedRuns:
    members = tuple((f"run-{n}", Interval(x / 2, x, 2 * x)) for n, x in enumerate(expected))
    return LinkedRuns(
        members, 0.97, ("both run the image i-1 (by chance 1 in 1,000)",), is_sure=True
    )


def line(alone: float) -> Line:
    """Give a model on top of another, 1.2e26 operations in all."""
    return Line(
        tenant_id="t-1",
        declaration_id="d-2",
        models=("merlion-2", "merlion-1"),
        own_runs=("run-2",),
        runs=("run-1", "run-2"),
        training=Interval(6e25, 1.2e26, 2.4e26),
        stated_operations=1e25,
        is_cyclic=False,
        alone=Interval(alone / 2, alone, 2 * alone),
    )


def listed_owner(*, is_sure: bool, is_match_sure: bool = True) -> Case:
    """Give a tenant whose customer a listed party owns by 50 %, or by a share not given."""
    found = ListedOwnership(
        pack_id="test-listed-owners",
        record_id="e-1",
        is_sure=is_sure,
        is_match_sure=is_match_sure,
        share_ratio_min=0.5 if is_sure else 0.0,
        share_ratio_max=0.5 if is_sure else 1.0,
        listed_ids=("e-9",),
        chain=("e-9 owns 50 % of e-1" if is_sure else "e-9 owns 0 % to 100 % of e-1",),
        flips=() if is_sure else ("that e-9 owns 50 % or more of e-1",),
        record="e-1",
    )
    return case(subject(listed_owners=(found,), **SMALL), packs=(listed_owner_pack(),))


#: What the rule on clusters says of the example in the table.
CLUSTER_TOLD = (
    "In fabric-1 on site-1, 120,000 accelerators were held at one instant: 1.2 × 10²⁰ operations a "
    "second at 16 bit, 2.4 × 10²⁰ at 8 bit, 2.4 × 10²⁰ at its fastest precision. That reaches the "
    "10²⁰ of test-reports (proposed) at 16 bit, 8 bit, its fastest precision; whether the nodes "
    "are joined by over 100 Gbit/s: faster. Tenants: t-1; the person status is foreign."
)


@dataclass(frozen=True)
class Example:
    """What fires with which severity and sentence, and what is close to it but silent."""

    fires: Case
    severity: Severity
    because: str
    silent: Case


def low(rule_id: str, because: str, **values: str | float) -> Example:
    """Give a notice of low severity, and nothing for any other."""
    fires = notice(rule_id, **values)
    return Example(fires=fires, severity="low", because=because, silent=case())


def at_odds(rule_id: str, told: str) -> Example:
    because = f"Over 8 accelerator-hours, {told}"
    return Example(
        notice(rule_id, accelerator_hours=8.0, counter="tensor_active"), "low", because, case()
    )


def in_disguise() -> Example:
    """Give as much work as would be reported, of which nothing looks like training."""
    work = {"operations": Interval(6e25, 1.2e26, 2.4e26)}
    return Example(
        fires=case(subject(**training(0, 0, 0) | work)),
        severity="medium",
        because="All work, 1.2 × 10²⁶ operations expected, is past the 10²⁶ of test-reports "
        "(proposed), and little of it looks like training; the person status is foreign.",
        silent=case(subject(**training(0, 0, 1.1e26) | work)),
    )
