"""Each rule fires on one example and is silent on another; the table of rules is well formed."""

from __future__ import annotations

import pytest

from detector.documents import json_line
from detector.errors import DetectorError
from detector.facts import OwnerName, StatusFinding
from detector.policy.parse import parse_pack
from detector.rules import RULES, Case, Finding, apply, explanations, told
from detector.rules.noticed import NOTICE_VALUES
from detector.rules.rule import Rule, finding_id
from tests.support import hardware_examples, related_examples
from tests.support.rule_examples import (
    CLUSTER_TOLD,
    NO_PLAN,
    QUIET,
    SMALL,
    STATE_OWNED,
    Example,
    at_odds,
    in_disguise,
    line,
    linked,
    listed_owner,
    low,
    notice,
)
from tests.support.subjects import ROOT, case, customer, declaration, place, subject, training

EXAMPLES = {
    "threshold-passed": Example(
        fires=case(subject(person_status=StatusFinding("undetermined", ("Nobody.",)))),
        severity="medium",
        because="The training operations expected, 1.2 × 10²⁶ (6 × 10²⁵ to 2.4 × 10²⁶), are past "
        "the 10²⁶ of test-reports (proposed); the person status is undetermined, because: Nobody.",
        silent=case(subject(**training(5e25, 1e26, 2e26))),
    ),
    "threshold-in-reach": Example(
        fires=case(subject(**training(2e25, 5e25, 1.5e26))),
        severity="medium",
        because="The training operations, 2 × 10²⁵ to 1.5 × 10²⁶, are past the 10²⁶ of "
        "test-reports (proposed) with probability 15 %; the person status is foreign.",
        silent=case(subject(**training(2e25, 5e25, 1e26))),
    ),
    "threshold-forecast": Example(
        fires=case(subject(**training(3.8e25, 4e25, 4.2e25)), customers=(NO_PLAN,)),
        severity="high",
        because="At the pace of late, 1.16 × 10²⁰ operations a second, the 10²⁶ of test-reports "
        "(proposed) would be passed: earliest 2026-03-05T14:00:00Z, likely 2026-03-11T00:00:00Z, "
        "latest 2026-05-07T10:00:00Z, if the work goes on. Within 180 days the probability is "
        "43 %, the end of the work included; the person status is foreign.",
        silent=case(subject(**training(3.8e23, 9e23, 9.9e23)), customers=(NO_PLAN,)),
    ),
    "cluster-past-test": Example(
        fires=case(subject(place_peaks=(place(),), **SMALL)),
        severity="medium",
        because=CLUSTER_TOLD,
        silent=case(subject(place_peaks=(place(network_gbit_per_second_min=100.0),), **SMALL)),
    ),
    "work-past-threshold": in_disguise(),
    "threshold-hugged": Example(
        fires=case(subject(scope="training_run", **training(8e25, 9e25, 9.9e25), **QUIET)),
        severity="medium",
        because="Training stopped at 90 % of the 10²⁶ of test-reports (proposed).",
        silent=case(subject(scope="training_run", **training(8e25, 9e25, 9.9e25))),
    ),
    "plan-past-threshold": Example(
        fires=case(
            subject(**SMALL),
            customers=(customer(declarations=(declaration(planned_operations=3e26),)),),
        ),
        severity="medium",
        because="The customer declares 3 × 10²⁶ operations (d-1), past the 10²⁶ of test-reports (p"
        "roposed); its training so far is expected to be 2 × 10²³; the person status is foreign.",
        silent=case(subject(**SMALL)),
    ),
    "declaration-below-estimate": Example(
        fires=case(customers=(customer(declarations=(declaration(planned_operations=1e25),)),)),
        severity="medium",
        because="The customer declared 10²⁵ operations; the low bound of what was metered is "
        "6 × 10²⁵.",
        silent=case(),
    ),
    "linked-runs": Example(
        fires=case(subject(scope="training_run"), linked=linked(7e25, 5e25)),
        severity="high",
        because="2 runs of 1 tenant may be one training, with probability 97 % (both run the "
        "image i-1 (by chance 1 in 1,000)); together 1.2 × 10²⁶ operations are expected, past "
        "the 10²⁶ of test-reports (proposed), which none passes alone; the person status is "
        "foreign.",
        silent=case(subject(scope="training_run"), linked=linked(1.1e26, 1e25)),
    ),
    "lineage": Example(
        fires=case(subject(scope="training_run"), line=line(2e25)),
        severity="medium",
        because="The line merlion-2, merlion-1 (d-2) took 1.2 × 10²⁶ operations in all, 10²⁵ of "
        "them by the customer's word, past the 10²⁶ of test-reports (proposed); the newest "
        "model's own runs took 2 × 10²⁵; the person status is foreign.",
        silent=case(subject(scope="training_run"), line=line(1.1e26)),
    ),
    "headquarters-of-concern": Example(
        fires=case(subject(headquarters=(("HK", "e-1", "T"), ("SG", "e-2", "S")), **SMALL)),
        severity="high",
        because="Headquarters of the customer or of an ultimate parent count as lying in a place "
        "that test-headquarters (in force) names (Hong Kong (HK), counted as China (CN) by the "
        "Country Group table of the Export Administration Regulations: T), and the work is likely "
        "training: 2 × 10²³ operations expected (10²³ to 4 × 10²³). The instrument has no floor.",
        silent=case(subject(headquarters=(("CN", "e-1", "T"),), **training(0.0, 0.0, 4e23))),
    ),
    "listed-ownership": Example(
        fires=listed_owner(is_sure=True),
        severity="critical",
        because="By test-listed-owners (in force) 50 % of e-1 counts as owned by parties that are "
        "likely listed: e-9 owns 50 % of e-1.",
        silent=listed_owner(is_sure=False),
    ),
    "listed-share-unknown": Example(
        fires=listed_owner(is_sure=False),
        severity="high",
        because="By test-listed-owners (in force) 0 % to 100 % of e-1 may count as owned by "
        "parties that are or may be listed: e-9 owns 0 % to 100 % of e-1. It would be sure if this "
        "came out: that e-9 owns 50 % or more of e-1.",
        silent=listed_owner(is_sure=True),
    ),
    "owner-unknown": Example(
        fires=case(customers=(customer(owners=(OwnerName("e-4", None, is_person=False),)),)),
        severity="medium",
        because="No natural person is known to own or control this tenant. No ownership of its "
        "customer is on file. Its training operations expected are 1.2 × 10²⁶ (6 × 10²⁵ to "
        "2.4 × 10²⁶); the person status is foreign.",
        silent=case(customers=(STATE_OWNED,)),
    ),
    "telemetry-silent": Example(
        fires=case(subject(silent_ratio=0.8, **SMALL)),
        severity="medium",
        because="80 % of the device time has no usable counters; at full use it could reach "
        "2.5 × 10²⁶ operations, past 10²⁶.",
        silent=case(subject(silent_ratio=1.0, peak_operations=9e25, **SMALL)),
    ),
    "telemetry-impossible": low(
        "telemetry-impossible",
        "Impossible telemetry was dropped, 3 figures: gpu_util 7.",
        figure_count=3,
        field="gpu_util",
        reading="gpu_util 7",
        vantage="guest",
    ),
    "device-counts-disagree": low(
        "device-counts-disagree",
        "For 1.5 hours, events about one resource disagree on its device count; the "
        "larger of each tenant's own was taken.",
        overlap_hours=1.5,
    ),
    "tenants-disagree": low(
        "tenants-disagree",
        "For 2 hours, events about one resource name different tenants; the time counts for each.",
        overlap_hours=2.0,
    ),
    "vantages-disagree": low(
        "vantages-disagree",
        "In 3 buckets of time, vantages of one resource disagree on gpu_util; the most "
        "trusted one was taken.",
        bucket_count=3,
        field="gpu_util",
    ),
    "opening-overlaps": low(
        "opening-overlaps",
        "8 accelerator-hours were metered before the instant of an opening balance for "
        "the same work; they were taken off it.",
        metered_hours=8.0,
    ),
    "opening-impossible": low(
        "opening-impossible",
        "Opening balances stated impossible amounts, which were dropped (2 openings).",
        opening_count=2,
    ),
    "counters-contradicted": at_odds(
        "counters-contradicted",
        "tensor_active shows rest or little while the power drawn or the use shows work: dead "
        "counters look like this, and the interval does not rest on them alone.",
    ),
    "counters-without-power": at_odds(
        "counters-without-power",
        "pipe counters show hard work while the power drawn shows rest: the two cannot both be "
        "true, and the interval covers both.",
    ),
    "use-contradicted": at_odds(
        "use-contradicted",
        "pipes were active for more of the time than the device was in use: the use counter lies, "
        "and the interval covers both.",
    ),
    "power-contradicted": at_odds(
        "power-contradicted",
        "power and energy of one vantage differ by more than meters do: the two cannot both be "
        "true, and the larger is expected.",
    ),
    **related_examples.EXAMPLES,
    **hardware_examples.EXAMPLES,
}


