"""Check a replay of the Acme campaign under ``acme-5e22``: who crosses, once, and when.

Run from the repository root: ``python -m examples.acme_llm_cluster.check REPLAY_DIR``. The crossing
instants are computed here from the csv alone. The exit status is 1 where anything differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from examples.acme_llm_cluster.jobs import (
    JOBS_CSV,
    OWNER_ID,
    PEAK_OPERATIONS_PER_SECOND,
    TENANT_ID,
    Job,
    read_jobs,
)
from examples.checks import Checks, instant_ms, read_documents, read_totals
from examples.metering import HOUR_MS, instant

POLICY_ID = "acme-5e22"
THRESHOLD_OPERATIONS = 5e22
UTILISATION_PERCENTS = (30, 35, 40, 45, 50, 55)


def crossing_ms(jobs: Sequence[Job], utilisation_percent: int) -> int | None:
    """Give the first millisecond at which the campaign is past the threshold, None if never.

    GPU time is summed exactly over all jobs; each GPU does its peak x utilisation at all times.
    """
    rate = PEAK_OPERATIONS_PER_SECOND * utilisation_percent / 100 / 1000
    wanted_ms = int(THRESHOLD_OPERATIONS / rate) + 1
    steps = sorted([(j.start_ms, j.gpus) for j in jobs] + [(j.stop_ms, -j.gpus) for j in jobs])
    done_ms, gpus, last_ms = 0, 0, steps[0][0]
    for at_ms, change in steps:
        gained_ms = gpus * (at_ms - last_ms)
        if done_ms + gained_ms >= wanted_ms:
            return last_ms - (done_ms - wanted_ms) // gpus
        done_ms, gpus, last_ms = done_ms + gained_ms, gpus + change, at_ms
    return None


def check_hours(checks: Checks, jobs: Sequence[Job], folder: Path) -> None:
    """Expect the device time of the tenant and of its owner, exact to the millisecond."""
    truth_ms = sum(job.device_milliseconds for job in jobs)
    totals = {(total.scope, total.subject_id): total for total in read_totals(folder)}
    for key in (("tenant", TENANT_ID), ("owner", OWNER_ID)):
        found = totals.get(key)
        found_ms = None if found is None else found.device_milliseconds
        checks.expect(
            found_ms == truth_ms,
            f"{key[0]} {key[1]}: expected {truth_ms} device ms ({truth_ms / HOUR_MS:,.3f} h),"
            f" totals.csv says {found_ms}",
        )


def check_reports(
    checks: Checks, jobs: Sequence[Job], reports: Sequence[Mapping[str, Any]]
) -> None:
    """Expect one report of the tenant, one of its owner, none of a single job, and their times."""
    of_runs = [report for report in reports if report["scope"] == "training_run"]
    checks.expect(not of_runs, f"no single job crosses: {len(of_runs)} reports of training runs")
    for scope, subject_id in (("tenant", TENANT_ID), ("owner", OWNER_ID)):
        versions = [r for r in reports if (r["scope"], r["subject_id"]) == (scope, subject_id)]
        initial = [report for report in versions if report["kind"] == "initial"]
        checks.expect(
            len(versions) == len(initial) == 1,
            f"{scope} {subject_id} reports once: {len(initial)} initial, {len(versions)} versions",
        )
        for report in initial:
            check_crossing(checks, jobs, report)
    others = {(r["scope"], r["subject_id"]) for r in reports}
    others -= {("tenant", TENANT_ID), ("owner", OWNER_ID)}
    checks.expect(not others, f"nobody else reports: {sorted(others)}")


def check_crossing(checks: Checks, jobs: Sequence[Job], report: Mapping[str, Any]) -> None:
    """Expect the crossing at every utilisation between the report's earliest and certain."""
    earliest_ms = instant_ms(report["crossed_at"]["earliest"])
    certain_ms = instant_ms(report["crossed_at"]["certain"])
    print(f"     {report['scope']}: crossed_at {dict(report['crossed_at'])}")
    for percent in UTILISATION_PERCENTS:
        at_ms = crossing_ms(jobs, percent)
        holds = (
            at_ms is not None
            and earliest_ms is not None
            and earliest_ms <= at_ms
            and (certain_ms is None or at_ms <= certain_ms)
        )
        shown = "never" if at_ms is None else instant(at_ms)
        sentence = f"{report['scope']}: at {percent} % utilisation the campaign crosses {shown}"
        checks.expect(holds, sentence)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every comparison; give 0 where all of them hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replay", type=Path, help="what `trainwatch replay --out` wrote")
    parser.add_argument("--jobs", type=Path, default=JOBS_CSV, help="kalos_completed_jobs.csv")
    asked = parser.parse_args(arguments)
    jobs = read_jobs(asked.jobs)
    reports = read_documents(asked.replay / "reports.ndjson")
    checks = Checks()
    check_hours(checks, jobs, asked.replay)
    check_reports(checks, jobs, [r for r in reports if r["policy_id"] == POLICY_ID])
    return checks.exit_status


if __name__ == "__main__":
    raise SystemExit(main())
