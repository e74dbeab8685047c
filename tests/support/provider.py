"""The command as a provider's engineer meets it: events written to files, a process, files read.

Nothing of the program is imported here, so these tests see what the contract promises and no more.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

USAGE = "trainwatch.usage.v1"
CORRECTION = "trainwatch.usage.correction.v1"
TENANT = "trainwatch.tenant.v1"
BODS = "trainwatch.bods.v1"
ROOT = Path(__file__).resolve().parents[2]
MARCH = datetime(2026, 3, 1, tzinfo=UTC)

#: A policy of the house with small numbers, in the format of docs/policy-packs.md.
PACK = """
id = "house-small"
version = "1"
title = "House threshold"
citation = "Compute policy of the house"
legal_status = "voluntary"
status_as_of = 2026-01-01
status_source = "the house"
status_confirmed = true
effective_from = 2025-01-01
binds = ["provider"]
scopes = {scopes}
statute_scopes = ["training_run"]
tolerance_ratio = 0.10
reports = true
severity = "high"

[subject_test]
kind = "foreign_person"
person_statuses = {statuses}

[[thresholds]]
id = "operations-small"
operations = {operations}
comparison = "gt"
source = "the house"

[[clocks]]
event = "initial"
days = 15
source = "the house"

[[clocks]]
event = "corrected"
days = 10
source = "the house"
"""


def hour(number: float) -> str:
    """Give the instant so many hours after 1 March 2026, as RFC 3339."""
    moment = MARCH + timedelta(hours=number)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(name: str, kind: str, time: float | str, data: Mapping[str, Any] | None) -> Json:
    """Give one CloudEvent; ``time`` in hours after 1 March 2026, or as text."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": "meter",
        "type": kind,
        "time": time if isinstance(time, str) else hour(time),
        "data": None if data is None else dict(data),
    }


def metered(begin: float, end: float, /, **fields: Any) -> Json:
    """Give usage data of one H100 from ``begin`` to ``end`` hours; override by keyword."""
    data = {
        "tenant_id": "t",
        "resource_id": "r",
        "accelerator": "H100",
        "accelerator_count": 1,
        "start": hour(begin),
        "end": hour(end),
    }
    return {name: value for name, value in (data | fields).items() if value is not None}


def usage(name: str, begin: float, end: float, /, time: float | None = None, **fields: Any) -> Json:
    """Give a usage event, sent when its interval ends unless ``time`` says otherwise."""
    return event(name, USAGE, end if time is None else time, metered(begin, end, **fields))


def correction(name: str, original: Json, replacement: Json | None, time: float) -> Json:
    """Give the correction of a usage event (or of a correction of it)."""
    before = original["data"]
    first = before["replacement"] if original["type"] == CORRECTION else before
    data = {"original_id": original["id"], "original": first, "replacement": replacement}
    return event(name, CORRECTION, time, data)


def entity(record: str, name: str, country: str | None) -> Json:
    """Give the BODS statement of an organisation."""
    details: Json = {"isComponent": False, "entityType": {"type": "registeredEntity"}, "name": name}
    if country is not None:
        details["jurisdiction"] = {"name": country, "code": country}
    return _statement(record, record, "entity", details)


def person(record: str, name: str, country: str) -> Json:
    """Give the BODS statement of a natural person with a nationality and a residence."""
    details = {
        "isComponent": False,
        "personType": "knownPerson",
        "names": [{"type": "legal", "fullName": name}],
        "nationalities": [{"name": country, "code": country}],
        "addresses": [{"type": "residence", "country": {"name": country, "code": country}}],
    }
    return _statement(record, record, "person", details)


def interest(record: str, owner: str, owned: str, share: float, **dates: str) -> Json:
    """Give the BODS statement that ``owner`` holds ``share`` percent of ``owned``."""
    details = {
        "isComponent": False,
        "subject": owned,
        "interestedParty": owner,
        "interests": [
            {
                "type": "shareholding",
                "directOrIndirect": "direct",
                "beneficialOwnershipOrControl": True,
                "share": {"exact": share},
                **dates,
            }
        ],
    }
    return _statement(record, owned, "relationship", details)


