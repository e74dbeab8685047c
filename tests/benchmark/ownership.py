"""Owners of every company of a seeded country, over all time: seconds and memory by size.

Statements are read first and not counted: the clock is that of what comes after parsing, and it is
processor time. Each size is a process of its own. Beside it stand the exact code, on a sample, and
what one changed statement costs. The table and the picture go into the documentation on request.
Run: ``python -m tests.benchmark.ownership``; ``--write`` renews ``docs/ownership-code.md``.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from detector.calibration.svg import Point, scatter
from detector.who.bulk.resolve import resolve
from detector.who.bulk.table import owner_table
from detector.who.graph import Link, OwnershipGraph, Party, Statement, build_graph
from detector.who.known import KnownOwnership
from detector.who.ownership import owners
from tests.benchmark.groups import groups
from tests.support.statements import KNOWN_AT, holding

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
GOAL_SECONDS: Final = 60.0
#: Groups of companies read together.
PIECE: Final = 2_000
#: Companies on which the exact code is timed, one by one.
SAMPLE: Final = 200
#: The largest size at which a change is timed, for all statements have to be held for it.
CHANGED_MAX: Final = 100_000
PAGE: Final = Path(__file__).parents[2] / "docs" / "ownership-code.md"
PICTURE: Final = PAGE.with_name("ownership-scaling.svg")
BEGIN: Final = "<!-- scaling: written by python -m tests.benchmark.ownership --write -->\n"
END: Final = "<!-- end of scaling -->\n"


@dataclass(frozen=True)
class Measured:
    """One size; seconds are of the processor, ``one_by_one_seconds`` is drawn up from a sample."""

    entities: int
    statements: int
    links: int
    stretches: int
    seconds: float
    one_by_one_seconds: float
    change_seconds: float | None
    bytes_read: int
    bytes_peak: int


def read(entities: int) -> tuple[OwnershipGraph, int]:
    """Read a country piece by piece, and say how many statements it has."""
    parties: dict[str, Party] = {}
    links: dict[str, tuple[Link, ...]] = {}
    count, left = 0, groups(entities)
    while piece := [each for group in islice(left, PIECE) for each in group]:
        count += len(piece)
        graph = build_graph((each, KNOWN_AT) for each in piece)
        parties |= graph.parties
        links |= graph.links_into
    return OwnershipGraph(parties, links), count


def measure(entities: int) -> Measured:
    """Resolve one size in this process."""
    gc.disable()  # nothing that is read is garbage
    graph, statements = read(entities)
    companies = [each for each, party in graph.parties.items() if party.kind != "person"]
    gc.freeze()
    gc.enable()
    before = _resident()
    started = time.process_time()
    resolved = resolve(graph, companies)
    table = owner_table(resolved)
    seconds = time.process_time() - started
    peak = _resident()
    sample = companies[:: max(1, len(companies) // SAMPLE)]
    started = time.process_time()
    for each in sample:
        owners(graph, each)
    each_seconds = (time.process_time() - started) / len(sample)
    return Measured(
        entities=len(companies),
        statements=statements,
        links=sum(map(len, graph.links_into.values())),
        stretches=len(table.certainty),
        seconds=seconds,
        one_by_one_seconds=each_seconds * len(companies),
        change_seconds=_change(entities) if entities <= CHANGED_MAX else None,
        bytes_read=before,
        bytes_peak=peak,
    )


def _change(entities: int) -> float:
    """Time one changed statement in a country whose owners are all known."""
    known = KnownOwnership().with_statements(_told(entities))
    companies = [each for each, party in known.graph.parties.items() if party.kind != "person"]
    known.graph.kept.update(dict.fromkeys(companies, ()))
    changed = holding("0000000-p0", "0000000-e0", 20)
    started = time.process_time()
    after = known.with_statements([(changed, KNOWN_AT)])
    missing = [each for each in companies if each not in after.graph.kept]
    for each in missing:
        owners(after.graph, each)
    return time.process_time() - started


def _told(entities: int) -> Iterator[tuple[Statement, datetime]]:
    return ((each, KNOWN_AT) for group in groups(entities) for each in group)


def _resident() -> int:
    """Give the largest resident size so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def table(found: Sequence[Measured]) -> str:
    """Write the sizes as a table for the documentation."""
    lines = [
        "| entities | statements | links | stretches of owners | seconds | one by one, seconds |"
        " one changed statement, ms | memory after reading, MB | at most, MB |",
        "|" + "---|" * 9,
    ]
    for each in found:
        change = "" if each.change_seconds is None else f"{each.change_seconds * 1000:.1f}"
        lines.append(
            f"| {each.entities:,} | {each.statements:,} | {each.links:,} | {each.stretches:,} |"
            f" {each.seconds:.2f} | {each.one_by_one_seconds:,.1f} | {change} |"
            f" {each.bytes_read / 1e6:,.0f} | {each.bytes_peak / 1e6:,.0f} |"
        )
    return "\n".join(lines) + "\n"


def write(found: Sequence[Measured]) -> None:
    """Put the table between its marks in the documentation, and the picture beside it."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    picture = f"\n![Seconds by entities]({PICTURE.name})\n"
    PAGE.write_text(head + BEGIN + table(found) + picture + END + tail, encoding="utf-8")
    series = {
        "all at once": [(each.entities, each.seconds) for each in found],
        "one by one, from a sample": [(each.entities, each.one_by_one_seconds) for each in found],
    }
    points = [Point(x, y, y, y, name) for name, each in series.items() for x, y in each]
    title = "Owners of every entity over all time; grey: in proportion"
    drawn = scatter(title, "entities", "processor seconds", points)
    PICTURE.write_text(drawn, encoding="utf-8")


def _apart(size: int) -> str:
    """Measure one size in a process of its own, and give its JSON."""
    command = [sys.executable, "-m", "tests.benchmark.ownership", "--one", str(size)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every size, and whether the largest keeps the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", type=int, help="measure one size here and print it as JSON")
    parser.add_argument("--measured", type=Path, nargs="+", help="files with what --one printed")
    parser.add_argument("--write", action="store_true", help="renew the documentation")
    asked = parser.parse_args(arguments)
    if asked.one:
        print(json.dumps(asdict(measure(asked.one))))
        return 0
    if asked.measured:
        texts = [path.read_text(encoding="utf-8") for path in asked.measured]
    else:
        texts = [_apart(size) for size in asked.sizes]
    found = [Measured(**json.loads(text)) for text in texts]
    print(table(found), end="")
    last = found[-1]
    outcome = "met" if last.seconds < GOAL_SECONDS else "MISSED"
    print(f"{last.entities:,} entities: {last.seconds:.1f} s   goal {GOAL_SECONDS:g} s: {outcome}")
    if asked.write:
        write(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
