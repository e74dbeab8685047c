"""A register of customers held against a list of real size, as ``trainwatch screen`` does it.

All is invented from a seed (``invented.py``). Processor time is that of all processes, reading and
indexing of the list in each included. Run: ``python -m tests.benchmark.screening``.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from detector.screening.parties import ListedParty, Subject
from streams.screen_customers import screen_customers
from tests.benchmark import throughput
from tests.benchmark.invented import Inventor, customers, listed

PARTIES: Final = 25_000
CUSTOMERS: Final = 40_000
#: The aim is this many customers in so many seconds, with two processes.
GOAL_CUSTOMERS: Final = 1_000_000
GOAL_SECONDS: Final = 600


def entity(party: ListedParty) -> str:
    """Write a listed party as a FollowTheMoney entity."""
    schema = "Person" if party.kind == "person" else "Organization"
    properties = {"name": [party.name], "alias": party.aliases, "country": party.countries}
    return json.dumps({"id": party.party_id, "schema": schema, "properties": properties})


def record(subject: Subject) -> str:
    """Write a customer as the data of a tenant event."""
    kind = "individual" if subject.kind == "person" else "organisation"
    named = {"tenant_id": subject.record_id, "kind": kind, "name": subject.names[0]}
    return json.dumps(named | {"address": {"country": subject.countries[0]}})


def write(folder: Path, parties: int, count: int) -> tuple[Path, Path]:
    """Write a list and customers, once for each pair of sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    list_file = folder / f"screening-{parties}.ndjson"
    customer_file = folder / f"screening-{parties}-{count}.ndjson"
    inventor = Inventor()
    snapshot = listed(inventor, parties)
    list_file.write_text("\n".join(map(entity, snapshot.parties)) + "\n", encoding="utf-8")
    with customer_file.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{record(each)}\n" for each in customers(inventor, count, snapshot))
    return list_file, customer_file


def processor_seconds() -> float:
    """Give the processor time of this process and of those that it waited for."""
    used = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def screened(parties: int, count: int, jobs: int) -> float:
    """Screen so many customers, print what it took, give the processor seconds."""
    list_file, customer_file = write(throughput.FOLDER, parties, count)
    out = throughput.FOLDER / "screening-hits.ndjson"
    began, before = time.perf_counter(), processor_seconds()
    done = screen_customers([list_file], [], customer_file, out, jobs)
    wall, used = time.perf_counter() - began, processor_seconds() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{done.customers} customers against {parties} parties, {jobs} processes: "
        f"{wall:.1f} s, {used:.1f} s of processor time, {done.hits} hits, {peak:.0f} MB a process"
    )
    return used


def main(arguments: Sequence[str] | None = None) -> int:
    """Print seconds of wall and processor time, and what they make of a million customers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parties", type=int, default=PARTIES)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args(arguments)
    # The list is read and indexed once, however many customers there are: two sizes tell it apart.
    counts = (asked.customers // 4, asked.customers)
    few, many = (screened(asked.parties, count, asked.jobs) for count in counts)
    each = (many - few) / (counts[1] - counts[0])
    whole = (many + each * (GOAL_CUSTOMERS - asked.customers)) / asked.jobs
    outcome = "met" if whole <= GOAL_SECONDS else "MISSED"
    print(
        f"{GOAL_CUSTOMERS} customers on {asked.jobs} free processors: {whole:.0f} s   "
        f"goal {GOAL_SECONDS}: {outcome}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
