"""Lines of files: what is an event, what is refused and why, and where it came from."""

from __future__ import annotations

import json
import time

import pytest
from polars.testing import assert_frame_equal

from streams.codec import EVENT_BYTES_MAX, decode, decode_one_by_one, split_array
from streams.ports import Batch, LineBlock, Rejected
from tests.support.codec_events import decoded_events, decoded_lines, refusals, text, usage_event

GOOD = text(usage_event())
#: The same as an editor may save it, without the mark at the start.
WIDE = GOOD.decode().encode("utf-16-le")
HINT = "; this looks like UTF-16: save the file as UTF-8"
SAVE = f"at byte 0{HINT}"
WIDER = GOOD.decode().encode("utf-32-le")
WIDER_HINT = HINT.replace("16", "32")
SAVE_WIDER = f"start byte at byte 0{WIDER_HINT}"
AT_START = "line 1 column 1 (char 0)"
NO_VALUE = "expected one JSON value, got an error:"


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b"{", "not_json", "expected one JSON value, got an error: Expecting property name"),
        (GOOD + GOOD, "not_json", "expected one JSON value, got an error: Extra data"),
        (b'{"a":NaN}', "not_json", "expected one JSON value, got an error: NaN is not a JSON"),
        (b'{"a":"\xff"}', "bad_encoding", "expected UTF-8, got invalid start byte at byte 6"),
        (b"\xff\xfe" + WIDE, "bad_encoding", f"expected UTF-8, got invalid start byte {SAVE}"),
        (b"\xfe\xff\0" + WIDE, "bad_encoding", f"expected UTF-8, got invalid start byte {SAVE}"),
        (b"\0" + WIDE, "not_json", f"{NO_VALUE} Expecting value: {AT_START}{HINT}"),
        (b"\0" * 9, "not_json", f"{NO_VALUE} Expecting value: {AT_START}"),
        (b"\xff\xfe\0\0" + WIDER, "bad_encoding", f"expected UTF-8, got invalid {SAVE_WIDER}"),
        (
            b"\0\0\0" + WIDER,
            "not_json",
            f"{NO_VALUE} Expecting value: {AT_START}{WIDER_HINT}",
        ),
        (b'{"a":"\xed\xa0\x80"}', "bad_encoding", "expected UTF-8, got invalid continuation byte"),
        (b'{"a":1,"a":1}', "duplicate_key", "expected each key once, got 'a' twice"),
        (b'{"x":{"b":1,"b":2}}', "duplicate_key", "expected each key once, got 'b' twice"),
        (b"[" * 5000 + b"]" * 5000, "not_json", "expected at most 128 levels of nesting, got more"),
        (b"5", "not_cloudevent", "expected a JSON object, got 5"),
    ],
)
def test_a_broken_line_has_its_reason_and_takes_no_neighbour_with_it(
    line: bytes, reason: str, detail: str
) -> None:
    decoded = decoded_lines(b"\n".join([GOOD, line, GOOD]))
    assert decoded.usage["ordinal"].to_list() == [0, 2]
    (rejected,) = decoded.rejected
    assert rejected.detail.startswith(detail)
    assert rejected == Rejected(1, reason, rejected.detail, line, {"file": "a.ndjson", "line": 2})


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_no_events() -> None:
    buffer = b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n \t\n" + GOOD + b"\n\n"
    decoded = decoded_lines(buffer)
    assert (decoded.read, decoded.usage["ordinal"].to_list()) == (2, [0, 1])
    assert decoded.provenance.origin_of(1) == {"file": "a.ndjson", "line": 4}
    assert decoded.provenance.raw_of(1) == GOOD


def test_an_empty_batch_is_nothing() -> None:
    decoded = decode(Batch(blocks=[LineBlock("a", 1, b"")]))
    assert (decoded.read, decoded.usage.height, list(decoded.rejected)) == (0, 0, [])


def test_a_line_over_one_mebibyte_is_refused_without_reading_it() -> None:
    edge = GOOD + b" " * (EVENT_BYTES_MAX - len(GOOD))
    huge = b'{"a":"' + b"x" * 10_000_000 + b'"}'
    begin = time.perf_counter()
    decoded = decoded_lines(b"\n".join([edge, edge + b" ", huge]))
    seconds = time.perf_counter() - begin
    assert decoded.usage["ordinal"].to_list() == [0]
    assert [(event.reason, event.detail) for event in decoded.rejected] == [
        ("too_large", "expected at most 1048576 bytes, got 1048577"),
        ("too_large", "expected at most 1048576 bytes, got 10000008"),
    ]
    assert seconds < 2


