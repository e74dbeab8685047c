"""Cost per event by fifth of a long history: it must not grow with what came before.

The same file is replayed up to each fifth. The cost of a fifth is the difference of two replays,
so start-up and the fixed part of the assessment cancel out. Each is run a few times and the
quickest counts, because a neighbour only ever slows a run down.
Run: ``python -m tests.benchmark.growth``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from tests.benchmark import generator, throughput

FIFTHS: Final = 5
#: Ninety days of five-minute slots, so that days are merged and names age.
SLOTS: Final = 90 * 288
#: The dearest fifth may cost this much of the cheapest; above it the cost grows with history.
GOAL_RATIO: Final = 1.5


def prefixes(file: Path, events: int) -> list[Path]:
    """Write the first one to five fifths of a file beside it."""
    cuts = []
    for number in range(1, FIFTHS + 1):
        path = file.with_name(f"{file.stem}-fifths-{number}.ndjson")
        if not path.exists():
            with file.open("rb") as lines, path.open("wb") as out:
                out.writelines(islice(lines, events * number // FIFTHS))
        cuts.append(path)
    return cuts


def measure(shape: generator.Shape, rounds: int, catalogue: Path) -> list[float]:
    """Give the microseconds an event cost in each fifth."""
    file = generator.at(throughput.FOLDER, shape)
    warm = throughput.warm_up_file()
    seconds = [
        min(throughput.run("trainwatch", path, warm, catalogue).wall_seconds for _ in range(rounds))
        for path in prefixes(file, shape.events)
    ]
    each = shape.events / FIFTHS
    return [(later - earlier) / each * 1e6 for earlier, later in pairwise([0.0, *seconds])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print microseconds an event by fifth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--catalogue", type=Path, default=throughput.CATALOGUE)
    asked = parser.parse_args(arguments)
    shape = generator.Shape(events=asked.events, resources=asked.resources, slots=SLOTS)
    costs = measure(shape, asked.rounds, asked.catalogue)
    shown = "  ".join(f"{cost:.2f}" for cost in costs)
    print(f"microseconds an event by fifth of {asked.events} events in 90 days: {shown}")
    # The first fifth also carries start-up; growth is looked for from the second on.
    ratio = max(costs[1:]) / max(min(costs[1:]), 1e-9)
    outcome = "met" if ratio <= GOAL_RATIO else "MISSED"
    print(f"dearest over cheapest of fifths 2 to 5: {ratio:.2f}   goal {GOAL_RATIO}: {outcome}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
