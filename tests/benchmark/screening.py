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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print seconds of wall and processor time, and what they make of a million customers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parties", type=int, default=PARTIES)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args(arguments)
    list_file, customer_file = write(throughput.FOLDER, asked.parties, asked.customers)
    out = throughput.FOLDER / "screening-hits.ndjson"
    began, used = time.perf_counter(), processor_seconds()
    done = screen_customers([list_file], [], customer_file, out, asked.jobs)
    wall, used = time.perf_counter() - began, processor_seconds() - used
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{done.customers} customers against {asked.parties} parties, {asked.jobs} processes: "
        f"{wall:.1f} s, {used:.1f} s of processor time, {done.hits} hits, {peak:.0f} MB a process"
    )
    # What is read and indexed once does not grow with the customers; counting it here is the worse.
    whole = used / asked.jobs * GOAL_CUSTOMERS / done.customers
    outcome = "met" if whole <= GOAL_SECONDS else "MISSED"
    print(
        f"{GOAL_CUSTOMERS} customers on {asked.jobs} free processors: {whole:.0f} s   "
        f"goal {GOAL_SECONDS}: {outcome}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