def _statement(record: str, subject: str, kind: str, details: Json) -> Json:
    return {
        "statementId": f"s-{record}",
        "recordId": record,
        "declarationSubject": subject,
        "recordType": kind,
        "recordStatus": "new",
        "statementDate": "2026-02-01",
        "recordDetails": details,
    }


def lines(events: Iterable[object]) -> bytes:
    """Write events as NDJSON; bytes are taken as they are."""
    return b"".join(
        (each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in events
    )


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    status: int
    screen: str
    errors: str
    out: Path

    @property
    def summary(self) -> Json:
        """The summary without the seconds, which differ from run to run."""
        read: Json = json.loads((self.out / "summary.json").read_text())
        del read["wall_seconds"]
        return read

    def lines(self, name: str) -> list[Json]:
        """Read ``name``.ndjson."""
        text = (self.out / f"{name}.ndjson").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def totals(self) -> list[dict[str, str]]:
        """Read the rows of totals.csv."""
        with (self.out / "totals.csv").open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def total(self, scope: str, name: str) -> dict[str, str]:
        """Read the one row of a scope and id."""
        (row,) = (row for row in self.totals if (row["scope"], row["id"]) == (scope, name))
        return row

    def hours(self, scope: str = "tenant") -> dict[str, float]:
        """Read the accelerator-hours of every id of a scope."""
        return {r["id"]: float(r["accelerator_hours"]) for r in self.totals if r["scope"] == scope}

    def files(self) -> dict[str, bytes]:
        """Read every output file but the summary, whose seconds differ."""
        return {
            path.name: path.read_bytes()
            for path in sorted(self.out.iterdir())
            if path.name != "summary.json"
        }


def command(
    *arguments: str | Path, out: Path | None = None, cwd: Path | None = None, **more: str
) -> Ran:
    """Run the command line as a process of its own; ``more`` adds to its environment."""
    whole = [sys.executable, "-m", "streams", *map(str, arguments)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONPATH": str(ROOT), **more}
    done = subprocess.run(
        whole, capture_output=True, env=environment, cwd=cwd, timeout=280, check=False
    )
    return Ran(
        done.returncode,
        done.stdout.decode("utf-8", "backslashreplace"),
        done.stderr.decode("utf-8", "backslashreplace"),
        out if out is not None else Path(),
    )


def replay(folder: Path, events: Sequence[object], *more: str | Path) -> Ran:
    """Write events to one file in a folder, and replay it into ``out`` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    given = folder / "events.ndjson"
    given.write_bytes(lines(events))
    out = folder / "out"
    return command("replay", given, "--out", out, *more, out=out)


def pack(
    folder: Path,
    operations: float,
    statuses: Sequence[str] = ("foreign", "undetermined"),
    scopes: Sequence[str] = ("training_run", "tenant", "owner"),
) -> Path:
    """Write a policy of the house with one threshold; give its path."""
    path = folder / "house.toml"
    path.write_text(
        PACK.format(
            operations=repr(float(operations)),
            statuses=json.dumps(list(statuses)),
            scopes=json.dumps(list(scopes)),
        )
    )
    return path


_MANY = """
import contextlib, io, json, sys
from streams.cli import main
told = []
for arguments in json.load(sys.stdin):
    screen, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(errors):
        status = main(arguments)
    told.append([status, screen.getvalue(), errors.getvalue()])
json.dump(told, sys.__stdout__)
"""


def commands(*each: Sequence[str | Path]) -> list[Ran]:
    """Run several commands one after the other in one process: starting costs more than running."""
    given = [[str(argument) for argument in arguments] for arguments in each]
    done = subprocess.run(
        [sys.executable, "-c", _MANY],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env={**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONPATH": str(ROOT)},
        timeout=280,
        check=True,
    )
    return [
        Ran(status, screen, errors, _out(arguments))
        for arguments, (status, screen, errors) in zip(given, json.loads(done.stdout), strict=True)
    ]


def _out(arguments: Sequence[str]) -> Path:
    return Path(arguments[arguments.index("--out") + 1]) if "--out" in arguments[:-1] else Path()
