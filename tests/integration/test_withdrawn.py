"""Work that the provider's own corrections erase is asked about; what they mend is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from detector.documents import json_line
from streams.cli import main
from streams.metrics import Metrics
from streams.packaged import build_meaning, default_policies
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.standing import stand
from streams.store import Store
from tests.support.accounts_story import record
from tests.support.clocks import SetClock
from tests.support.contract_story import BUSY
from tests.support.provider import Json, correction, entity, lines, pack, person, usage
from tests.support.provider import interest as owns

GANG: Json = {
    "accelerator_count": 64,
    "job_id": "j",
    "service_class": "managed_training",
    "telemetry": BUSY,
}
DAYS = 10


def days(tenant: str = "acme", count: int = DAYS, **fields: Any) -> list[Json]:
    """Give one event a day of a gang that trains."""
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


def corrected(events: Sequence[Json], by: str = "meter", **fields: Any) -> list[Json]:
    """Give a correction of each event, sent an hour after it; without fields a void."""
    found = []
    for each in events:
        data = each["data"]
        later = correction(f"{by}-{each['id']}", each, {**data, **fields} if fields else None, 0.0)
        later["data"]["original_source"] = each["source"]
        later |= {"source": by, "time": data["end"].replace(":00:00.000Z", ":30:00.000Z")}
        found.append(later)
    return found


def told(folder: Path, events: Sequence[Json], threshold: float = 1e24) -> list[Json]:
    """Replay, and give what is asked about withdrawn work."""
    folder.mkdir()
    (folder / "events.ndjson").write_bytes(lines(events))
    policy = ["--policy", str(pack(folder, threshold))]
    out = folder / "out"
    assert main(["replay", str(folder / "events.ndjson"), "--out", str(out), *policy]) == 0
    rows = [json.loads(line) for line in (out / "findings.ndjson").read_text().splitlines()]
    return [row for row in rows if row["rule_id"] == "usage-withdrawn"]


def expected(folder: Path, events: Sequence[Json]) -> float:
    """Replay, and give the training operations expected of the tenant acme."""
    folder.mkdir()
    (folder / "events.ndjson").write_bytes(lines(events))
    assert main(["replay", str(folder / "events.ndjson"), "--out", str(folder / "out")]) == 0
    head, *rows = (folder / "out" / "totals.csv").read_text().splitlines()
    found = [dict(zip(head.split(","), row.split(","), strict=True)) for row in rows]
    (own,) = [row for row in found if (row["scope"], row["id"]) == ("tenant", "acme")]
    return float(own["training_operations_expected"])


def test_what_voids_kept_below_a_threshold_is_told_as_it_would_have_been(tmp_path: Path) -> None:
    work = days()
    whole = expected(tmp_path / "whole", work)
    events = sorted([*work, *corrected(work[5:], "billing")], key=lambda each: each["time"])
    (found,) = told(tmp_path / "voided", events, whole * 0.9)
    assert (found["severity"], found["policy_id"]) == ("high", "house-small")
    evidence = found["evidence"]
    assert evidence["told_training_operations"] == whole
    assert evidence["told_accelerator_hours"] == 64 * 24 * DAYS
    assert evidence["accelerator_hours"] == 64 * 24 * 5
    assert evidence["withdrawn_ratio"] == 0.5
    assert (evidence["correction_count"], evidence["void_count"]) == (5, 5)
    assert evidence["sources"] == ["billing"]
    assert evidence["original_sources"] == ["meter"]
    assert evidence["first_corrected_at"] == "2026-03-07T00:30:00Z"
    assert evidence["last_corrected_at"] == "2026-03-11T00:30:00Z"


def test_a_void_before_its_original_and_any_order_tell_the_same(tmp_path: Path) -> None:
    work = days()
    voids = corrected(work[3:])
    one = told(tmp_path / "one", [*work, *voids])
    other = told(tmp_path / "other", [*reversed(voids), *reversed(work)])
    assert one == other != []


def test_a_tenant_of_which_nothing_is_left_is_asked_about(tmp_path: Path) -> None:
    work = days()
    (found,) = told(tmp_path / "none", [*work, *days("other"), *corrected(work)])
    assert (found["subject_id"], found["evidence"]["withdrawn_ratio"]) == ("acme", 1.0)
    assert found["evidence"]["accelerator_hours"] == 0.0


def test_figures_that_corrections_put_to_rest_are_withdrawn_operations(tmp_path: Path) -> None:
    work = days()
    idle = dict.fromkeys(BUSY, 0.0) | {"power_w": 80.0}
    (found,) = told(tmp_path / "idle", [*work, *corrected(work[2:], telemetry=idle)])
    evidence = found["evidence"]
    assert evidence["accelerator_hours"] == evidence["told_accelerator_hours"]
    assert evidence["withdrawn_ratio"] > 0.5


def test_time_that_is_moved_to_another_tenant_names_it(tmp_path: Path) -> None:
    work = days()
    (found,) = told(tmp_path / "moved", [*work, *corrected(work[2:], tenant_id="shell")])
    assert (found["subject_id"], found["evidence"]["void_count"]) == ("acme", 0)
    assert "To shell time was moved." in found["because"]


def test_mended_meters_are_no_question(tmp_path: Path) -> None:
    work = days()
    twice = [{**each, "id": f"again-{each['id']}", "source": "second"} for each in work]
    assert told(tmp_path / "double", [*work, *twice, *corrected(twice)]) == []
    assert told(tmp_path / "once", [*work, *corrected(work[:1])]) == []
    assert told(tmp_path / "region", [*work, *corrected(work, region="eu-1")]) == []
    more = corrected(work, accelerator_count=128)
    assert told(tmp_path / "more", [*work, *more]) == []


def test_an_owner_is_asked_about_where_no_tenant_alone_passes(tmp_path: Path) -> None:
    names = [f"t-{n}" for n in range(3)]
    work = [days(name) for name in names]
    share = expected(tmp_path / "alone", days())
    records = [
        entity("e-1", "Merlion", "SG"),
        person("p-1", "Tan Example", "SG"),
        owns("i-1", "p-1", "e-1", 100),
        *(record(name, 0, customer_record_id="e-1") for name in names),
    ]
    # A tenth of each is voided: no large share, and what decides about the sum of the owner.
    voids = [each for gang in work for each in corrected(gang[:1])]
    events = [*records, *(each for gang in work for each in gang), *voids]
    found = told(tmp_path / "owner", events, share * 2.9)
    assert [(row["scope"], row["subject_id"], row["severity"]) for row in found] == [
        ("owner", "p-1", "high")
    ]


def test_parts_judged_one_by_one_tell_of_the_same_withdrawals(tmp_path: Path) -> None:
    meaning = build_meaning(default_policies())
    now = datetime(2026, 11, 22, tzinfo=UTC)
    clock, options = SetClock(now), Options(follows_events=True)
    work = [*days("a"), *days("b"), *days("gone")]
    events = [*work, *corrected(work[12:])]
    with Store.open(tmp_path / "store", durable=False) as store:
        service = Service(store, meaning, clock, Metrics(clock.now, "test"), options)
        for begin in range(0, len(events), 4):
            block = LineBlock("work.ndjson", 1 + begin, lines(events[begin : begin + 4]))
            service.take(Batch(blocks=(block,)))
        whole = stand(store, meaning, now, rows_max=10**9)
        parts = stand(store, meaning, now, rows_max=1)
    asked = [found for found in whole.findings if found.rule_id == "usage-withdrawn"]
    assert [found.subject_id for found in asked] == ["b", "gone"]
    assert list(map(json_line, whole.findings)) == list(map(json_line, parts.findings))
