"""Smallest valid subjects, customers and packs for the tests of rules, decide and report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from detector.facts import (
    AccessSource,
    Curve,
    CustomerFacts,
    Declaration,
    Interval,
    OwnerName,
    PersonStatus,
    PlacePeak,
    StatusFinding,
    SubjectFacts,
)
from detector.policy.model import (
    Clock,
    ClusterLeg,
    HeadquartersTest,
    ListedOwnerTest,
    Pack,
    PersonTest,
    Threshold,
)
from detector.rules import Limits, parse_limits
from detector.rules.rule import Case
from tests.support.charts import countries

#: The value of any field of what a factory makes; the made value's own types check it.
Override: TypeAlias = Any

ROOT = Path(__file__).resolve().parents[2]
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT = 1e26


def day(number: float) -> datetime:
    """Give the instant so many days after 1 March 2026."""
    return MARCH + timedelta(days=number)


def curve(*expected: float, spread: float = 2.0, starts: bool = False) -> Curve:
    """Give a curve of daily sums; low and high lie ``spread`` times off."""
    return Curve(
        ends=tuple(day(number + 1) for number in range(len(expected))),
        low=tuple(value / spread for value in expected),
        expected=expected,
        high=tuple(value * spread for value in expected),
        starts=tuple(day(number) for number in range(len(expected))) if starts else (),
    )


def subject(**changes: Override) -> SubjectFacts:
    """Give a foreign tenant that trained up to 1.2e26 in four days; override by keyword."""
    sums = curve(3e25, 6e25, 9e25, 1.2e26)
    facts = SubjectFacts(
        scope="tenant",
        subject_id="t-1",
        as_of=day(4),
        tenant_ids=("t-1",),
        training_run_ids=("run-1",),
        cluster_ids=("fabric-1",),
        accelerator_hours=7.0e7,
        peak_operations=2.5e26,
        operations=Interval(6.2e25, 1.25e26, 2.5e26),
        hardware_operations_expected=1.4e26,
        training=Interval(6e25, 1.2e26, 2.4e26),
        training_probability=0.97,
        first_start=day(0),
        last_end=day(4),
        curve=sums,
        person_status=StatusFinding("foreign", ("The customer is organised under the law of SG.",)),
        owner_ids=("p-9",),
        accelerators=(("H100 SXM", 7.0e7),),
        methods=("Covered device time at dense peak, times the utilisation that counters imply.",),
        contributions=("Tensor activity is high and even.",),
        cluster_peak_operations_per_second=2e20,
        silent_ratio=0.1,
        metered_since=day(0),
    )
    return replace(facts, **changes)


def training(low: float, expected: float, high: float) -> dict[str, Any]:
    """Give the keywords of a subject that did nothing but train, evenly over four days, so much."""
    shares = (0.25, 0.5, 0.75, 1.0)
    sums = Curve(
        ends=tuple(day(number + 1) for number in range(4)),
        low=tuple(low * share for share in shares),
        expected=tuple(expected * share for share in shares),
        high=tuple(high * share for share in shares),
    )
    reached = Interval(low, expected, high)
    return {"training": reached, "operations": reached, "curve": sums}


def place(**changes: Override) -> PlacePeak:
    """Give a joined cluster of 1.2e20 operations per second at 16 bit; override by keyword."""
    peak = PlacePeak(
        site_id="site-1",
        cluster_id="fabric-1",
        tenant_ids=("t-1",),
        accelerators=120_000.0,
        operations_per_second_16bit=1.2e20,
        operations_per_second_8bit=2.4e20,
        operations_per_second_any=2.4e20,
        network_gbit_per_second_min=3200.0,
        is_network_known=True,
        at=day(1),
    )
    return replace(peak, **changes)


def status(word: PersonStatus) -> StatusFinding:
    """Give a person status without reasons."""
    return StatusFinding(word, ())


def customer(**changes: Override) -> CustomerFacts:
    """Give a customer of whom everything is known; override by keyword."""
    record = CustomerFacts(
        tenant_id="t-1",
        name="Merlion Foundation Models Pte. Ltd.",
        kind="organisation",
        address="1 Example Road, Singapore, SG",
        jurisdiction="SG",
        use_locations=("SG",),
        payment_means="card",
        payment_identifier_hash="5f1c",
        payer_name="Merlion Foundation Models Pte. Ltd.",
        email="desk@example.com",
        telephone="+65 5550 0100",
        accesses=(AccessSource("192.0.2.7", "SG", day(0.5), day(3.5), 412),),
        owners=(OwnerName("p-9", "Tan Example", is_person=True),),
        is_ownership_disclosed=True,
        verification_status="verified",
        declarations=(declaration(),),
    )
    return replace(record, **changes)


def declaration(**changes: Override) -> Declaration:
    """Give a declaration in which everything is said; override by keyword."""
    said = Declaration(
        declaration_id="d-1",
        model_name="merlion-2",
        parameters=1e12,
        active_parameters=1e12,
        tokens=2e13,
        precision="bf16",
        planned_operations=9e25,
        biological_sequence_share=0.0,
        planned_start=day(0),
        planned_end=day(60),
        end_use="general assistant",
        weight_security="weights encrypted at rest, two-person access",
        incidents="none in the last four years",
    )
    return replace(said, **changes)


def threshold(**changes: Override) -> Threshold:
    """Give a threshold of 1e26, passed by more than it; override by keyword."""
    fields = {"id": "operations-1e26", "operations": LIMIT, "comparison": "gt", "source": "test"}
    return Threshold.model_validate(fields | changes)


def pack(**changes: Override) -> Pack:
    """Give a proposed instrument that asks for reports on foreign persons; override by keyword."""
    fields: dict[str, Any] = {
        "id": "test-reports",
        "version": "1",
        "title": "Reports of large training by foreign persons (proposed rule)",
        "citation": "89 FR 5698, proposed 15 CFR 7.308",
        "legal_status": "proposed",
        "status_as_of": date(2026, 6, 12),
        "status_source": "a legal note of 12 June 2026",
        "status_confirmed": False,
        "banner": "Proposed only: no rule obliges a provider to file this report.",
        "scopes": ("training_run", "tenant", "owner"),
        "statute_scopes": ("training_run",),
        "subject_test": PersonTest(kind="foreign_person"),
        "thresholds": (threshold(),),
        "cluster": ClusterLeg(
            gbit_per_second_gt=100.0, operations_per_second_ge=1e20, source="test"
        ),
        "clocks": (Clock(event="initial", days=15, source="test"),),
        "tolerance_ratio": 0.1,
        "reports": True,
        "severity": "high",
    }
    return Pack(**(fields | changes))


def headquarters_pack(**changes: Override) -> Pack:
    """Give an instrument in force about headquarters in D:5 or Macau, without a floor."""
    fields: dict[str, Any] = {
        "id": "test-headquarters",
        "title": "Headquartered in D:5 or Macau",
        "legal_status": "in_force",
        "status_confirmed": True,
        "scopes": ("tenant", "owner"),
        "statute_scopes": ("tenant",),
        "subject_test": HeadquartersTest(
            kind="headquarters", country_groups=("D:5",), countries=("MO",)
        ),
        "thresholds": (),
        "clocks": (),
        "reports": False,
    }
    return pack(**(fields | changes))


def listed_owner_pack(**changes: Override) -> Pack:
    """Give an instrument in force about customers owned 50 % by listed parties."""
    fields: dict[str, Any] = {
        "id": "test-listed-owners",
        "title": "Owned 50 % by listed parties",
        "subject_test": ListedOwnerTest(kind="listed_owner", share_ratio_ge=0.5, lists=("A list",)),
        "severity": "critical",
    }
    return headquarters_pack(**(fields | changes))


def limits() -> Limits:
    """Give the limits as shipped."""
    return parse_limits((ROOT / "detector/rules/limits.toml").read_text(encoding="utf-8"))


def case(facts: SubjectFacts | None = None, **changes: Override) -> Case:
    """Give a case of one known foreign tenant under both packs; override by keyword."""
    fields: dict[str, Any] = {
        "facts": facts or subject(),
        "customers": (customer(),),
        "packs": (pack(), headquarters_pack()),
        "limits": limits(),
        "countries": countries(),
    }
    return Case(**(fields | changes))
