"""Opening balances through the command line: totals, reports, late and corrected openings."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.contract_story import customer
from tests.support.provider import TENANT, Json, event, hour, pack, replay, usage

OPENING = "trainwatch.opening.v1"
LIMIT = 1e22


def opening(name: str, at: float, time: float, **fields: Any) -> Json:
    data = {"tenant_id": "t", "at": hour(at), **fields}
    return event(name, OPENING, time, data)


def metered(tenant: str = "t", hours: int = 30, **fields: Any) -> list[Json]:
    return [
        usage(f"{tenant}-{h}", h, h + 1, tenant_id=tenant, resource_id=f"r-{tenant}", **fields)
        for h in range(hours)
    ]


def test_an_opening_brings_a_run_past_the_threshold_and_the_report_names_it(tmp_path: Path) -> None:
    before = opening(
        "o", 0, 5, job_id="j", accelerator_hours=64, operations={"expected": 3e22},
        basis="provider_estimate",
    )  # fmt: skip
    ran = replay(tmp_path, [*metered(job_id="j"), before], "--policy", pack(tmp_path, LIMIT))
    run = ran.total("training_run", "job/t/j")
    assert int(run["opening_operations_expected"]) == int(3e22)
    assert float(run["accelerator_hours"]) == 94
    assert (run["metered_since"], run["first_start"]) == (hour(0)[:-5] + "Z",) * 2
    assert {row["silent_ratio"] for row in ran.totals} == {"1"}
    reports = [each for each in ran.lines("reports") if each["scope"] == "training_run"]
    report = reports[0]
    assert report["crossed_at"]["likely"] == hour(0).replace(".000", "")
    assert report["observed"]["accelerator_hours"] == 30
    (stated,) = report["declared"]["openings"]
    assert (stated["basis"], stated["accelerator_hours"]) == ("provider_estimate", 64)
    assert "start_date" in report["missing"]
    sentences = [each["because"] for each in report["evidence"]]
    assert (
        "For work of tenant t before 2026-03-01T00:00:00Z, which was not metered, 3 × 10²² "
        "operations count by the provider's own estimate, for whoever held the tenant last "
        "before that instant. What an earlier holder did of it is not known."
    ) in sentences


def test_a_tenant_that_was_never_metered_is_reported_for_its_opening(tmp_path: Path) -> None:
    alone = opening("o", 0, 5, tenant_id="new", operations={"expected": 3e22})
    ran = replay(tmp_path, [alone, *metered()], "--policy", pack(tmp_path, LIMIT))
    assert {(each["scope"], each["subject_id"]) for each in ran.lines("reports")} == {
        ("tenant", "new")
    }
    assert ran.total("tenant", "new")["metered_since"] == ""


def test_an_opening_restated_or_late_corrects_the_report(tmp_path: Path) -> None:
    first = opening("o", 0, 5, operations={"expected": 3e22}, job_id="j")
    again = opening("p", 0, 12, operations={"expected": 5e22}, job_id="j")
    gone = opening("q", 0, 20, operations={"expected": 0}, job_id="j")
    told = [*metered(job_id="j"), first, again, gone]
    ordered = sorted(told, key=lambda each: each["time"])
    ran = replay(tmp_path, ordered, "--policy", pack(tmp_path, LIMIT))
    reports = [each for each in ran.lines("reports") if each["scope"] == "tenant"]
    assert [(each["kind"], each["standing"]) for each in reports] == [
        ("initial", True),
        ("corrected", True),
        ("corrected", False),
    ]


@pytest.mark.parametrize("at", [-24, 40])
def test_an_opening_that_is_restated_corrects_its_report_wherever_the_metering_lies(
    tmp_path: Path, at: float
) -> None:
    told = [
        *metered(job_id="j", precision="bf16"),
        opening("o", at, 45, operations={"expected": 3e22}, basis="customer"),
        opening("p", at, 50, operations={"expected": 5e22}, basis="customer"),
        opening("a", at, 45, operations={"expected": 3e22}, tenant_id="alone"),
        opening("b", at, 50, operations={"expected": 5e22}, tenant_id="alone"),
    ]
    ordered = sorted(told, key=lambda each: each["time"])
    ran = replay(tmp_path, ordered, "--policy", pack(tmp_path, LIMIT))
    for tenant in ("t", "alone"):
        reports = [each for each in ran.lines("reports") if each["subject_id"] == tenant]
        assert [(each["kind"], each["version"]) for each in reports] == [
            ("initial", 1),
            ("corrected", 2),
        ]
        assert reports[1]["operations"]["expected"] >= 5e22


def test_no_order_of_arrival_changes_totals_with_openings(tmp_path: Path) -> None:
    told = [
        *metered(job_id="j"),
        *metered("u", data_ref="d"),
        opening("o", 3.5, 5, job_id="j", accelerator_hours=64),
        opening("p", 2, 9, tenant_id="u", data_ref="d", operations={"low": 1e20, "high": 1e22}),
        opening("q", 2, 8, tenant_id="v", data_ref="d", accelerator_hours=9, basis="customer"),
    ]
    shuffled = random.Random(3).sample(told, len(told))
    rows = [
        replay(tmp_path / name, each, "--policy", pack(tmp_path, LIMIT)).files()
        for name, each in (("one", told), ("other", shuffled))
    ]
    assert rows[0]["totals.csv"] == rows[1]["totals.csv"]
    assert rows[0]["completeness.csv"] == rows[1]["completeness.csv"]


def test_a_report_tells_of_hours_that_stand_on_the_bill_alone(tmp_path: Path) -> None:
    billed = usage("b", 0, 30, tenant_id="t", resource_id="r-only-billed", vantage="bill")
    other = usage("u", 0, 30, tenant_id="other", resource_id="r-other", vantage="bill")
    told = [*metered(job_id="j"), billed, other]
    before = opening("o", 0, 30, operations={"expected": 3e22}, job_id="j")
    ran = replay(tmp_path, [*told, before], "--policy", pack(tmp_path, LIMIT))
    reports = {each["scope"]: each for each in ran.lines("reports")}
    assert set(reports) == {"tenant", "training_run"}
    for report in reports.values():
        assert (
            "30 accelerator-hours on the bill of these tenants were seen by no meter of the "
            "provider; they count as wide as an allocation."
        ) in [each["because"] for each in report["evidence"]]


@pytest.mark.parametrize("hours", [0, 1])
def test_a_line_of_models_holds_what_was_stated_of_its_runs(tmp_path: Path, hours: int) -> None:
    """The base took 7e21 by the customer's word, the run 4e21 before it was first metered."""
    words = {"model_name": "new", "base_model": "old", "base_model_operations": 7e21}
    said = {"tenant_id": "t", "declaration_id": "d", "job_ids": ["j"], **words}
    events = [
        event("d", "trainwatch.declaration.v1", 0, said),
        opening("o", 0, 5, job_id="j", operations={"expected": 4e21}, basis="provider_estimate"),
        *metered(hours=hours, job_id="j"),
        *metered("other"),
    ]
    ran = replay(tmp_path, events, "--policy", pack(tmp_path, LIMIT))
    (line,) = (each for each in ran.lines("findings") if each["rule_id"] == "lineage")
    run = ran.total("training_run", "job/t/j")
    own = line["evidence"]["own_operations_expected"]
    assert own == pytest.approx(float(run["training_operations_expected"]), rel=1e-11)
    assert own >= 4e21
    assert line["evidence"]["training_operations_expected"] == own + 7e21
    assert (line["subject_id"], line["evidence"]["run_ids"]) == ("job/t/j", ["job/t/j"])


