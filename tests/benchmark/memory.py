"""Resident memory of whole replays that differ in live resources alone.

The slope is what a resource costs, the rest is what the program and one batch cost.
Run: ``python -m tests.benchmark.memory``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.benchmark import generator, throughput

RESOURCES: Final = (250_000, 1_000_000)
GOAL_BYTES: Final = 1e9


def resident_bytes(resources: int, catalogue: Path) -> int:
    """Give the peak resident size of a replay in which each resource is metered once."""
    shape = generator.Shape(
        events=round(resources * 1.02), resources=resources, tenants=resources // 5, slots=12
    )
    file = generator.at(throughput.FOLDER, shape)
    return throughput.run("trainwatch", file, throughput.warm_up_file(), catalogue).resident_bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Print resident memory at two sizes and the slope between them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalogue", type=Path, default=throughput.CATALOGUE)
    asked = parser.parse_args(arguments)
    sizes = [resident_bytes(resources, asked.catalogue) for resources in RESOURCES]
    for resources, size in zip(RESOURCES, sizes, strict=True):
        print(f"peak resident at {resources:,} live resources: {size / 1e6:.0f} MB")
    slope = (sizes[1] - sizes[0]) / (RESOURCES[1] - RESOURCES[0])
    outcome = "met" if sizes[1] < GOAL_BYTES else "MISSED"
    print(f"bytes a live resource: {slope:.0f}   goal under 1 GB at 10^6: {outcome}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
