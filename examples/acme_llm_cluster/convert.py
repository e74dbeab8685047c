"""Convert the Acme trace to the events of one foreign tenant, its customer record and its owner.

Run from the repository root: ``python -m examples.acme_llm_cluster.convert --out DIR``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from examples.acme_llm_cluster.jobs import (
    COMPANY_ID,
    EPOCH_MS,
    JOBS_CSV,
    OWNER_ID,
    TENANT_ID,
    Job,
    read_jobs,
)
from examples.acme_llm_cluster.telemetry import Telemetry, read_telemetry
from examples.metering import cut, entity, event, holding, instant, person, write_lines

SOURCE = "urn:example:acme-llm-cluster"
FOUNDED_ON = "2020-01-01"


def usage(
    jobs: Sequence[Job], step_ms: int, telemetry: Telemetry | None = None
) -> Iterator[dict[str, object]]:
    """Give one event for each node and metered interval, in order of the interval's end."""
    intervals = sorted(
        (end_ms, start_ms, index)
        for index, job in enumerate(jobs)
        for start_ms, end_ms in cut(job.start_ms, job.stop_ms, step_ms)
    )
    for end_ms, start_ms, index in intervals:
        job = jobs[index]
        for node, gpus in enumerate(job.nodes):
            resource_id = f"{job.job_id}/node-{node:03d}"
            data: dict[str, object] = {
                "tenant_id": TENANT_ID,
                "resource_id": resource_id,
                "start": instant(start_ms),
                "end": instant(end_ms),
                "accelerator": job.gpu_model,
                "accelerator_count": gpus,
                "cluster_id": "kalos",
                "job_id": job.job_id,
                "service_class": "batch",
            }
            if telemetry is not None:
                data["telemetry"] = telemetry.draw()
            yield event("usage", SOURCE, f"{resource_id}/{start_ms}", end_ms, data)


def records() -> Iterator[dict[str, object]]:
    """Give the tenant record and the BODS statements, as events known from the epoch on.

    The customer is invented: an organisation headquartered in China, wholly held by one person.
    """
    tenant = {
        "tenant_id": TENANT_ID,
        "customer_record_id": COMPANY_ID,
        "name": "Acme campaign (fictional customer)",
        "kind": "organisation",
        "address": {"city": "Shanghai", "country": "CN", "type": "headquarters"},
        "use_locations": ["CN"],
        "declared_industry": "artificial intelligence",
        "public_presence": "minimal",
    }
    yield event("tenant", SOURCE, f"tenant:{TENANT_ID}", EPOCH_MS, tenant)
    china = {"name": "China", "code": "CN"}
    headquarters = {"type": "headquarters", "address": "Shanghai", "country": china}
    company = {"jurisdiction": china, "addresses": [headquarters]}
    for statement in (
        entity(COMPANY_ID, "Acme campaign (fictional customer)", FOUNDED_ON, company),
        person(OWNER_ID, "Fictional Owner", FOUNDED_ON, {"nationalities": [china]}),
        holding(COMPANY_ID, OWNER_ID, FOUNDED_ON, 100),
    ):
        yield event("bods", SOURCE, str(statement["statementId"]), EPOCH_MS, statement)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write ``records.ndjson`` and ``usage.ndjson.gz``; print what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=Path, default=JOBS_CSV, help="kalos_completed_jobs.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the events")
    parser.add_argument("--minutes", type=int, default=60, help="length of a metered interval")
    parser.add_argument(
        "--telemetry", type=Path, help="utilisation_cdfs.csv.gz: draw counters from its curves"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the telemetry draws")
    asked = parser.parse_args(arguments)
    jobs = read_jobs(asked.jobs)
    telemetry = None if asked.telemetry is None else read_telemetry(asked.telemetry, asked.seed)
    write_lines(asked.out / "records.ndjson", records())
    count = write_lines(
        asked.out / "usage.ndjson.gz", usage(jobs, asked.minutes * 60_000, telemetry)
    )
    print(f"{len(jobs)} jobs, {count} usage events -> {asked.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