def sold(tenant: str, seller: str, buyer: str, at: float) -> list[Json]:
    """One tenant that two customers held, one after the other."""
    held = [(seller, -1000.0), (buyer, at)]
    records = [
        {"tenant_id": tenant, "customer_record_id": f"{who}-inc", "valid_from": hour(since)}
        for who, since in held
    ]
    return [event(f"{tenant}-held-{n}", TENANT, 1, record) for n, record in enumerate(records)]


def test_stated_work_is_of_whoever_held_the_tenant_then_whatever_was_metered(
    tmp_path: Path,
) -> None:
    """A sale between what was stated and what was metered hides no foreign person."""
    stated: dict[str, Any] = {"operations": {"expected": 3e22}, "basis": "other_provider"}
    events = [
        *customer("cn", "CN"), *customer("us", "US"),
        *sold("first", "cn", "us", -10),
        opening("o-first", -10, 50, tenant_id="first", job_id="j", **stated),
        *metered("first", 3, job_id="j"),
        *sold("last", "us", "cn", 40),
        *metered("last", 3, job_id="j"),
        opening("o-last", 45, 50, tenant_id="last", job_id="k", **stated),
        *sold("none", "us", "cn", 45),
        *metered("none", 3),
        opening("o-none", 45, 50, tenant_id="none", job_id="k", **stated),
    ]  # fmt: skip
    ran = replay(tmp_path, events, "--policy", pack(tmp_path, LIMIT, ["foreign"]))
    reports = ran.lines("reports")
    assert {(each["scope"], each["subject_id"], each["person_status"]) for each in reports} == {
        ("training_run", "job/first/j", "foreign"),
        ("tenant", "first", "foreign"),
        ("training_run", "job/last/k", "foreign"),
        ("tenant", "last", "foreign"),
        ("owner", "cn-owner", "foreign"),
    }
    (told,) = [each for each in reports if each["subject_id"] == "first"]
    assert "cn-owner" in {party["record_id"] for party in told["ownership"]["parties"]}


def test_work_stated_of_the_first_instant_of_the_calendar_is_work_as_any(tmp_path: Path) -> None:
    stated = {"tenant_id": "t", "at": "0001-01-01T00:00:00Z", "operations": {"expected": 3e22}}
    opened = event("o", OPENING, 50, stated | {"basis": "other_provider"})
    limits = pack(tmp_path, LIMIT, ["foreign"])
    ran = replay(tmp_path, [*customer("t", "CN"), opened], "--policy", limits)
    assert {each["scope"] for each in ran.lines("reports")} == {"tenant", "owner"}