def test_lines_of_several_blocks_keep_their_files_and_numbers() -> None:
    blocks = [LineBlock("a", 10, GOOD + b"\n{}"), LineBlock("b", 1, b"\n\n[]\n")]
    assert refusals(decode(Batch(blocks=blocks))) == [
        (1, "not_cloudevent", {"file": "a", "line": 11}),
        (2, "not_cloudevent", {"file": "b", "line": 3}),
    ]


def test_unknown_fields_are_counted_by_their_dotted_names() -> None:
    events = [usage_event(str(n), telemetry={"gpu_util": n, "x": 1}, y=None) for n in range(40)]
    decoded = decoded_events([*events, {**usage_event("z"), "traceparent": "z"}])
    assert decoded.unknown_fields == {"data.telemetry.x": 40, "data.y": 40, "traceparent": 1}


def test_many_shapes_over_several_windows_are_read_as_one_by_one() -> None:
    shapes: list[dict[str, object]] = [
        {},
        {"telemetry": {"gpu_util": 0.5}},
        {"telemetry": {"gpu_util": None, "power_w": 1.25e2}, "region": None},
        {"foreign": 1, "accelerator_count": 8},
        {"vantage": "moon"},
        {"region": "S\u00e3o Paulo", "foreign": {"a": "b"}},
    ]
    events = [usage_event(str(n), **shapes[n * n % 7 % 6]) for n in range(5000)]
    batch = Batch(blocks=[LineBlock("a.ndjson", 1, b"\n".join(map(text, events)))])
    fast, slow = decode(batch), decode_one_by_one(batch)
    assert_frame_equal(fast.usage.sort("ordinal"), slow.usage.sort("ordinal"))
    assert list(fast.rejected) == list(slow.rejected)
    assert fast.unknown_fields == slow.unknown_fields
    assert fast.usage.height + len(fast.rejected) == 5000


def test_records_are_the_known_fields_in_their_one_spelling() -> None:
    tenant = usage_event() | {
        "type": "trainwatch.tenant.v1",
        "data": {
            "valid_from": "2026-01-01T01:00:00+01:00",
            "tenant_id": "t",
            "x": 1,
            "address": {"y": 2},
            "payment": {"means": "card", "country": None},
            "is_reseller": False,
        },
    }
    decoded = decoded_events([tenant])
    assert decoded.records.select("type", "data").rows() == [
        (
            "trainwatch.tenant.v1",
            '{"is_reseller":false,"payment":{"means":"card"},"tenant_id":"t",'
            '"valid_from":"2026-01-01T00:00:00.000Z"}',
        )
    ]


def test_a_bare_statement_becomes_a_record_and_keeps_every_field() -> None:
    statement = {
        "statementId": "s",
        "recordId": "r",
        "recordType": "person",
        "statementDate": "2020-01-01",
        "recordDetails": {"names": [{"fullName": "Zo\u00eb"}], "x": 1.0},
    }
    row = decoded_events([statement]).records.row(0, named=True)
    assert (row["source"], row["id"], row["type"]) == ("bods", "s", "trainwatch.bods.v1")
    assert row["time"].isoformat() == "2020-01-01T00:00:00+00:00"
    assert json.loads(row["data"]) == statement


def test_an_array_file_is_cut_into_events_at_their_lines() -> None:
    first, second = json.dumps(usage_event("1"), indent=1), json.dumps(usage_event("2"))
    buffer = f"[\n{first},\n\n{second}, nonsense\n]\n".encode()
    decoded = decode(Batch(blocks=split_array("a.json", buffer)))
    assert decoded.usage["id"].to_list() == ["1", "2"]
    lines = [decoded.provenance.origin_of(ordinal)["line"] for ordinal in range(3)]
    assert lines == [2, 2 + first.count("\n") + 2, 2 + first.count("\n") + 2]
    assert refusals(decoded) == [(2, "not_json", {"file": "a.json", "line": lines[2]})]


@pytest.mark.parametrize(
    ("buffer", "texts"),
    [
        (b"[]", []),
        (b" [ 1 , [2,3] ] ", [b"1", b"[2,3]"]),
        (b'["],{", "\\"]"]', [b'"],{"', b'"\\"]"']),
        (b"[{},", [b"{}", b""]),
        (b"[1] 2", [b"1", b"2"]),
        (b'{"a":1}\n{"b":\n2}', [b'{"a":1}\n{"b":\r2}']),
        (b'[\n{"b":\n2},\n\n3, 4]', [b'{"b":\r2}\n\n\n3', b"4"]),
        (b'{"a":1', [b'{"a":1']),
        (b"", []),
    ],
)
def test_elements_are_cut_by_strings_and_brackets_alone(buffer: bytes, texts: list[bytes]) -> None:
    assert [block.buffer for block in split_array("a", buffer)] == texts
