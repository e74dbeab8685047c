"""A large gang in the dark and a front that is used from abroad are asked about, not reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streams.cli import main
from tests.support.accounts_story import ACCESS, customer
from tests.support.contract_story import BUSY
from tests.support.provider import Json, event, hour, lines, usage

GANG = {"accelerator": "B200", "accelerator_count": 4096, "job_id": "j", "service_class": "batch"}
OPENING = "trainwatch.opening.v1"
FROM = {"source_ip": "203.0.113.7"}
COUNTERS = {"tensor_active": 0.4, "gpu_util": 0.98, "power_w": 850.0}


def days(tenant: str, count: int, **fields: Any) -> list[Json]:
    """Give one event a day of a gang, reported at the end of each day."""
    return [
        usage(
            f"{tenant}-{n}",
            24.0 * n,
            24.0 * (n + 1),
            tenant_id=tenant,
            resource_id=f"r-{tenant}",
            **{**GANG, **fields},
        )
        for n in range(count)
    ]


def found(folder: Path, events: Sequence[Json], rule: str) -> list[tuple[str, str, str]]:
    """Replay; give (severity, policy, tenant) of each finding of one rule, and no report."""
    (folder / "in").mkdir()
    (folder / "in" / "events.ndjson").write_bytes(lines(events))
    assert main(["replay", str(folder / "in"), "--out", str(folder / "out")]) == 0
    assert (folder / "out" / "reports.ndjson").read_text() == ""
    told = (folder / "out" / "findings.ndjson").read_text().splitlines()
    rows = [json.loads(line) for line in told]
    return [
        (row["severity"], row["policy_id"], row["subject_id"])
        for row in rows
        if row["rule_id"] == rule
    ]


def test_a_dark_gang_beside_metered_ones_is_asked_for_its_counters(tmp_path: Path) -> None:
    others = [each for name in ("a", "b") for each in days(name, 9, telemetry=COUNTERS)]
    events = [*others, *days("dark", 9)]
    assert found(tmp_path, events, "counters-withheld") == [("medium", "us-bis-red-flags", "dark")]


def test_what_another_customer_stated_of_earlier_work_is_no_time_without_counters(
    tmp_path: Path,
) -> None:
    others = [each for name in ("a", "b") for each in days(name, 9, telemetry=COUNTERS)]
    said = {"tenant_id": "stated", "at": hour(0), "accelerator_hours": 5_000_000}
    opening = event("o", OPENING, 5.0, {**said, "operations": {"expected": 1}, "basis": "customer"})
    asked = found(tmp_path, [opening, *others, *days("dark", 9)], "counters-withheld")
    assert asked == [("medium", "us-bis-red-flags", "dark")]


def test_where_nobody_has_counters_or_the_gang_was_held_briefly_nobody_is_asked(
    tmp_path: Path,
) -> None:
    brief = [*days("a", 9, telemetry=COUNTERS), *days("b", 9, telemetry=COUNTERS), *days("c", 6)]
    (tmp_path / "brief").mkdir()
    assert found(tmp_path / "brief", brief, "counters-withheld") == []
    nobody = [each for name in ("a", "b", "c") for each in days(name, 9)]
    (tmp_path / "nobody").mkdir()
    assert found(tmp_path / "nobody", nobody, "counters-withheld") == []


def test_a_front_at_home_that_is_paid_and_used_from_abroad_is_asked_about(tmp_path: Path) -> None:
    shape = {"service_class": "managed_training", "telemetry": BUSY, "cluster_id": "fabric"}
    work = [each for name in ("front", "plain") for each in days(name, 8, **shape)]
    records = [
        *customer("front", "US", payment={"means": "wire", "country": "AE"}),
        *customer("plain", "US", payment={"means": "wire", "country": "US"}),
        event("in-1", ACCESS, 2.0, {"tenant_id": "front", **FROM, "country": "KZ"}),
        event("in-2", ACCESS, 2.0, {"tenant_id": "plain", **FROM, "country": "US"}),
    ]
    assert found(tmp_path, [*records, *work], "places-at-odds") == [
        ("medium", "us-bis-red-flags", "front")
    ]
