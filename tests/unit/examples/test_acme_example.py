"""The Acme converter and its check, on jobs small enough to work out by hand."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from detector.policy.parse import parse_pack
from examples.acme_llm_cluster import check, convert
from examples.acme_llm_cluster.jobs import EPOCH_MS, JOBS_CSV, Job, read_jobs
from examples.acme_llm_cluster.telemetry import read_telemetry

HEADER = (
    "scope,id,tenant_ids,accelerator_hours,operations_low,operations_expected,operations_high\n"
)


def test_the_shipped_jobs_are_the_whole_campaign() -> None:
    jobs = read_jobs(JOBS_CSV)
    device_seconds = sum(job.device_milliseconds for job in jobs) // 1000
    assert (len(jobs), device_seconds, max(job.gpus for job in jobs)) == (219, 892_625_115, 1024)


def test_only_the_last_node_is_partly_used() -> None:
    assert Job("kalos-0001", 20, "X", 0, 1).nodes == (8, 8, 4)


def test_a_job_is_metered_per_node_and_hour() -> None:
    job = Job("kalos-0001", 10, "X100", EPOCH_MS + 3_599_000, EPOCH_MS + 3_600_500)
    events = list(convert.usage([job], 3_600_000))
    assert [
        (e["id"], e["data"]["accelerator_count"]) for e in events if isinstance(e["data"], dict)
    ] == [
        ("kalos-0001/node-000/1735693199000", 8),
        ("kalos-0001/node-001/1735693199000", 2),
        ("kalos-0001/node-000/1735693200000", 8),
        ("kalos-0001/node-001/1735693200000", 2),
    ]
    assert events[3] == {
        "specversion": "1.0",
        "id": "kalos-0001/node-001/1735693200000",
        "source": "urn:example:acme-llm-cluster",
        "type": "trainwatch.usage.v1",
        "time": "2025-01-01T01:00:00.500Z",
        "data": {
            "tenant_id": "acme-campaign",
            "resource_id": "kalos-0001/node-001",
            "start": "2025-01-01T01:00:00.000Z",
            "end": "2025-01-01T01:00:00.500Z",
            "accelerator": "X100",
            "accelerator_count": 2,
            "cluster_id": "kalos",
            "job_id": "kalos-0001",
            "service_class": "batch",
        },
    }


def test_telemetry_is_read_off_every_curve_at_one_quantile(tmp_path: Path) -> None:
    rows = ["cluster,metric,value,cdf_pct", "philly,gpu_util_pct,7,100"]
    rows += [f"seren,{m},{v},{c}" for m in ("gpu_util_pct", "gpu_power_w") for v, c in ((50, 100),)]
    path = tmp_path / "cdfs.csv.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    assert read_telemetry(path, seed=1).draw() == {"gpu_util": 0.5, "power_w": 50.0}


def test_the_records_come_before_any_usage_and_name_owner_and_customer() -> None:
    events = list(convert.records())
    assert [(e["type"], e["id"], e["time"]) for e in events] == [
        ("trainwatch.tenant.v1", "tenant:acme-campaign", "2025-01-01T00:00:00.000Z"),
        ("trainwatch.bods.v1", "statement:acme-company", "2025-01-01T00:00:00.000Z"),
        ("trainwatch.bods.v1", "statement:acme-owner", "2025-01-01T00:00:00.000Z"),
        ("trainwatch.bods.v1", "statement:acme-owner>acme-company", "2025-01-01T00:00:00.000Z"),
    ]


def test_the_crossing_counts_every_gpu_of_every_job() -> None:
    # 1e6 GPUs at 50 % of 312e12 do 1.56e20 a second: 5e22 take 320.51282... s of full running.
    jobs = [Job("a", 500_000, "X", 0, 1_000_000), Job("b", 500_000, "X", 200_000, 1_000_000)]
    assert check.crossing_ms(jobs, 50) == 420_513


def test_a_campaign_too_small_never_crosses() -> None:
    assert check.crossing_ms([Job("a", 8, "X", 0, 1000)], 55) is None


def replayed(folder: Path, reports: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    hours = repr(sum(job.device_milliseconds for job in read_jobs(JOBS_CSV)) / 3_600_000)
    rows = [f"{s},{i},acme-campaign,{hours},0,0,0" for s, i in (TENANT, OWNER)]
    (folder / "totals.csv").write_text(HEADER + "\n".join(rows), encoding="utf-8")
    lines = "".join(json.dumps(report) + "\n" for report in reports)
    (folder / "reports.ndjson").write_text(lines, encoding="utf-8")
    return folder


TENANT, OWNER = ("tenant", "acme-campaign"), ("owner", "acme-owner")


def report(subject: tuple[str, str], **changes: object) -> dict[str, Any]:
    return {
        "policy_id": "acme-5e22",
        "scope": subject[0],
        "subject_id": subject[1],
        "kind": "initial",
        "crossed_at": {"earliest": "2025-01-19T10:00:00.000Z", "likely": None, "certain": None},
    } | changes


def test_the_check_passes_where_tenant_and_owner_report_once(tmp_path: Path) -> None:
    assert check.main([str(replayed(tmp_path / "out", [report(TENANT), report(OWNER)]))]) == 0


@pytest.mark.parametrize(
    "reports",
    [
        [report(TENANT)],
        [report(TENANT), report(OWNER), report(OWNER, kind="corrected")],
        [report(TENANT), report(OWNER), report(("training_run", "kalos-0001"))],
        [report(TENANT), report(OWNER), report(("owner", "somebody else"))],
        [
            report(TENANT),
            report(OWNER, crossed_at={"earliest": "2025-01-25T00:00:00.000Z", "certain": None}),
        ],
        [
            report(TENANT),
            report(
                OWNER,
                crossed_at={
                    "earliest": "2025-01-19T10:00:00.000Z",
                    "certain": "2025-02-11T14:31:35.000Z",
                },
            ),
        ],
    ],
    ids=[
        "owner missing",
        "a second version",
        "a single job",
        "a stranger",
        "earliest too late",
        "certain too early",
    ],
)
def test_the_check_fails_on_anything_else(tmp_path: Path, reports: list[dict[str, Any]]) -> None:
    assert check.main([str(replayed(tmp_path / "out", reports))]) == 1


def test_the_pack_holds_the_threshold_of_the_check_against_runs_tenants_and_owners() -> None:
    path = JOBS_CSV.parent.parent / "acme-5e22.toml"
    pack = parse_pack(path.read_text(encoding="utf-8"), path.name)
    assert (pack.id, [t.operations for t in pack.thresholds], pack.scopes, pack.reports) == (
        check.POLICY_ID,
        [check.THRESHOLD_OPERATIONS],
        ("training_run", "tenant", "owner"),
        True,
    )
