"""Small valid events and batches for the tests of the codec."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from streams.codec import decode
from streams.ports import Batch, Decoded, LineBlock, Message

USAGE_DATA: dict[str, Any] = {
    "tenant_id": "t",
    "resource_id": "r",
    "start": "2026-01-01T00:00:00Z",
    "end": "2026-01-01T01:00:00Z",
    "instance_type": "p5.48xlarge",
}


def usage_event(name: str = "1", **data: object) -> dict[str, Any]:
    return cloud_event("trainwatch.usage.v1", {**USAGE_DATA, **data}, name)


def cloud_event(kind: str, data: Mapping[str, object], name: str = "1") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/meter",
        "type": kind,
        "time": "2026-01-01T01:00:00Z",
        "data": dict(data),
    }


def text(event: object) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def decoded_lines(buffer: bytes) -> Decoded:
    return decode(Batch(blocks=[LineBlock("a.ndjson", 1, buffer)]))


def decoded_events(events: Sequence[object]) -> Decoded:
    return decoded_lines(b"\n".join(map(text, events)))


def decoded_message(value: bytes, **headers: bytes) -> Decoded:
    named = tuple((name.replace("__", "-"), value) for name, value in headers.items())
    return decode(Batch(messages=[Message("usage", 3, 7, value, named)]))


def refusals(decoded: Decoded) -> list[tuple[int, str, Mapping[str, object]]]:
    return [(event.ordinal, event.reason, event.origin) for event in decoded.rejected]
