"""Contract: a plan or a forecast past a threshold is a finding, usage or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.provider import TENANT, Json, Ran, entity, event, hour, pack, replay, usage

DECLARATION = "trainwatch.declaration.v1"
BODS = "trainwatch.bods.v1"


def tenant(name: str, record: str) -> Json:
    return event(f"t-{name}", TENANT, 0, {"tenant_id": name, "customer_record_id": record})


def plan(name: str, operations: float, **more: Any) -> Json:
    data = {"tenant_id": name, "declaration_id": "d-1", "planned_operations": operations, **more}
    return event(f"d-{name}", DECLARATION, 1, data)


def found(ran: Ran) -> list[tuple[str, str, str, str]]:
    assert (ran.status, ran.errors) == (0, "")
    return [
        (each["rule_id"], each["severity"], each["scope"], each["subject_id"])
        for each in ran.lines("findings")
    ]


@pytest.fixture(scope="module")
def foreign() -> Json:
    return event("b-company", BODS, 0, entity("company", "Example Pte. Ltd.", "SG"))


def test_a_plan_without_any_usage_is_a_finding(tmp_path: Path, foreign: Json) -> None:
    events = [
        foreign,
        tenant("planner", "company"),
        plan("planner", 2e26, planned_start=hour(24), planned_end=hour(24 * 90)),
        tenant("small", "company"),
        plan("small", 1e22),
    ]
    ran = replay(tmp_path, events)
    assert found(ran) == [("plan-past-threshold", "medium", "tenant", "planner")]
    (line,) = ran.lines("findings")
    assert line["tenant_ids"] == ["planner"]
    assert line["evidence"]["plan_passes_at"] == "2026-04-15T12:00:00Z"
    assert ran.totals == []


def test_a_plan_beside_the_usage_of_others_is_found_once(tmp_path: Path, foreign: Json) -> None:
    events = [foreign, tenant("planner", "company"), plan("planner", 2e26), usage("u", 0, 1)]
    assert found(replay(tmp_path, events)) == [
        ("plan-past-threshold", "medium", "tenant", "planner")
    ]


def test_a_run_that_will_pass_if_it_goes_on_is_a_finding(tmp_path: Path, foreign: Json) -> None:
    work: dict[str, Any] = {
        "tenant_id": "runner",
        "accelerator_count": 1024,
        "data_ref": "d",
        "service_class": "managed_training",
        "telemetry": {"tensor_active": 0.5, "sm_active": 0.9, "power_w": 600.0, "sync_ratio": 0.9},
    }
    days = [usage(f"u{day}", 24 * day, 24 * day + 24, **work) for day in range(5)]
    events = [foreign, tenant("runner", "company"), *days]
    ran = replay(tmp_path, events, "--policy", pack(tmp_path, 1e24))
    assert {each for each in found(ran) if each[0] == "threshold-forecast"} == {
        ("threshold-forecast", "medium", "tenant", "runner"),
        ("threshold-forecast", "medium", "training_run", "data/d"),
        ("threshold-forecast", "medium", "owner", "company"),
    }


def test_declarations_beyond_any_machine_are_judged_and_end_nothing(tmp_path: Path) -> None:
    absurd: list[Json] = [
        {"parameters": 1e300, "tokens": 1e300, "model_name": "A", "base_model": "B"},
        {"planned_operations": 1e308, "model_name": "B", "base_model": "A"},
        {"planned_operations": 1e308, "base_model_operations": 1e308, "job_ids": ["j"]},
        {"active_parameters": 1.7e308, "tokens": 2, "base_model_operations": 1.7e308},
    ]
    told = [
        event(f"d{n}", DECLARATION, 3, {"tenant_id": "t", "declaration_id": f"d{n}", **each})
        for n, each in enumerate(absurd)
    ]
    used = [usage(f"e{n}", n, n + 1, job_id="j") for n in range(6)]
    ran = replay(tmp_path, [*told, *used], "--policy", pack(tmp_path, 1e18))
    assert (ran.status, ran.errors) == (0, "")
    (found,) = (each for each in ran.lines("findings") if each["rule_id"] == "plan-past-threshold")
    assert found["evidence"]["declared_operations"] == 1e29
