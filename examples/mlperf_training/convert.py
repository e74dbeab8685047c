"""Convert MLPerf Training runs to usage events, tenants and owners of the contract.

Run from the repository root: ``python -m examples.mlperf_training.convert runs.csv.gz --out DIR``.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from examples.metering import cut, entity, event, holding, instant, person, write_lines
from examples.mlperf_training.runs import Run, read_runs

HERE = Path(__file__).parent
CATALOGUE = HERE.parent.parent / "detector" / "policy" / "reference" / "accelerators.csv"
SOURCE = "urn:example:mlperf-training"


def read_names(names: Path, catalogue: Path) -> dict[str, str]:
    """Give every spelling that the catalogue knows, in lower case, and the name to send for it.

    The catalogue's own aliases are sent as they are. ``names`` adds the submitters' spellings;
    each must lead to an alias of the catalogue.
    """
    with catalogue.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    known = {
        alias.strip().lower(): alias.strip()
        for row in rows
        for alias in (row["sku"], *row["aliases"].split(";"))
        if alias.strip()
    }
    with names.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["catalogue"].lower() not in known:
                raise SystemExit(
                    f"{names.name}: expected an alias of {catalogue.name} for {row['metered']!r},"
                    f" got {row['catalogue']!r}; correct that line"
                )
            known[row["metered"].lower()] = row["catalogue"]
    return known


def usage(
    runs: Sequence[Run], step_ms: int, names: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Give one event for each node and metered interval, in order of the interval's end."""
    intervals = sorted(
        (end_ms, start_ms, index)
        for index, run in enumerate(runs)
        for start_ms, end_ms in cut(run.start_ms, run.stop_ms, step_ms)
    )
    for end_ms, start_ms, index in intervals:
        run = runs[index]
        for node in range(run.nodes):
            resource_id = f"{run.run_id}/node-{node:04d}"
            data = {
                "tenant_id": run.tenant_id,
                "resource_id": resource_id,
                "start": instant(start_ms),
                "end": instant(end_ms),
                **_devices(run, names),
                "cluster_id": run.tenant_id,
                "job_id": run.run_id,
                "service_class": "bare_metal",
            }
            yield event("usage", SOURCE, f"{resource_id}/{start_ms}", end_ms, data)


def _devices(run: Run, names: Mapping[str, str]) -> dict[str, object]:
    """Name the accelerators, or the system where it has none (an instance type nobody knows)."""
    if run.accelerators_per_node == 0:
        return {"instance_type": run.system}
    model = run.accelerator_model
    return {
        "accelerator": names.get(model.lower(), model),
        "accelerator_count": run.accelerators_per_node,
    }


def tenants(runs: Sequence[Run]) -> Iterator[dict[str, object]]:
    """Give one tenant record for each system, dated to the first run of all."""
    first_ms = min(run.start_ms for run in runs)
    for tenant_id, run in sorted({run.tenant_id: run for run in runs}.items()):
        data = {
            "tenant_id": tenant_id,
            "customer_record_id": run.company_id,
            "name": run.submitter,
            "kind": "organisation",
        }
        yield event("tenant", SOURCE, f"tenant:{tenant_id}", first_ms, data)


def statements(runs: Sequence[Run]) -> Iterator[dict[str, object]]:
    """Give bare BODS lines: each submitter, a placeholder for its owner, and the holding.

    The real owners are not in the data set. The placeholder makes the sums of an owner visible
    and says in its name that it is nobody.
    """
    on = instant(min(run.start_ms for run in runs))[:10]
    for submitter, run in sorted({run.submitter: run for run in runs}.items()):
        yield entity(run.company_id, submitter, on, {})
        yield person(run.owner_id, f"Placeholder owner of {submitter} (not a real person)", on, {})
        yield holding(run.company_id, run.owner_id, on, 100)


def unknown_names(runs: Sequence[Run], names: Mapping[str, str]) -> Counter[str]:
    """Count the runs by accelerator name that the catalogue does not know."""
    return Counter(r.accelerator_model for r in runs if r.accelerator_model.lower() not in names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write ``bods.ndjson``, ``tenants.ndjson`` and ``usage.ndjson.gz``; print what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, help="runs.csv.gz of the MLPerf Training tables")
    parser.add_argument("--out", type=Path, required=True, help="folder for the events")
    parser.add_argument("--minutes", type=int, default=60, help="length of a metered interval")
    parser.add_argument("--llm-only", action="store_true", help="only runs with a known truth")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE, help="accelerators.csv")
    asked = parser.parse_args(arguments)
    runs = read_runs(asked.runs, llm_only=asked.llm_only)
    names = read_names(HERE / "accelerator_names.csv", asked.catalogue)
    write_lines(asked.out / "bods.ndjson", statements(runs))
    tenant_count = write_lines(asked.out / "tenants.ndjson", tenants(runs))
    events = usage(runs, asked.minutes * 60_000, names)
    count = write_lines(asked.out / "usage.ndjson.gz", events)
    print(f"{len(runs)} runs, {tenant_count} tenants, {count} usage events -> {asked.out}")
    for name, run_count in sorted(unknown_names(runs, names).items()):
        print(f"not in the catalogue, sent as it is: {name!r}, {run_count} runs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
