"""``trainwatch check-bods``: every problem of ownership files, before they are used."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from detector.bods.alone import alone
from detector.bods.problems import Place, Problem
from detector.bods.schema import Documents
from detector.bods.together import Together
from detector.documents import counted
from detector.events import BODS, Refusal
from streams.arguments import raise_together
from streams.codec.pieces import EVENT_BYTES_MAX, segment_of_blocks
from streams.codec.text import parse_text
from streams.command_line import Adder
from streams.files import FileSource, find_inputs

CLEAN, PROBLEMS = 0, 1
#: The published schema, as it ships.
SCHEMA: Final = (
    "statement.json",
    "entity-record.json",
    "person-record.json",
    "relationship-record.json",
    "components.json",
)
#: Problems kept and printed; what goes beyond is counted.
SHOWN_MAX: Final = 10_000


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("check-bods")
    parser.add_argument("paths", type=Path, nargs="+", metavar="FILE", help="files or folders")
    parser.add_argument(
        "--part",
        action="store_true",
        help="the files are a part of a stream: records they refer to may stand elsewhere",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a line")
    parser.set_defaults(command=_check)


@dataclass
class Checked:
    """What one run of the check came to. ``problems`` holds the first SHOWN_MAX of them.

    Of notes that are told once the first stands for all of them, with their count.
    """

    statements: int = 0
    others: int = 0
    wrong: int = 0
    notes: int = 0
    problems: list[Problem] = field(default_factory=list)
    _told: dict[str, set[int]] = field(default_factory=dict)
    _once: dict[str, int] = field(default_factory=dict)

    def add(self, problems: Iterable[Problem]) -> None:
        """Count problems, and keep them while there is room."""
        for problem in problems:
            self.notes += problem.is_note
            self.wrong += not problem.is_note
            if not problem.is_note:
                self._told.setdefault(problem.place.file, set()).add(problem.place.number)
            if problem.is_told_once and problem.remedy in self._once:
                self._add_to(self._once[problem.remedy])
            elif len(self.problems) < SHOWN_MAX:
                if problem.is_told_once:
                    self._once[problem.remedy] = len(self.problems)
                self.problems.append(problem)

    def _add_to(self, number: int) -> None:
        told = self.problems[number]
        self.problems[number] = replace(told, count=told.count + 1)

    @property
    def left(self) -> int:
        """How many are not told."""
        return self.wrong + self.notes - sum(each.count for each in self.problems)

    def summary(self) -> str:
        """Say in one line what came of it."""
        within = f" in {sum(map(len, self._told.values())):,} of them" if self.wrong else ""
        parts = [counted(self.statements, "statement"), counted(self.wrong, "problem") + within]
        parts.append(counted(self.notes, "note"))
        if self.others:
            parts.append(f"{counted(self.others, 'event')} of other types passed over")
        return ", ".join(parts)


def _check(chosen: argparse.Namespace) -> int:
    inputs = find_inputs(chosen.paths)
    source = FileSource(inputs)
    checked = check(_values(source), documents(), is_part=chosen.part)
    if chosen.json:
        sys.stdout.writelines(f"{json.dumps(each.document())}\n" for each in checked.problems)
    else:
        sys.stdout.writelines(f"{each.text()}\n" for each in checked.problems)
        sys.stdout.write(f"and {checked.left:,} more\n" if checked.left else "")
        sys.stdout.write(f"{checked.summary()}\n")
    raise_together(source.failures)
    return PROBLEMS if checked.wrong else CLEAN


def documents() -> Documents:
    """Give the published schema that ships."""
    folder = files("detector.bods") / "standard"
    read = [json.loads((folder / name).read_text(encoding="utf-8")) for name in SCHEMA]
    return Documents({each["$id"]: each for each in read})


def check(
    values: Iterable[tuple[Place, bytes, object]], schema: Documents, *, is_part: bool = False
) -> Checked:
    """Check statements in the order of their files: (place, bytes, parsed value or refusal)."""
    checked, together = Checked(), Together()
    order: dict[str, int] = {}
    for place, raw, value in values:
        order.setdefault(place.file, len(order))
        if isinstance(value, Refusal):
            checked.statements += 1
            checked.add([_unread(place, value)])
            continue
        statement, root = _statement(value)
        if statement is None:
            checked.others += 1
            continue
        checked.statements += 1
        checked.add(alone(statement, schema, place, root))
        if isinstance(statement, Mapping):
            digest = sha256(raw).digest()[:16]
            checked.add(together.seen(statement, place, digest, root))
    checked.add(together.at_end(is_part=is_part))
    checked.problems.sort(key=lambda p: (order[p.place.file], p.place.number, p.is_note))
    return checked


def _statement(value: object) -> tuple[object, str]:
    """Give the statement that a value is or carries, None where it is another event."""
    if isinstance(value, Mapping) and "specversion" in value:
        return (value.get("data"), "/data") if value.get("type") == BODS else (None, "")
    return value, ""


def _unread(place: Place, refusal: Refusal) -> Problem:
    expected, _, found = refusal.detail.removeprefix("expected ").partition(", got ")
    return Problem(place, "", expected, found, "correct the text")


def _values(source: FileSource) -> Iterator[tuple[Place, bytes, object]]:
    """Give every value of the files, read strictly, with its place."""
    numbers: dict[str, int] = {}
    while (batch := source.poll(0.0)) is not None:
        segment = segment_of_blocks(batch.blocks)
        for index in range(len(segment)):
            origin = segment.origins.of(index)
            file, line = str(origin["file"]), int(str(origin["line"]))
            numbers[file] = numbers.get(file, 0) + 1
            raw = segment.raw(index)
            yield Place(file, line, numbers[file]), raw, _value(raw)


def _value(raw: bytes) -> object:
    if len(raw) > EVENT_BYTES_MAX:
        detail = f"expected at most {EVENT_BYTES_MAX} bytes, got {len(raw)}"
        return Refusal("too_large", detail)
    return parse_text(raw)
