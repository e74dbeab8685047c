"""How severe findings are, how they add up, and that ordinary tenants have none to speak of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from detector.errors import DetectorError
from detector.facts import Interval, Notice, PersonStatus, Severity, SubjectFacts
from detector.rules import apply
from detector.rules.rule import Hit, most_severe, spell
from tests.support.hardware_examples import UNLISTED
from tests.support.subjects import (
    case,
    customer,
    day,
    declaration,
    headquarters_pack,
    pack,
    status,
    subject,
    threshold,
    training,
)

SMALL = training(1e23, 2e23, 4e23)
QUIET = {"as_of": day(12)}


def test_a_known_foreign_tenant_that_is_reported_has_one_high_finding() -> None:
    assert [(found.rule_id, found.severity) for found in apply(case())] == [
        ("threshold-passed", "high")
    ]


@pytest.mark.parametrize(
    ("word", "severity"), [("us", "info"), ("undetermined", "medium"), ("foreign", "high")]
)
def test_a_threshold_passed_is_as_severe_as_what_follows_from_it(
    word: PersonStatus, severity: Severity
) -> None:
    found = apply(case(subject(person_status=status(word))))
    assert [(each.rule_id, each.severity) for each in found] == [("threshold-passed", severity)]


@pytest.mark.parametrize(
    ("word", "expected", "severity"),
    [
        ("foreign", 8e25, "high"),
        ("foreign", 3e25, "medium"),
        ("undetermined", 8e25, "medium"),
        ("undetermined", 3e25, "low"),
        ("us", 8e25, "info"),
    ],
)
def test_a_threshold_in_reach_is_as_severe_as_it_is_likely(
    word: PersonStatus, expected: float, severity: Severity
) -> None:
    facts = subject(person_status=status(word), **training(1e25, expected, 1.5e26))
    found = [each for each in apply(case(facts)) if each.rule_id == "threshold-in-reach"]
    assert [each.severity for each in found] == [severity]


@pytest.mark.parametrize(
    ("word", "severity"), [("us", "info"), ("undetermined", "low"), ("foreign", "medium")]
)
def test_large_work_that_looks_like_no_training_is_asked_about(
    word: PersonStatus, severity: Severity
) -> None:
    work = Interval(6e25, 1.2e26, 2.4e26)
    facts = subject(person_status=status(word), **training(0, 0, 0) | {"operations": work})
    assert [(each.rule_id, each.severity) for each in apply(case(facts))] == [
        ("work-past-threshold", severity)
    ]


@pytest.mark.parametrize(
    ("word", "severity"), [("us", "info"), ("undetermined", "info"), ("foreign", "medium")]
)
def test_an_instrument_that_asks_for_no_report_is_milder(
    word: PersonStatus, severity: Severity
) -> None:
    facts = subject(person_status=status(word))
    found = apply(case(facts, packs=(pack(reports=False, clocks=()),)))
    assert [(each.rule_id, each.severity) for each in found] == [("threshold-passed", severity)]


def test_biological_training_past_its_own_threshold_is_a_finding_and_no_report() -> None:
    number = threshold(
        operations=1e23, only_biological=True, biological_share_ratio_gt=0.5, reports=False
    )
    facts = subject(biological_share_ratio=0.9, **SMALL)
    found = apply(case(facts, packs=(pack(thresholds=(number,)),)))
    assert [(each.rule_id, each.severity) for each in found] == [("threshold-passed", "medium")]


def test_several_thresholds_give_one_finding_under_the_most_severe_that_names_the_others() -> None:
    asked = pack(id="asked")
    noted = pack(id="noted", reports=False, clocks=(), thresholds=(threshold(operations=1e25),))
    found = apply(case(packs=(noted, asked)))
    assert [(each.rule_id, each.policy_id) for each in found] == [("threshold-passed", "asked")]
    assert found[0].because == (
        "The training operations expected, 1.2 × 10²⁶ (6 × 10²⁵ to 2.4 × 10²⁶), are past the 10²⁶ "
        f"of asked (proposed), the 10²⁵ of noted (proposed, {noted.thresholds[0].id}); the person "
        "status is foreign."
    )


def test_several_thresholds_in_reach_are_named_in_one_finding_each_with_its_probability() -> None:
    asked = pack(id="asked")
    noted = pack(id="noted", reports=False, clocks=(), thresholds=(threshold(operations=1.2e26),))
    found = apply(case(subject(**training(2e25, 5e25, 1.5e26)), packs=(noted, asked)))
    told = [each for each in found if each.rule_id == "threshold-in-reach"]
    assert [(each.policy_id, each.severity) for each in told] == [("asked", "medium")]
    assert told[0].because == (
        "The training operations, 2 × 10²⁵ to 1.5 × 10²⁶, are past the 10²⁶ of asked (proposed) "
        "with probability 15 %, the 1.2 × 10²⁶ of noted (proposed, operations-1e26, with "
        "probability 9 %); the person status is foreign."
    )


@pytest.mark.parametrize(
    ("word", "severity"), [("us", "info"), ("undetermined", "medium"), ("foreign", "medium")]
)
def test_a_plan_is_as_severe_as_the_report_that_would_follow(
    word: PersonStatus, severity: Severity
) -> None:
    said = declaration(planned_operations=None, parameters=1e13, active_parameters=None)
    facts = subject(person_status=status(word), **SMALL)
    found = apply(case(facts, customers=(customer(declarations=(said,)),)))
    assert [(each.rule_id, each.severity) for each in found] == [("plan-past-threshold", severity)]


@pytest.mark.parametrize(
    ("word", "expected", "severity"),
    [
        ("foreign", 4e25, "high"),
        ("foreign", 8e24, "medium"),
        ("undetermined", 4e25, "medium"),
        ("undetermined", 8e24, "low"),
        ("us", 4e25, "info"),
    ],
)
def test_a_forecast_is_as_severe_as_the_crossing_is_near(
    word: PersonStatus, expected: float, severity: Severity
) -> None:
    facts = subject(person_status=status(word), **training(0.9 * expected, expected, expected))
    found = apply(case(facts, customers=(customer(declarations=()),)))
    assert [(each.rule_id, each.severity) for each in found] == [("threshold-forecast", severity)]


def test_the_pack_may_look_less_far_ahead_than_the_house() -> None:
    facts = subject(**training(3.8e25, 4e25, 4.2e25))
    near, far = (apply(case(facts, packs=(pack(horizon_days=days),))) for days in (5, 6))
    assert ([each.rule_id for each in near], [each.rule_id for each in far]) == (
        [],
        ["threshold-forecast"],
    )


def test_no_forecast_is_found_before_three_days_of_work_nor_below_a_hundredth() -> None:
    young = subject(first_start=day(1.5), **training(3.8e25, 4e25, 4.2e25))
    small = subject(**training(9e23, 9.9e23, 1e24))
    assert apply(case(young)) == apply(case(small)) == []


@pytest.mark.parametrize(
    ("dates", "hours", "passes_at"),
    [
        ({}, 0.0, "2026-03-21T00:00:00Z"),
        ({"planned_start": None}, 0.0, None),  # nothing says from when on
        ({"planned_start": None}, 8.0, "2026-03-21T00:00:00Z"),  # from the first work on
        ({"planned_end": None}, 8.0, None),
    ],
)
def test_a_plan_says_when_it_passes_where_its_dates_do(
    dates: dict[str, None], hours: float, passes_at: str | None
) -> None:
    said = declaration(planned_operations=3e26, **dates)
    facts = subject(accelerator_hours=hours, **SMALL)
    (found,) = apply(case(facts, customers=(customer(declarations=(said,)),)))
    assert (found.rule_id, found.evidence["plan_passes_at"]) == ("plan-past-threshold", passes_at)


def test_a_tenant_with_one_run_is_not_found_hugging_beside_its_run() -> None:
    hugging: dict[str, Any] = {**training(8e25, 9e25, 9.9e25), **QUIET}
    one = apply(case(subject(**hugging)))
    two = apply(case(subject(training_run_ids=("run-1", "run-2"), **hugging)))
    assert [each.rule_id for each in one] == []
    assert [each.rule_id for each in two] == ["threshold-hugged"]


def test_declared_operations_come_from_tokens_where_no_plan_is_declared() -> None:
    said = declaration(
        planned_operations=None, parameters=1e12, active_parameters=1e11, tokens=1e12
    )
    found = apply(case(customers=(customer(declarations=(said,)),)))
    evidence = {each.rule_id: each.evidence for each in found}
    assert evidence["declaration-below-estimate"]["declared_operations"] == 6e23


def test_a_declaration_without_figures_hides_the_sum_of_the_others() -> None:
    silent = declaration(declaration_id="d-2", planned_operations=None, tokens=None)
    small = declaration(planned_operations=1e20)
    found = apply(case(customers=(customer(declarations=(small, silent)),)))
    assert [each.rule_id for each in found] == ["threshold-passed"]


def test_a_pack_that_is_not_in_force_finds_nothing() -> None:
    later = (day(4) + timedelta(days=1)).date()
    packs = (pack(effective_from=later), headquarters_pack(effective_from=later))
    assert apply(case(subject(headquarters=(("CN", "e-1", "Tide (e-1)"),)), packs=packs)) == []


def unknown_type(name: str, hours: float) -> dict[str, str | float | int]:
    return {"instance_type": name, "resource_hours": hours, **UNLISTED}


def test_several_notices_of_one_rule_are_one_finding() -> None:
    first, second = (
        Notice("instance-type-unknown", "tenant", "t-1", ("t-1",), figures)
        for figures in (unknown_type("b.metal", 2.0), unknown_type("a.metal", 3.0))
    )
    (finding,) = apply(case(subject(**SMALL), notices=(first, second)))
    assert finding.evidence == {
        "instance_type": ("a.metal", "b.metal"),
        "resource_hours": 5.0,
        **{name: 2 * value for name, value in UNLISTED.items()},
        "fast_accelerator_count": 16,
        "operations_at_most": 6.4e21,
    }


def ordinary_tenants() -> list[SubjectFacts]:
    """Give tenants of every status that train, infer or idle at everyday scale."""
    return [
        subject(
            person_status=status(word),
            peak_operations=5e24,
            silent_ratio=silent,
            cluster_peak_operations_per_second=1e17,
            owner_ids=(),
            **training(low, expected, high),
        )
        for word in ("us", "foreign", "undetermined")
        for silent in (0.0, 1.0)
        for low, expected, high in ((0.0, 0.0, 0.0), (0.0, 1e21, 5e24), (1e22, 2e23, 4e24))
    ]


@pytest.mark.parametrize("facts", ordinary_tenants())
def test_an_ordinary_tenant_has_nothing_above_low(facts: SubjectFacts) -> None:
    unknown = customer(owners=(), declarations=(), is_ownership_disclosed=False)
    assert apply(case(facts, customers=(unknown,))) == []


def test_the_most_severe_hit_is_the_first_of_equals() -> None:
    low, high, other = Hit("low", "a", {}), Hit("high", "b", {}), Hit("high", "c", {})
    assert most_severe([low, high, other]) == high
    assert most_severe([]) is None


def test_a_headquarters_pack_needs_the_country_table() -> None:
    with pytest.raises(DetectorError, match="pass the table of"):
        apply(case(subject(headquarters=(("CN", "e-1", "Tide (e-1)"),)), countries=None))


def test_a_cluster_is_under_no_threshold_rule() -> None:
    facts = subject(scope="cluster", training=Interval(1e27, 2e27, 3e27))
    assert apply(case(facts)) == []


def test_values_are_spelled_for_a_sentence() -> None:
    values = (None, (), True, 2.5e26, 123_456.7, 12.34, 7, "x", ("a", "b"))
    assert [spell(value) for value in values] == [
        "unknown",
        "unknown",
        "yes",
        "2.5 × 10²⁶",
        "123,457",
        "12.3",
        "7",
        "x",
        "a, b",
    ]


@pytest.mark.parametrize(
    ("expected", "severity"), [(1.0, "medium"), (3.32e22, "medium"), (3.33e22, "high")]
)
def test_small_training_for_a_place_of_concern_is_told_behind_what_is_larger(
    expected: float, severity: str
) -> None:
    facts = subject(headquarters=(("CN", "e-1", "Tide (e-1)"),), **training(0.0, expected, 4e23))
    (found,) = [f for f in apply(case(facts)) if f.rule_id == "headquarters-of-concern"]
    assert found.severity == severity
