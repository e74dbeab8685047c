"""Cost per event by fifth of a long history: it must not grow with what came before.

One replay on one thread notes the processor time after every batch, so that neither start-up nor
the assessment at the end, nor a neighbour on the machine, is in the cost of a fifth.
Run: ``python -m tests.benchmark.growth``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from streams.clock import SystemClock
from streams.files import FileSource
from streams.packaged import build_meaning, default_policies, read_classifier
from streams.replay import Plan, replay
from tests.benchmark import generator, throughput

FIFTHS: Final = 5
#: Ninety days of five-minute slots, so that days are merged and names age.
SLOTS: Final = 90 * 288
#: The dearest fifth may cost this much of the cheapest; above it the cost grows with history.
GOAL_RATIO: Final = 1.5

#: Events read so far, and the processor seconds that they took.
Mark = tuple[int, float]


def marks_of(file: Path) -> list[Mark]:
    """Replay a file in this process; give what had been read and spent after every batch."""
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    began = time.process_time()
    marks: list[Mark] = [(0, 0.0)]

    def note(events: int, _: int) -> None:
        marks.append((marks[-1][0] + events, time.process_time() - began))

    with tempfile.TemporaryDirectory() as out:
        replay(FileSource([file]), Path(out), meaning, SystemClock(), note, Plan(jobs=1))
        told = json.loads((Path(out) / "summary.json").read_text("utf-8"))
    if told["events_rejected"]:
        refused = told["events_rejected"]
        raise SystemExit(
            f"{file}: expected no event to be refused, got {refused}: look at its days"
        )
    return marks


def costs_of(marks: Sequence[Mark]) -> list[float]:
    """Give the microseconds an event cost in each fifth, in proportion where a batch spans two."""
    events, seconds = zip(*marks, strict=True)
    cuts = [events[-1] * number / FIFTHS for number in range(FIFTHS + 1)]
    spent = np.interp(cuts, events, seconds).tolist()
    each = events[-1] / FIFTHS
    return [(later - earlier) / each * 1e6 for earlier, later in pairwise(spent)]


def measure(file: Path, warm: Path) -> list[float]:
    """Give the costs of a file, replayed in a process of its own after a warm-up."""
    command = [sys.executable, "-m", "tests.benchmark.growth", "--marks", str(warm), str(file)]
    done = subprocess.run(
        command,
        env=throughput.one_thread(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=throughput.LIMIT_SECONDS,
        check=True,
    )
    return costs_of([(int(at), float(cpu)) for at, cpu in json.loads(done.stdout.splitlines()[-1])])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print microseconds an event by fifth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--resources", type=int, default=20_000)
    parser.add_argument("--marks", type=Path, nargs="+", help="replay these, tell of the last")
    asked = parser.parse_args(arguments)
    if asked.marks:
        marks = [marks_of(file) for file in asked.marks]
        print(json.dumps(marks[-1]))
        return 0
    shape = generator.Shape(events=asked.events, resources=asked.resources, slots=SLOTS)
    costs = measure(generator.at(throughput.FOLDER, shape), throughput.warm_up_file())
    shown = "  ".join(f"{cost:.2f}" for cost in costs)
    print(f"processor microseconds an event by fifth of {asked.events} events in 90 days: {shown}")
    # The shapes of lines are learnt in the first fifth; growth is looked for from the second on.
    ratio = max(costs[1:]) / min(costs[1:])
    outcome = "met" if ratio <= GOAL_RATIO else "MISSED"
    print(f"dearest over cheapest of fifths 2 to 5: {ratio:.2f}   goal {GOAL_RATIO}: {outcome}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
