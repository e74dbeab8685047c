"""Packs: what ships, when it holds, and how a fault in one is told."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from detector.errors import PolicyError
from detector.policy.model import HeadquartersTest, ListedOwnerTest, Pack, PersonTest
from detector.policy.parse import parse_pack, policy_of

ROOT = Path(__file__).parents[3]
PACKS = ROOT / "detector" / "policy" / "packs"
FORMAT = ROOT / "docs" / "policy-packs.md"
TODAY = date(2026, 11, 22)

MINIMAL = """
id = "mine"
version = "1"
title = "Mine"
citation = "house rule"
legal_status = "voluntary"
status_as_of = 2026-11-22
status_source = "the house"
status_confirmed = true
scopes = ["tenant"]
tolerance_ratio = 0.1
reports = false
severity = "low"

[subject_test]
kind = "conduct"
"""

CLOCK = '[[clocks]]\nevent = "initial"\ndays = 15\nsource = "the house"\n'


def shipped(pack_id: str) -> Pack:
    name = f"{pack_id}.toml"
    return parse_pack((PACKS / name).read_text(encoding="utf-8"), name)


def fault(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        parse_pack(text, "mine.toml")
    return str(caught.value)


def test_every_shipped_pack_is_read_and_named_as_its_file() -> None:
    names = [path.name for path in sorted(PACKS.iterdir())]
    policy = policy_of([(name, shipped(name.removesuffix(".toml"))) for name in names])
    assert [pack.id for pack in policy.packs] == [
        "us-bis-affiliates-50",
        "us-bis-red-flags",
        "us-ear-hq-d5-macau",
        "us-iaas-nprm-2024",
        "us-ofac-50",
    ]
    assert [f"{pack.id}.toml" for pack in policy.packs] == names


def test_the_proposed_rule_asks_for_more_than_1e26_and_fifteen_days() -> None:
    pack = shipped("us-iaas-nprm-2024")
    assert pack.legal_status == "proposed"
    assert not pack.status_confirmed
    assert "revoked on 2025-01-20" in pack.banner
    assert [
        (each.id, each.operations, each.comparison, each.only_biological, each.reports)
        for each in pack.thresholds
    ] == [
        ("operations-1e26", 1e26, "gt", False, True),
        ("biological-1e23", 1e23, "gt", True, False),
    ]
    assert [pack.days_until_due(kind) for kind in ("initial", "corrected", "follow_up")] == [
        15,
        15,
        15,
    ]
    assert pack.subject_test == PersonTest(kind="foreign_person", person_statuses=("foreign",))
    assert not pack.require_cluster_leg
    assert pack.cluster is not None
    assert pack.cluster.gbit_per_second_gt == 100
    assert pack.cluster.operations_per_second_ge == 1e20
    assert [pack.basis_of(scope) for scope in ("training_run", "tenant", "owner")] == [
        "statute",
        "house_policy",
        "house_policy",
    ]


def test_the_headquarters_rule_has_no_floor_and_makes_findings_only() -> None:
    pack = shipped("us-ear-hq-d5-macau")
    assert pack.thresholds == ()
    assert not pack.reports
    assert pack.severity == "high"
    assert pack.subject_test == HeadquartersTest(
        kind="headquarters", country_groups=("D:5",), countries=("MO",)
    )


def test_the_affiliates_rule_holds_again_after_its_stay_with_a_banner() -> None:
    pack = shipped("us-bis-affiliates-50")
    days = ["2025-09-28", "2025-09-29", "2025-11-10", "2026-11-09", "2026-11-10"]
    assert [pack.is_effective_on(date.fromisoformat(each)) for each in days] == [
        False,
        True,
        False,
        False,
        True,
    ]
    assert not pack.status_confirmed
    assert pack.banner.startswith("Status unconfirmed")
    assert isinstance(pack.subject_test, ListedOwnerTest)


def test_red_flags_are_marked_as_paraphrased() -> None:
    pack = shipped("us-bis-red-flags")
    assert {rule.wording for rule in pack.rules} == {"paraphrase"}
    assert len(pack.rules) == 8


def test_the_example_in_the_documentation_is_a_pack() -> None:
    page = FORMAT.read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    pack = parse_pack(example, "my-pack.toml")
    assert (pack.id, pack.thresholds[0].operations) == ("house-5e22", 5e22)
    assert pack.is_effective_on(TODAY)


def test_the_documentation_explains_every_key_of_a_pack() -> None:
    page = FORMAT.read_text(encoding="utf-8")
    tables = {"subject_test", "thresholds", "cluster", "clocks", "rules", "suspensions"}
    keys = [key for key in Pack.model_fields if key not in tables]
    assert [key for key in keys if f"`{key}`" not in page] == []
    for table in ("[subject_test]", "[[thresholds]]", "[cluster]", "[[clocks]]", "[[suspensions]]"):
        assert f"`{table}`" in page


def test_the_fault_shown_in_the_documentation_is_the_one_told() -> None:
    threshold = '[[thresholds]]\nid = "a"\noperations = 1e26\ncomparison = ">"\nsource = "me"\n'
    told = fault(MINIMAL + threshold).replace("mine.toml", "my-pack.toml")
    assert told in FORMAT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ('id = "mine"', 'id = "Mine 1"'),
            "mine.toml: id: expected String should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$', "
            "found 'Mine 1'; see docs/policy-packs.md for the format",
        ),
        (
            ('version = "1"\n', ""),
            "mine.toml: version: expected a value, found no such key; "
            "see docs/policy-packs.md for the format",
        ),
        (
            ('version = "1"', 'version = "1"\nthreshhold = 3'),
            "mine.toml: threshhold: expected only keys of the format, found a key that is none of "
            "them, with 3; see docs/policy-packs.md for the format",
        ),
        (
            ("status_confirmed = true", "status_confirmed = false"),
            "mine.toml: the document: expected a banner text, because status_confirmed is false, "
            "found none; see docs/policy-packs.md for the format",
        ),
        (
            ("reports = false", "reports = true"),
            'mine.toml: the document: expected a [[clocks]] table with event = "initial", because '
            "reports is true, found none; see docs/policy-packs.md for the format",
        ),
        (
            ("reports = false", "reports = false\nrequire_cluster_leg = true"),
            "mine.toml: the document: expected a [cluster] table, because require_cluster_leg is "
            "true, found none; see docs/policy-packs.md for the format",
        ),
        (
            ("reports = false", 'reports = false\nstatute_scopes = ["owner"]'),
            "mine.toml: the document: expected statute_scopes that are all named in scopes too, "
            "found another; see docs/policy-packs.md for the format",
        ),
        (
            (
                "reports = false",
                "reports = false\neffective_from = 2026-05-02\neffective_to = 2026-05-01",
            ),
            "mine.toml: the document: expected a last day that is not before the first, "
            "2026-05-02, found 2026-05-01; see docs/policy-packs.md for the format",
        ),
        (
            ('kind = "conduct"\n', 'kind = "conduct"\n' + 2 * CLOCK),
            "mine.toml: the document: expected one [[clocks]] table for each event, found two for "
            "one; see docs/policy-packs.md for the format",
        ),
        (
            ('kind = "conduct"', 'kind = "foreign_person"\nperson_statuses = []'),
            "mine.toml: subject_test.foreign_person.person_statuses: expected at least one of "
            "them, found []; see docs/policy-packs.md for the format",
        ),
        (
            ('kind = "conduct"', 'kind = "headquarters"\ncountry_groups = []'),
            "mine.toml: subject_test.headquarters: expected country_groups or countries that name "
            "a place, found none; see docs/policy-packs.md for the format",
        ),
        (
            ("tolerance_ratio = 0.1", 'tolerance_ratio = "10 %"'),
            "mine.toml: tolerance_ratio: expected a valid number, found '10 %'; "
            "see docs/policy-packs.md for the format",
        ),
        (
            ("status_as_of = 2026-11-22", "status_as_of = 2026-13-22"),
            "mine.toml: the document: expected TOML, found Expected newline or end of document "
            "after a statement (at line 7, column 20); see docs/policy-packs.md for the format",
        ),
        (
            ("reports = false", "reports = false\nhorizon_days = 40000"),
            "mine.toml: horizon_days: expected less than or equal to 36525, found 40000; "
            "see docs/policy-packs.md for the format",
        ),
        (
            ('version = "1"', f"version = {'[' * 50_000}"),
            "mine.toml: the document: expected TOML, found maximum recursion depth exceeded; "
            "see docs/policy-packs.md for the format",
        ),
        (
            ('kind = "conduct"', 'kind = "anyone"'),
            "mine.toml: subject_test: expected one of 'foreign_person', 'headquarters', "
            "'listed_owner', 'conduct' as kind, found 'anyone'; "
            "see docs/policy-packs.md for the format",
        ),
    ],
)
def test_a_fault_names_file_key_what_was_expected_and_what_was_found(
    change: tuple[str, str], expected: str
) -> None:
    assert fault(MINIMAL.replace(*change)) == expected


def test_a_share_of_biological_data_is_named_with_the_restriction() -> None:
    threshold = (
        '[[thresholds]]\nid = "a"\noperations = 1e23\ncomparison = "gt"\nsource = "me"\n'
        "only_biological = true\n"
    )
    assert fault(MINIMAL + threshold) == (
        "mine.toml: thresholds.0: expected only_biological = true together with "
        "biological_share_ratio_gt, or neither, found one of the two; "
        "see docs/policy-packs.md for the format"
    )


def test_two_packs_with_one_id_cannot_both_apply() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_of([(name, parse_pack(MINIMAL, name)) for name in ("one.toml", "two.toml")])
    assert str(caught.value) == (
        "two.toml: id: expected an id of its own, found 'mine', which one.toml has too; "
        "leave one of the two out or rename it"
    )


def test_a_pack_is_found_by_its_id() -> None:
    policy = policy_of([("mine.toml", parse_pack(MINIMAL, "mine.toml"))])
    assert policy.pack("mine") == policy.packs[0]
    assert policy.pack("yours") is None
