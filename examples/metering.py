"""What the examples share: metered intervals, events of the contract, files that replay reads.

Only the standard library is used, so that a provider can copy this file as a start. Instants are
whole milliseconds since the epoch; nothing here ever holds a duration as a fraction.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

HOUR_MS = 3_600_000

Json = Mapping[str, object]


def instant(at_ms: int) -> str:
    """Write an instant as RFC 3339 in UTC with milliseconds."""
    seconds, milliseconds = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def cut(start_ms: int, stop_ms: int, step_ms: int) -> Iterator[tuple[int, int]]:
    """Cut [start, stop) at the whole multiples of the step since the epoch, as a meter does."""
    if step_ms <= 0:
        raise ValueError(f"expected a metering step above 0 ms, got {step_ms}; give minutes >= 1")
    while start_ms < stop_ms:
        end_ms = min(stop_ms, start_ms - start_ms % step_ms + step_ms)
        yield start_ms, end_ms
        start_ms = end_ms


def event(kind: str, source: str, name: str, time_ms: int, data: Json) -> dict[str, object]:
    """Wrap a payload as a CloudEvent; ``kind`` is the type without ``trainwatch.`` and version."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": f"trainwatch.{kind}.v1",
        "time": instant(time_ms),
        "data": data,
    }


def entity(record_id: str, name: str, on: str, details: Json) -> dict[str, object]:
    """Give a BODS 0.4 entity statement; ``details`` adds jurisdiction, addresses and the like."""
    entity_type = {"type": "registeredEntity"}
    return _statement(record_id, "entity", on, {"entityType": entity_type, "name": name, **details})


def person(record_id: str, name: str, on: str, details: Json) -> dict[str, object]:
    """Give a BODS 0.4 person statement; ``details`` adds nationalities and the like."""
    known = {"personType": "knownPerson", "names": [{"type": "legal", "fullName": name}]}
    return _statement(record_id, "person", on, {**known, **details})


def holding(subject: str, holder: str, on: str, share_percent: float) -> dict[str, object]:
    """Give a BODS 0.4 relationship: the holder directly has this share of the subject."""
    interest = {
        "type": "shareholding",
        "directOrIndirect": "direct",
        "beneficialOwnershipOrControl": True,
        "share": {"exact": share_percent},
    }
    details = {"subject": subject, "interestedParty": holder, "interests": [interest]}
    return _statement(f"{holder}>{subject}", "relationship", on, details, subject)


def _statement(
    record_id: str, kind: str, on: str, details: Json, subject: str | None = None
) -> dict[str, object]:
    return {
        "statementId": f"statement:{record_id}",
        "declarationSubject": subject or record_id,
        "statementDate": on,
        "recordId": record_id,
        "recordType": kind,
        "recordStatus": "new",
        "recordDetails": {"isComponent": False, **details},
    }


def write_lines(path: Path, lines: Iterable[Json]) -> int:
    """Write one JSON object a line, gzipped where the name ends in ``.gz``; give the line count.

    The gzip header holds no name and no date: the same lines always give the same bytes.
    """
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw:
        packed = gzip.GzipFile("", "wb", 5, raw, mtime=0) if path.suffix == ".gz" else None
        out = packed or raw
        for count, line in enumerate(lines, 1):  # noqa: B007 - the last value is the count
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if packed is not None:
            packed.close()
    return count
