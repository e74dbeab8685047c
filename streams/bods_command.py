"""``trainwatch check-bods``: every problem of ownership files, before they are used."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from detector.bods.alone import alone
from detector.bods.problems import Place, Problem
from detector.bods.schema import Documents
from detector.bods.together import Together
from detector.events import BODS, Refusal
from streams.arguments import raise_together
from streams.codec.pieces import EVENT_BYTES_MAX, segment_of_blocks
from streams.codec.text import parse_text
from streams.files import FileSource, find_inputs

if TYPE_CHECKING:
    from argparse import _SubParsersAction

CLEAN, PROBLEMS = 0, 1
#: The published schema, as it ships.
SCHEMA: Final = (
    "statement.json",
    "entity-record.json",
    "person-record.json",
    "relationship-record.json",
    "components.json",
)
#: Problems printed; what goes beyond is counted.
SHOWN_MAX: Final = 10_000


def add_to(commands: _SubParsersAction[Any]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("check-bods", help="every problem of ownership files (BODS 0.4)")
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
    """What one run of the check came to."""

    statements: int = 0
    others: int = 0
    problems: list[Problem] = field(default_factory=list)

    def counts(self) -> tuple[int, int]:
        """Give the number of problems and of notes."""
        notes = sum(problem.is_note for problem in self.problems)
        return len(self.problems) - notes, notes

    def summary(self) -> str:
        """Say in one line what came of it."""
        problems, notes = self.counts()
        told = {p.place for p in self.problems if not p.is_note}
        parts = [_count(self.statements, "statement"), f"{_count(problems, 'problem')}"]
        parts[1] += f" in {len(told):,} of them" if problems else ""
        parts.append(_count(notes, "note"))
        if self.others:
            parts.append(f"{_count(self.others, 'event')} of other types passed over")
        return ", ".join(parts)


def _check(chosen: argparse.Namespace) -> int:
    inputs = find_inputs(chosen.paths)
    source = FileSource(inputs)
    checked = check(_values(source), documents(), is_part=chosen.part)
    shown = checked.problems[:SHOWN_MAX]
    if chosen.json:
        sys.stdout.writelines(f"{json.dumps(each.document())}\n" for each in shown)
    else:
        sys.stdout.writelines(f"{each.text()}\n" for each in shown)
        left = len(checked.problems) - len(shown)
        sys.stdout.write(f"and {left:,} more\n" if left else "")
        sys.stdout.write(f"{checked.summary()}\n")
    raise_together(source.failures)
    return PROBLEMS if checked.counts()[0] else CLEAN


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
            checked.problems.append(_unread(place, value))
            continue
        statement, root = _statement(value)
        if statement is None:
            checked.others += 1
            continue
        checked.statements += 1
        checked.problems += alone(statement, schema, place, root)
        if isinstance(statement, Mapping):
            digest = sha256(raw).digest()[:16]
            checked.problems += together.seen(statement, place, digest, root)
    checked.problems += together.at_end(is_part=is_part)
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


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
