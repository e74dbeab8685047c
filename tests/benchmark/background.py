"""A simulated 90 days of 2,000 tenants through the command, start-up included.

Run: ``python -m tests.benchmark.background``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from streams.simulation import build
from tests.benchmark import throughput

GOAL_SECONDS: Final = 30.0


def written(seed: int) -> Path:
    """Write the simulated events where they are missing."""
    path = throughput.FOLDER / f"background-{seed}.ndjson"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.writelines(build("background", seed).blocks())
        partial.rename(path)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Time one replay of the whole simulation on all processors and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    file = written(asked.seed)
    out = throughput.FOLDER / f"background-{asked.seed}-out"
    command = [sys.executable, "-m", "streams", "replay", str(file), "--out", str(out)]
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, timeout=throughput.LIMIT_SECONDS, check=True)
    seconds = time.perf_counter() - started
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    events = summary["events_read"]
    outcome = "met" if seconds < GOAL_SECONDS else "MISSED"
    print(
        f"90 days of 2,000 tenants, {events:,} events, {file.stat().st_size / 1e6:.0f} MB:"
        f" {seconds:.1f} s, {events / seconds / 1000:.0f} k events/s"
        f"   goal {GOAL_SECONDS:.0f} s: {outcome}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
