"""Events per second beside DuckDB and a dict loop: same file, same rule, one core, in one run.

Rounds are interleaved and every contestant is a process of its own, so that a busy neighbour hits
all of them alike. What counts is the ratio within a round; seconds of this machine mean little.
Run: ``python -m tests.benchmark.throughput``; ``--no-cli`` measures the two peers alone.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmark import generator

FOLDER: Final = Path(".bench")
CATALOGUE: Final = Path("detector/policy/reference/accelerators.csv")
#: Least ratio of our events per second to the peer's that the project promises.
GOALS: Final = {"duckdb": 0.35, "orjson": 1.0}
#: Sums in another order differ in the last digits only.
RELATIVE_TOLERANCE: Final = 1e-9
ONE_THREAD: Final = dict.fromkeys(
    ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
LIMIT_SECONDS: Final = 600


@dataclass(frozen=True)
class Run:
    """One timed run of one contestant."""

    wall_seconds: float
    processor_seconds: float
    resident_bytes: int
    totals: Mapping[str, float]


def run(name: str, file: Path, warm: Path, catalogue: Path) -> Run:
    """Start one contestant as a process and read its last line."""
    command = [sys.executable, "-m", "tests.benchmark.contestant", name, str(file)]
    command += ["--warm", str(warm), "--catalogue", str(catalogue)]
    command += ["--processor", str(max(os.sched_getaffinity(0)))]
    done = subprocess.run(
        command,
        env=one_thread(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    return Run(
        result["wall_seconds"],
        result["processor_seconds"],
        result["resident_bytes"],
        result["totals"],
    )


def one_thread() -> dict[str, str]:
    """Give this process's environment with one thread for every library."""
    return {**os.environ, **ONE_THREAD}


def warm_up_file() -> Path:
    """Give a small file of the same kind, for the run outside the clock."""
    return generator.at(FOLDER, generator.Shape(events=1000, resources=500, tenants=50))


def disagreement(one: Mapping[str, float], other: Mapping[str, float]) -> str | None:
    """Say how two contestants' totals differ, None where they agree."""
    if one.keys() != other.keys():
        return f"{len(one)} tenants beside {len(other)}"
    for tenant_id, operations in one.items():
        if not math.isclose(operations, other[tenant_id], rel_tol=RELATIVE_TOLERANCE):
            return f"{tenant_id}: {operations!r} beside {other[tenant_id]!r}"
    return None


def spread(values: Sequence[float], digits: int) -> str:
    """Write min / median / max."""
    return " / ".join(f"{v:.{digits}f}" for v in (min(values), median(values), max(values)))


def print_speeds(runs: Mapping[str, Sequence[Run]], file: Path, events: int) -> None:
    """Print one line a contestant."""
    size = file.stat().st_size
    print(
        f"{'min / median / max of rounds':28}{'k events/s':>20}{'MB/s':>20}"
        f"{'k events/cpu s':>20}{'MB resident':>13}"
    )
    for name, rounds in runs.items():
        speeds = [events / each.wall_seconds / 1000 for each in rounds]
        worked = [events / each.processor_seconds / 1000 for each in rounds]
        print(
            f"{name:28}{spread(speeds, 0):>20}"
            f"{spread([speed * size / events / 1000 for speed in speeds], 0):>20}"
            f"{spread(worked, 0):>20}"
            f"{max(each.resident_bytes for each in rounds) / 1e6:13.0f}"
        )


def print_ratios(runs: Mapping[str, Sequence[Run]]) -> None:
    """Print our speed over each peer's, round by round, with the goal; wall, then processor time.

    Processor time leaves out what neighbours took; the goal is on the wall clock.
    """
    for peer in sorted(runs.keys() - {"trainwatch"}):
        pairs = list(zip(runs["trainwatch"], runs[peer], strict=True))
        wall = [theirs.wall_seconds / ours.wall_seconds for ours, theirs in pairs]
        worked = [theirs.processor_seconds / ours.processor_seconds for ours, theirs in pairs]
        line = f"trainwatch over {peer:22}{spread(wall, 2):>20}   cpu {spread(worked, 2)}"
        if peer in GOALS:
            outcome = "met" if median(wall) >= GOALS[peer] else "MISSED"
            line += f"   goal {GOALS[peer]}: {outcome}"
        print(line)


def compare(shape: generator.Shape, rounds: int, catalogue: Path, names: list[str]) -> int:
    """Run the rounds, print speeds and ratios; 1 where totals disagree."""
    file = generator.at(FOLDER, shape)
    warm = warm_up_file()
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            runs[name].append(run(name, file, warm, catalogue))
    print(f"{file.name}: {shape.events} events, {file.stat().st_size / 1e6:.0f} MB, one processor")
    print_speeds(runs, file, shape.events)
    if "trainwatch" in names:
        print_ratios(runs)
    reference = runs["orjson"][0].totals
    differences = {name: disagreement(each[0].totals, reference) for name, each in runs.items()}
    for name, difference in differences.items():
        print(f"totals of {name}: {difference or f'agree, {math.fsum(reference.values()):.6e}'}")
    return int(any(differences.values()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare on a generated file; the exit status tells whether the totals agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--short-lived", action="store_true", help="allocations of 20 minutes, 5 a tenant"
    )
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--no-cli", action="store_true", help="the peers alone")
    asked = parser.parse_args(arguments)
    names = [*([] if asked.no_cli else ["trainwatch"]), "duckdb", "duckdb-needed-fields", "orjson"]
    made = generator.Shape(events=asked.events)
    shape = made if asked.short_lived else generator.day(asked.events)
    return compare(shape, asked.rounds, asked.catalogue, names)


if __name__ == "__main__":
    raise SystemExit(main())
