"""Kafka messages: the carriers give the same events, told apart by their headers."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from streams.codec import decode, decode_one_by_one
from streams.ports import Batch, Message, MessageBlock, MessageBlocks
from tests.support.codec_events import (
    USAGE_DATA,
    decoded_events,
    decoded_message,
    refusals,
    text,
    usage_event,
)

ARROW = b"application/vnd.apache.arrow.stream"
EXPECTED = decoded_events([usage_event("1"), usage_event("2")]).usage
HEADERS = {
    "ce_specversion": b"1.0",
    "ce_id": b"1",
    "ce_source": b"/meter",
    "ce_type": b"trainwatch.usage.v1",
    "ce_time": b"2026-01-01T01:00:00Z",
}


def where(index: int) -> dict[str, object]:
    return {"topic": "usage", "partition": 3, "offset": 7, "index": index}


def arrow(rows: list[dict[str, Any]], **schema: Any) -> bytes:  # noqa: ANN401 - polars' own
    stream = io.BytesIO()
    pl.DataFrame(rows, schema_overrides=schema).write_ipc_stream(stream)
    return stream.getvalue()


def row(name: str, **fields: object) -> dict[str, Any]:
    return {"id": name, "source": "/meter", "time": "2026-01-01T01:00:00Z", **USAGE_DATA, **fields}


def test_a_structured_message_may_hold_newlines() -> None:
    value = text(usage_event("1")).replace(b",", b",\n")
    decoded = decoded_message(value, content__type=b"application/cloudevents+json")
    assert_frame_equal(decoded.usage, EXPECTED.head(1))
    assert decoded.provenance.origin_of(0) == where(0)


def test_a_binary_message_takes_its_attributes_from_headers() -> None:
    decoded = decoded_message(
        text(USAGE_DATA), **HEADERS, ce_traceparent=b"x", content__type=b"application/json"
    )
    assert_frame_equal(decoded.usage, EXPECTED.head(1))
    assert decoded.unknown_fields == {"traceparent": 1}


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (b"", HEADERS, "missing_field"),
        (b"null", HEADERS, "missing_field"),
        (b'{},"id":"2"', HEADERS, "not_json"),
        (b"{}", HEADERS | {"ce_id": b"\xff"}, "bad_encoding"),
        (b"{}", {"ce_id": b"1"}, "not_cloudevent"),
        (b"{}", HEADERS, "missing_field"),
        (b"", {}, "not_json"),
        (b"{}", {"content__type": b"application/cloudevents-batch+json"}, "not_json"),
        (b"junk", {"content__type": ARROW}, "not_json"),
    ],
)
def test_a_message_that_cannot_be_read_is_one_dead_letter(
    value: bytes, headers: dict[str, bytes], reason: str
) -> None:
    decoded = decoded_message(value, **headers)
    assert refusals(decoded) == [(0, reason, where(0))]
    assert decoded.rejected[0].raw == value


def test_the_elements_of_an_array_are_events_of_their_own() -> None:
    value = b"[" + text(usage_event("1")) + b",{bad},\n" + text(usage_event("2")) + b"]"
    decoded = decoded_message(
        value, content__type=b"Application/CloudEvents-Batch+JSON; charset=utf-8"
    )
    assert_frame_equal(decoded.usage.drop("ordinal"), EXPECTED.drop("ordinal"))
    assert refusals(decoded) == [(1, "not_json", where(1))]
    assert decoded.rejected[0].raw == b"{bad}"


def test_the_lines_of_a_message_are_events_of_their_own() -> None:
    value = text(usage_event("1")) + b"\n\nbad\n" + text(usage_event("2")) + b"\n"
    decoded = decoded_message(value, content__type=b"application/x-ndjson")
    assert_frame_equal(decoded.usage.drop("ordinal"), EXPECTED.drop("ordinal"))
    assert refusals(decoded) == [(1, "not_json", where(1))]


def test_a_row_of_arrow_is_an_event_and_a_bad_one_takes_no_other_with_it() -> None:
    value = arrow([row("1"), row("x", tenant_id=None), row("2")])
    decoded = decoded_message(value, content__type=ARROW)
    assert_frame_equal(decoded.usage.drop("ordinal"), EXPECTED.drop("ordinal"))
    assert refusals(decoded) == [(1, "missing_field", where(1))]
    assert decoded.provenance.raw_of(0) == decode_raw(row("1"))


def decode_raw(fields: dict[str, Any]) -> bytes:
    import json  # noqa: PLC0415

    envelope = {name: fields.pop(name) for name in ("id", "source", "time")}
    head = {"specversion": "1.0", "type": "trainwatch.usage.v1", **envelope}
    return json.dumps({**head, "data": fields}).encode()


def test_arrow_kinds_say_the_same_as_json() -> None:
    hour = datetime(2026, 1, 1, 1, tzinfo=UTC)
    columns = {
        "accelerator_count": 8,
        "vantage": "host",
        "telemetry.gpu_util": 0.5,
        "telemetry.nvlink_bytes": 2**60,
        "foreign": 1,
        "type": None,
    }
    value = arrow(
        [row("1", **{**columns, "end": hour})],
        accelerator_count=pl.UInt8,
        vantage=pl.Categorical,
        type=pl.String,
    )
    expected = decoded_events(
        [
            usage_event(
                "1",
                accelerator_count=8,
                vantage="host",
                telemetry={"gpu_util": 0.5, "nvlink_bytes": 2**60},
            )
        ]
    )
    decoded = decoded_message(value, content__type=ARROW)
    assert_frame_equal(decoded.usage, expected.usage)
    assert decoded.unknown_fields == {"data.foreign": 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"accelerator_count": 8.5}, "wrong_type"),
        ({"accelerator_count": True}, "wrong_type"),
        ({"telemetry.gpu_util": float("nan")}, "wrong_type"),
        ({"telemetry.gpu_util": "0.5"}, "wrong_type"),
        ({"region": 5}, "wrong_type"),
        ({"region": b"x"}, "wrong_type"),
        ({"end": datetime(2026, 1, 1)}, "bad_time"),  # noqa: DTZ001 - the point of it
        ({"end": 1_767_225_600_000}, "wrong_type"),
        ({"vantage": "moon"}, "out_of_range"),
        ({"type": "trainwatch.nothing.v1"}, "unknown_type"),
        ({"specversion": "0.3"}, "not_cloudevent"),
        ({"foreign": float("nan")}, "accepted"),
        ({"telemetry": {"gpu_util": 1.0}}, "accepted"),
        ({"telemetry": 5}, "wrong_type"),
        ({"telemetry": 5, "telemetry.gpu_util": 0.5}, "wrong_type"),
        ({"telemetry": {"gpu_util": 1.0}, "telemetry.sm_active": 0.5}, "accepted"),
        ({"ordinal": 5}, "accepted"),
    ],
)
def test_arrow_rows_are_read_alike_by_columns_and_one_by_one(
    fields: dict[str, Any], reason: str
) -> None:
    message = Message("usage", 0, 0, arrow([row("1", **fields)]), (("content-type", ARROW),))
    fast = decode(Batch(messages=[message]))
    slow = decode_one_by_one(Batch(messages=[message]))
    assert_frame_equal(fast.usage, slow.usage)
    assert list(fast.rejected) == list(slow.rejected)
    assert fast.unknown_fields == slow.unknown_fields
    assert ([event.reason for event in fast.rejected] or ["accepted"]) == [reason]


def test_ordinals_follow_the_order_of_messages_whatever_their_carrier() -> None:
    lines = (("content-type", b"application/x-ndjson"),)
    messages = [
        Message("usage", 0, 0, text(usage_event("a"))),
        Message("usage", 0, 1, arrow([row("b"), row("c")]), (("content-type", ARROW),)),
        Message("usage", 0, 2, text(usage_event("d")) + b"\n" + text(usage_event("e")), lines),
    ]
    decoded = decode(Batch(messages=messages))
    found = decoded.usage.select("ordinal", "id").sort("ordinal")
    assert found.rows() == list(enumerate("abcde"))
    assert decoded.provenance.origin_of(4) == {
        "topic": "usage",
        "partition": 0,
        "offset": 2,
        "index": 1,
    }


def blocks(*listed: list[Message]) -> MessageBlocks:
    """Put each list of messages into one block, as a source does, with other bytes between."""
    made = []
    for messages in listed:
        lengths = np.array([len(message.value) for message in messages])
        ends = np.cumsum(lengths + 3)
        offsets = np.array([message.offset for message in messages])
        buffer = bytearray(b"".join(b'\x01"\n' + message.value for message in messages))
        first = messages[0]
        place = first.topic, first.partition, offsets, first.headers
        made.append(MessageBlock(*place, buffer, ends - lengths, ends))
    return MessageBlocks(made)


@pytest.mark.parametrize(
    "kind",
    [
        (),
        (("content-type", b"application/cloudevents+json; charset=utf-8"), ("trace", b"1")),
        (("content-type", b"application/x-ndjson"),),
        (("content-type", b"application/cloudevents-batch+json"),),
        tuple((name, value) for name, value in HEADERS.items()),
    ],
    ids=["none", "structured", "lines", "batch", "binary"],
)
def test_blocks_of_messages_are_read_as_the_messages_they_hold(
    kind: tuple[tuple[str, bytes], ...],
) -> None:
    values = [text(usage_event(str(number), region=f"r{number % 3}")) for number in range(40)]
    values[3:3] = [b"", b"not json", b'{"specversion":"1.0"}\n{}', b"\xff"]
    first = [Message("usage", 3, 7 + 2 * n, value, kind) for n, value in enumerate(values)]
    second = [Message("usage", 4, n, text(usage_event(f"b{n}"))) for n in range(9)]
    expected = decode(Batch(messages=[*first, *second]))
    whole = decode(Batch(messages=blocks(first, second)))
    assert_frame_equal(whole.usage.sort("ordinal"), expected.usage.sort("ordinal"))
    assert whole.rejected == expected.rejected
    assert whole.read == expected.read
    for ordinal in range(expected.read):
        assert whole.provenance.raw_of(ordinal) == expected.provenance.raw_of(ordinal)
        assert whole.provenance.origin_of(ordinal) == expected.provenance.origin_of(ordinal)


@pytest.mark.parametrize("wrong", [b"\xff", b"\0", b"\\"])
def test_bytes_that_are_wrong_everywhere_take_little_more_room_than_the_text(wrong: bytes) -> None:
    messages = [Message("usage", 3, n, wrong * 400_000, ()) for n in range(10)]
    tracemalloc.start()
    try:
        decoded = decode(Batch(messages=messages))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (decoded.read, len(decoded.rejected)) == (10, 10)
    assert peak < 12_000_000 + 4 * 4_000_000  # a place of each byte would be 32 MB and more