def only(rule: Rule, example: Case) -> list[tuple[str, str]]:
    return [(found.severity, found.because) for found in apply(example, (rule,))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_fires_on_its_example_and_is_silent_on_the_other(rule: Rule) -> None:
    example = EXAMPLES[rule.id]
    assert only(rule, example.fires) == [(example.severity, example.because)]
    assert only(rule, example.silent) == []


def test_every_rule_has_an_id_of_its_own_and_an_example() -> None:
    ids = [rule.id for rule in RULES]
    assert sorted(ids) == sorted(set(ids)) == sorted(EXAMPLES)


def test_every_rule_rests_on_a_shipped_pack_or_on_the_house() -> None:
    folder = ROOT / "detector/policy/packs"
    shipped = {
        parse_pack(path.read_text(encoding="utf-8"), path.name).id for path in folder.iterdir()
    }
    assert {rule.basis for rule in RULES} <= {"house", *shipped}


def test_every_rule_explains_what_it_sees_and_what_it_mistakes() -> None:
    short = [rule.id for rule in RULES if len(rule.explanation) < 80 or not rule.title]
    assert short == []


def test_a_notice_without_its_figures_says_which_are_expected() -> None:
    with pytest.raises(DetectorError, match="notice tenants-disagree on t-1: expected the values"):
        apply(notice("tenants-disagree"))


def test_a_notice_that_no_rule_takes_is_an_error() -> None:
    with pytest.raises(DetectorError, match="notice no-such-rule on t-1: expected the id of"):
        apply(notice("no-such-rule"))


def test_every_rule_is_explained_for_a_report() -> None:
    printed = explanations()
    assert list(printed) == [rule.id for rule in RULES]
    assert printed["tenants-disagree"] == (
        "Meters disagree on the tenant. Two events give one resource at one time to different "
        "tenants. The time counts for each of them, so their sums overlap. Usually an allocation "
        "changed hands and one meter lags; it can also be an identity that two customers share."
    )


def test_a_finding_is_written_with_the_fields_of_the_contract() -> None:
    (finding,) = apply(EXAMPLES["telemetry-impossible"].fires)
    assert json_line(finding).decode() == (
        '{"finding_id":"f-PLACE","rule_id":"telemetry-impossible","policy_id":null,'
        '"severity":"low","scope":"tenant","subject_id":"t-1","tenant_ids":["t-1"],'
        '"at":"2026-03-05T00:00:00Z",'
        '"because":"Impossible telemetry was dropped, 3 figures: gpu_util 7.",'
        '"evidence":{"field":["gpu_util"],"figure_count":3,"reading":["gpu_util 7"],'
        '"vantage":["guest"]}}'
    ).replace("f-PLACE", finding_id("telemetry-impossible", "tenant", "t-1"))


def test_a_finding_survives_json() -> None:
    for example in EXAMPLES.values():
        for finding in apply(example.fires):
            assert Finding.model_validate_json(json_line(finding)) == finding


def test_a_finding_id_depends_on_rule_scope_and_subject_alone() -> None:
    assert finding_id("threshold-passed", "tenant", "t-1") == "f-98ec15e54b3a0b535ea6"
    assert finding_id("a", "bc", "d") != finding_id("ab", "c", "d")


@pytest.mark.parametrize("rule_id", sorted(NOTICE_VALUES))
def test_notices_alone_tell_what_they_tell_beside_every_other_rule(rule_id: str) -> None:
    example = EXAMPLES[rule_id].fires
    beside = [found for found in apply(example) if found.rule_id == rule_id]
    assert told(example.notices, example.facts.as_of, example.limits, example.packs) == beside


def test_a_notice_alone_that_no_rule_takes_is_an_error_too() -> None:
    example = notice("no-such-rule")
    with pytest.raises(DetectorError, match="notice no-such-rule on t-1: expected the id of"):
        told(example.notices, example.facts.as_of, example.limits, example.packs)
