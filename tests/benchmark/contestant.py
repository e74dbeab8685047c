"""One contestant in one process: imports and a warm-up outside the clock, then one timed run.

All do the same sum over the same file: the first event of each (source, id), its device time x the
dense 16-bit peak, added up per tenant. ``trainwatch`` does everything else besides. The process is
tied to one processor before anything is imported. The last line of the output is JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

#: The query one types: types found by DuckDB, every field read. ``$file`` is the only parameter.
EVERY_FIELD: Final = "read_json($file, format = 'newline_delimited')"
#: The query of someone who tunes: only the fields that the sum needs, their types declared.
NEEDED_FIELDS: Final = """read_json($file, format = 'newline_delimited', columns = {
    source: 'varchar', id: 'varchar',
    data: 'struct(tenant_id varchar, "start" timestamp, "end" timestamp,
                  accelerator varchar, accelerator_count bigint)'})"""
DUCKDB_SQL: Final = """
with firsts as (
    select distinct on (source, id) data.tenant_id, data.accelerator,
           date_diff('millisecond', data."start", data."end") * data.accelerator_count as device_ms
    from {source})
select tenant_id, accelerator, sum(device_ms)::bigint from firsts group by all
"""

DeviceTime = Mapping[tuple[str, str], int]
Contestant = Callable[[Path, Path], Mapping[str, float]]


def read_peaks(catalogue: Path) -> dict[str, float]:
    """Give the dense 16-bit peak, operations per second, of every alias of the catalogue."""
    with catalogue.open(encoding="utf-8", newline="") as lines:
        return {
            alias: float(row["bf16_tflops"] or row["fp16_tflops"]) * 1e12
            for row in csv.DictReader(lines)
            for alias in (row["sku"], *row["aliases"].split(";"))
            if row["bf16_tflops"] or row["fp16_tflops"]
        }


def per_tenant(device_milliseconds: DeviceTime, peaks: Mapping[str, float]) -> dict[str, float]:
    """Turn device time per tenant and accelerator into peak operations per tenant."""
    totals: dict[str, float] = {}
    for (tenant_id, accelerator), milliseconds in sorted(device_milliseconds.items()):
        operations = milliseconds / 1000 * peaks[accelerator]
        totals[tenant_id] = totals.get(tenant_id, 0.0) + operations
    return totals


def duckdb_query(file: Path, catalogue: Path, source: str = EVERY_FIELD) -> Mapping[str, float]:
    """One SQL statement over the file, one thread."""
    import duckdb  # noqa: PLC0415 - each contestant imports only its own library

    sql = DUCKDB_SQL.format(source=source)
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute(sql, {"file": str(file)}).fetchall()
    return per_tenant({(tenant, kind): ms for tenant, kind, ms in rows}, read_peaks(catalogue))


def orjson_loop(file: Path, catalogue: Path) -> Mapping[str, float]:
    """The loop anyone writes first: a dictionary an event, a set of names, a dictionary of sums."""
    import orjson  # noqa: PLC0415 - each contestant imports only its own library

    seen: set[tuple[str, str]] = set()
    sums: dict[tuple[str, str], int] = {}
    with file.open("rb") as lines:
        for line in lines:
            event = orjson.loads(line)
            name = (event["source"], event["id"])
            if name in seen:
                continue
            seen.add(name)
            data = event["data"]
            lasted = datetime.fromisoformat(data["end"]) - datetime.fromisoformat(data["start"])
            milliseconds = (lasted.days * 86_400 + lasted.seconds) * 1000
            milliseconds += lasted.microseconds // 1000
            key = (data["tenant_id"], data["accelerator"])
            sums[key] = sums.get(key, 0) + milliseconds * data["accelerator_count"]
    return per_tenant(sums, read_peaks(catalogue))


def trainwatch_replay(file: Path, _: Path) -> Mapping[str, float]:
    """The whole command, everything on; the catalogue is the one it ships."""
    from streams.cli import main  # noqa: PLC0415 - each contestant imports only its own library

    out = file.parent / f"trainwatch-{file.stem}"
    status = main(["replay", str(file), "--out", str(out)])
    if status:
        raise SystemExit(f"trainwatch replay {file}: expected exit status 0, got {status}")
    with (out / "totals.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["id"]: float(row["peak_operations"])
            for row in csv.DictReader(lines)
            if row["scope"] == "tenant"
        }


CONTESTANTS: Final[Mapping[str, Contestant]] = {
    "trainwatch": trainwatch_replay,
    "duckdb": duckdb_query,
    "duckdb-needed-fields": partial(duckdb_query, source=NEEDED_FIELDS),
    "orjson": orjson_loop,
}


def peak_resident_bytes() -> int:
    """Give the largest resident size this process has had so far.

    ``getrusage`` would count the parent's pages too, where the child was started by ``vfork``.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (line,) = (row for row in status.read_text("ascii").splitlines() if row.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def timed(name: str, file: Path, warm: Path, catalogue: Path) -> dict[str, object]:
    """Warm up on the small file, then run once on the clock."""
    contestant = CONTESTANTS[name]
    contestant(warm, catalogue)
    before_bytes = peak_resident_bytes()
    wall, processor = time.perf_counter(), time.process_time()
    totals = contestant(file, catalogue)
    return {
        "wall_seconds": time.perf_counter() - wall,
        "processor_seconds": time.process_time() - processor,
        "resident_bytes_before": before_bytes,
        "resident_bytes": peak_resident_bytes(),
        "totals": totals,
    }


def main() -> int:
    """Run one contestant; used by ``throughput``, which starts it as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(CONTESTANTS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--warm", type=Path, required=True, help="a small file of the same kind")
    parser.add_argument("--catalogue", type=Path, required=True)
    parser.add_argument("--processor", type=int, default=0, help="the one processor to run on")
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {asked.processor})
    result = timed(asked.name, asked.file, asked.warm, asked.catalogue)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
