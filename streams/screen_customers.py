"""Hold a file of customers against screening lists, in as many processes as asked.

The file has one customer a line: the data of a ``trainwatch.tenant.v1`` event, or such an event.
What comes out has one hit a line, in the order of the customers, whatever the number of processes:
what a customer scores rests on it and the list alone.
"""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from detector.screening.parties import Subject
from detector.screening.subjects import record_subjects
from detector.screening.told import hit_fields
from streams.files import InputError
from streams.lists import ListFileError, read_lists

#: Customers looked up at once.
PIECE: Final = 2000
EXPECTED: Final = 'expected one customer a line, {"tenant_id": ..., "name": ...}'


class Work(NamedTuple):
    """What one process does: its lists, and lines of the customers' file, from first to last."""

    screening: tuple[Path, ...]
    judgements: tuple[Path, ...]
    customers: Path
    first: int
    last: int
    out: Path


class Done(NamedTuple):
    """How many customers were held against the lists, and how many hits they have."""

    customers: int
    hits: int


def screen_customers(
    screening: Sequence[Path], judgements: Sequence[Path], customers: Path, out: Path, jobs: int
) -> Done:
    """Write the hits of all customers.

    Raises:
        InputError: A list or the customers' file cannot be used.
    """
    try:
        with customers.open("rb") as lines:
            count = sum(1 for _ in lines)
        with TemporaryDirectory(dir=out.parent) as folder:
            works = _shares(screening, judgements, customers, count, jobs, Path(folder))
            done = _run(works)
            _put_together(out, [each.out for each in works])
    except OSError as error:
        raise InputError(
            f"{error.filename}: expected a file that can be used ({error.strerror}); check it"
        ) from error
    return Done(sum(each.customers for each in done), sum(each.hits for each in done))


def work(asked: Work) -> Done:
    """Screen one share of the customers; at the top level, so that a new process finds it.

    Raises:
        InputError: A list or a line of customers cannot be used.
    """
    try:
        screener = read_lists(asked.screening, asked.judgements).screener
    except ListFileError as error:
        raise InputError(str(error)) from error
    if screener is None:
        raise InputError("screen: expected a list, got none; give --screening FILE")
    gc.freeze()  # the lists stay to the end, so no collection need look through them
    customers = hits = 0
    with asked.customers.open("rb") as lines, asked.out.open("wb") as out:
        share = islice(enumerate(lines, start=1), asked.first, asked.last)
        while piece := list(islice(share, PIECE)):
            subjects = [each for number, line in piece for each in _subjects(asked, number, line)]
            for found in screener.look_up(subjects):
                out.writelines(_line(hit_fields(hit)) for hit in found)
                hits += len(found)
            customers += sum(bool(line.strip()) for _, line in piece)
    return Done(customers, hits)


def _shares(
    screening: Sequence[Path],
    judgements: Sequence[Path],
    customers: Path,
    count: int,
    jobs: int,
    folder: Path,
) -> list[Work]:
    """Give each process its lines and a file of its own; no process is without a line but one."""
    jobs = max(1, min(jobs, count))
    cuts = [count * number // jobs for number in range(jobs + 1)]
    return [
        Work(tuple(screening), tuple(judgements), customers, first, last, folder / f"{first}")
        for first, last in pairwise(cuts)
    ]


def _run(works: Sequence[Work]) -> list[Done]:
    if len(works) == 1:
        return [work(works[0])]
    with ProcessPoolExecutor(len(works), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, works))


def _subjects(asked: Work, number: int, line: bytes) -> Sequence[Subject]:
    """Give the customer of a line, and its payer where another is named."""
    if not line.strip():
        return ()
    place = f"{asked.customers} line {number}: {EXPECTED}"
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:  # the second: nested past Python's stack
        raise InputError(f"{place}, got no JSON ({error}); mend the line") from error
    record = read.get("data", read) if isinstance(read, dict) else None
    if not isinstance(record, dict) or not isinstance(record.get("tenant_id"), str):
        raise InputError(f"{place}, got no tenant_id; mend the line")
    return record_subjects(record["tenant_id"], record)


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _put_together(out: Path, parts: Sequence[Path]) -> None:
    with out.open("wb") as whole:
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole)
