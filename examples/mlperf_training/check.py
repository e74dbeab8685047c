"""Compare a replay of the converted MLPerf runs with the truth of the csv they came from.

Run from the repository root, with the same ``--llm-only`` as the converter:
``python -m examples.mlperf_training.check runs.csv.gz REPLAY_DIR``. The exit status is 1 where
anything differs.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from examples.checks import Checks, Total, read_totals
from examples.metering import HOUR_MS
from examples.mlperf_training.runs import Run, read_runs

SHOWN_DIFFERENCES = 5


def compare_hours(checks: Checks, title: str, truth: Counter[str], found: Counter[str]) -> None:
    """Expect the same device time, in whole milliseconds, under every key of the two."""
    keys = sorted(truth.keys() | found.keys())
    wrong = [key for key in keys if truth[key] != found[key]]
    hours = truth.total() / HOUR_MS
    checks.expect(
        not wrong,
        f"accelerator-hours per {title}: {len(keys) - len(wrong)} of {len(keys)} exact to the"
        f" millisecond, {hours:,.3f} h in all",
    )
    for key in wrong[:SHOWN_DIFFERENCES]:
        print(f"       {key}: expected {truth[key]} ms, totals.csv says {found[key]} ms")


def truth_by(runs: Sequence[Run], attribute: str) -> Counter[str]:
    """Sum the exact device time of the runs by one attribute of theirs."""
    sums: Counter[str] = Counter()
    for run in runs:
        sums[getattr(run, attribute)] += run.device_milliseconds
    return sums


def found_by(totals: Sequence[Total], scope: str) -> Counter[str]:
    """Give the device time of every row of one scope."""
    return Counter({t.subject_id: t.device_milliseconds for t in totals if t.scope == scope})


def found_by_run(totals: Sequence[Total], runs: Sequence[Run]) -> Counter[str]:
    """Give the device time of the training-run rows by the job they stand for.

    A run's id is made of the tenant and the job, so the longest job of its tenant that the id
    holds names it; what fits no job keeps its own id and so counts as a difference.
    """
    jobs: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        jobs[run.tenant_id].append(run.run_id)
    sums: Counter[str] = Counter()
    for total in totals:
        if total.scope != "training_run" or total.subject_id == "unattributed":
            continue
        known = jobs[total.tenant_ids[0]] if len(total.tenant_ids) == 1 else []
        fitting = [job for job in known if job in total.subject_id]
        sums[max(fitting, key=len, default=total.subject_id)] += total.device_milliseconds
    return sums


def compare_operations(checks: Checks, runs: Sequence[Run], totals: Sequence[Total]) -> None:
    """Expect every owner's published operations inside the interval; needs runs with a truth."""
    truth: dict[str, float] = {}
    for run in runs:
        truth[run.owner_id] = truth.get(run.owner_id, 0.0) + (run.operations or 0.0)
    inside = 0
    owners: Mapping[str, Total] = {t.subject_id: t for t in totals if t.scope == "owner"}
    for owner_id, operations in sorted(truth.items(), key=lambda item: -item[1]):
        total = owners.get(owner_id)
        if total is None:
            checks.expect(False, f"{owner_id}: expected a row of scope owner, got none")
            continue
        low, expected, high = (
            total.operations_low,
            total.operations_expected,
            total.operations_high,
        )
        is_inside = low <= operations <= high
        inside += is_inside
        print(
            f"{'     ' if is_inside else 'out  '}{owner_id}: truth {operations:.3e}, interval"
            f" {low:.3e} / {expected:.3e} / {high:.3e}, expected / truth"
            f" {expected / operations:.2f}"
        )
    checks.expect(
        inside == len(truth),
        f"operations per owner: {inside} of {len(truth)} inside the 90 % interval",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every comparison; give 0 where all of them hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, help="runs.csv.gz of the MLPerf Training tables")
    parser.add_argument("replay", type=Path, help="what `trainwatch replay --out` wrote")
    parser.add_argument("--llm-only", action="store_true", help="as given to the converter")
    asked = parser.parse_args(arguments)
    runs = read_runs(asked.runs, llm_only=asked.llm_only)
    totals = read_totals(asked.replay)
    checks = Checks()
    compare_hours(checks, "run", truth_by(runs, "run_id"), found_by_run(totals, runs))
    compare_hours(checks, "tenant", truth_by(runs, "tenant_id"), found_by(totals, "tenant"))
    compare_hours(checks, "owner", truth_by(runs, "owner_id"), found_by(totals, "owner"))
    if all(run.operations is not None for run in runs):
        compare_operations(checks, runs, totals)
    else:
        print("     operations: not compared, some runs have no truth; convert with --llm-only")
    return checks.exit_status


if __name__ == "__main__":
    raise SystemExit(main())
