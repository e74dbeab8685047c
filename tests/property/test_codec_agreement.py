"""The fast reader and the one-by-one reader give the same result for every input."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from streams.codec import decode, decode_one_by_one, together
from streams.ports import Batch, Decoded, LineBlock, Message
from tests.support.codec_values import FIELDS, INSERTS, VALUES

NEIGHBOURS = 24


def usage_event(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "/meter",
        "type": "trainwatch.usage.v1",
        "time": f"2026-03-01T00:00:{number % 60:02}.{number:03}Z",
        "data": {
            "tenant_id": f"tenant-{number % 3}",
            "resource_id": f"node-{number}",
            "start": "2026-02-28T23:00:00Z",
            "end": "2026-03-01T00:00:00Z",
            "instance_type": "p5.48xlarge",
            "accelerator_count": 8,
            "region": "us-east-1",
            "facility_country": "US",
            "vantage": "host",
            "telemetry": {"gpu_util": number / 7, "nvlink_bytes": 10**number},
        },
    }


def line(number: int, *, spaced: bool = False) -> bytes:
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(usage_event(number), separators=separators).encode()


def replace_value(field: str, value: bytes) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        start = text.find(b'"%s":' % field.encode())
        if start < 0:
            return text.replace(b'"data":{', b'"data":{"%s":%s,' % (field.encode(), value), 1)
        begin = start + len(field) + 3
        rest = text[begin:].lstrip()
        try:
            _, length = json.JSONDecoder().raw_decode(rest.decode())
        except (ValueError, RecursionError):
            return text
        return text[:begin] + value + rest[length:]

    return change


def repeat_key(field: str, value: bytes, *, at_end: bool) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        pair = b'"%s":%s' % (field.encode(), value)
        if at_end:
            return text[:-1] + b"," + pair + b"}"
        return text.replace(b'"data":{', b'"data":{' + pair + b",", 1)

    return change


def insert(place: int, piece: bytes) -> Callable[[bytes], bytes]:
    return lambda text: text[: place % (len(text) + 1)] + piece + text[place % (len(text) + 1) :]


def remove(place: int, length: int) -> Callable[[bytes], bytes]:
    return lambda text: text[: place % len(text)] + text[place % len(text) + length :]


CHANGES = st.one_of(
    st.builds(replace_value, st.sampled_from(FIELDS), st.sampled_from(VALUES)),
    st.builds(repeat_key, st.sampled_from(FIELDS), st.sampled_from(VALUES), at_end=st.booleans()),
    st.builds(insert, st.integers(0, 900), st.sampled_from(INSERTS)),
    st.builds(remove, st.integers(0, 900), st.integers(1, 30)),
)


@st.composite
def lines(draw: st.DrawFn) -> list[bytes]:
    texts = [line(number) for number in range(NEIGHBOURS)]
    if draw(st.booleans()):
        texts += [line(number, spaced=True) for number in range(NEIGHBOURS)]
    for change in draw(st.lists(CHANGES, max_size=6)):
        first = draw(st.integers(0, len(texts) - 1))
        last = first + draw(st.sampled_from((1, 1, 2, NEIGHBOURS)))
        texts[first:last] = [change(text) if text else text for text in texts[first:last]]
    return texts


def compare(batch: Batch) -> Decoded:
    fast, slow = decode(batch), decode_one_by_one(batch)
    for name in ("usage", "corrections", "originals", "replacements", "records"):
        found = getattr(fast, name).sort("ordinal")
        assert_frame_equal(found, getattr(slow, name).sort("ordinal"), check_exact=True)
    assert list(fast.rejected) == list(slow.rejected)
    assert fast.unknown_fields == slow.unknown_fields
    assert fast.read == slow.read
    parts = (fast.usage, fast.corrections, fast.records)
    ordinals = pl.concat([part["ordinal"] for part in parts]).to_list()
    ordinals += [event.ordinal for event in fast.rejected]
    assert sorted(ordinals) == list(range(fast.read))
    for event in fast.rejected:
        assert fast.provenance.raw_of(event.ordinal) == event.raw
        assert fast.provenance.origin_of(event.ordinal) == event.origin
    return fast


@given(lines(), st.sampled_from((b"\n", b"\r\n", b"\n\n", b"\n \t\n")), st.booleans())
def test_lines_of_a_file_are_read_alike(texts: list[bytes], newline: bytes, ends: bool) -> None:
    buffer = newline.join(texts) + (newline if ends else b"")
    compare(Batch(blocks=[LineBlock("events.ndjson", 1, buffer)]))


@given(lines())
def test_structured_messages_are_read_alike_also_with_newlines_inside(texts: list[bytes]) -> None:
    decoded = compare(
        Batch(messages=[Message("usage", 0, offset, text) for offset, text in enumerate(texts)])
    )
    assert decoded.read == len(texts)


@given(lines())
def test_arrays_and_line_messages_are_read_alike(texts: list[bytes]) -> None:
    array = (("content-type", b"application/cloudevents-batch+json; charset=utf-8"),)
    many = (("content-type", b"application/x-ndjson"),)
    messages = [
        Message("usage", 0, 0, b"[" + b",".join(texts) + b"]", array),
        Message("usage", 0, 1, b"\n".join(texts), many),
    ]
    compare(Batch(messages=messages))


@given(lines())
def test_binary_messages_are_read_alike(texts: list[bytes]) -> None:
    messages = []
    for offset, text in enumerate(texts):
        head, _, data = text.partition(b'"data":')
        names = [part.split(b'"') for part in head.strip(b"{, ").split(b",") if b'"' in part]
        headers = [
            (f"ce_{part[1].decode('ascii', 'replace')}", part[3]) for part in names if len(part) > 3
        ]
        messages.append(Message("usage", 1, offset, data[:-1], tuple(headers)))
    compare(Batch(messages=messages))


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.decimals(-(10**9), 10**9, allow_nan=False, places=9).map(str),
    st.from_regex(r"-?[0-9]{0,3}\.?[0-9]{0,18}(?:[eE][+-]?[0-9]{0,3})?", fullmatch=True),
    st.from_regex(r"[-+.0-9eE]{1,6}", fullmatch=True),
)


@example(["0.1", "-0", "00", "1.", "-.5", "--1", "1-", "1.2.3", "9" * 15, "9" * 16, "0e0"] * 2)
@given(st.lists(NUMBERS, min_size=16, max_size=40))
def test_numbers_are_read_to_the_last_bit(numbers: list[str]) -> None:
    change = b'"power_w":%s,"gpu_util"'
    texts = [
        line(place).replace(b'"gpu_util"', change % number.encode())
        for place, number in enumerate(numbers)
    ]
    texts += [line(place).replace(b'"gpu_util"', change % b"1.5") for place in range(16)]
    compare(Batch(blocks=[LineBlock("events.ndjson", 1, b"\n".join(texts[::-1]))]))


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="aé€😀", max_size=9),
    st.text(alphabet="xß", min_size=100, max_size=150),
    st.sampled_from(("", "us-east-1", "us-east-2")),
)


@given(st.lists(TEXTS, min_size=16, max_size=40), st.booleans())
def test_strings_of_any_length_and_script_are_read_alike(words: list[str], some: bool) -> None:
    texts = [
        line(place).replace(b'"us-east-1"', json.dumps(word, ensure_ascii=False).encode())
        for place, word in enumerate(words)
    ]
    texts += [line(place).replace(b'"region":"us-east-1",', b"") for place in range(16 * some)]
    compare(Batch(blocks=[LineBlock("events.ndjson", 1, b"\n".join(texts))]))


@given(lines(), st.integers(1, 30), st.integers(9, 60))
def test_where_windows_and_strips_are_cut_changes_nothing(
    texts: list[bytes], strip: int, window: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "EVENTS_COMPARED", strip)
        patch.setattr(together, "EVENTS_TOGETHER", window)
        compare(Batch(blocks=[LineBlock("events.ndjson", 1, b"\n".join(texts))]))


INSTANTS = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "+01:30"),
    st.from_regex(
        r"[0-2]0[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
        r"(\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])?",
        fullmatch=True,
    ),
)


@given(st.lists(INSTANTS, min_size=16, max_size=40))
def test_instants_are_read_to_the_millisecond(instants: list[str]) -> None:
    old = b'"start":"2026-02-28T23:00:00Z"'
    texts = [
        line(place).replace(old, b'"start":"%s"' % instant.encode())
        for place, instant in enumerate(instants)
    ]
    compare(Batch(blocks=[LineBlock("events.ndjson", 1, b"\n".join([line(0), *texts]))]))


@settings(max_examples=20)
@given(st.permutations(sorted(usage_event(0))))
def test_the_order_of_keys_changes_nothing(keys: list[str]) -> None:
    event = usage_event(3)
    shuffled = json.dumps({key: event[key] for key in keys}).encode()
    first = decode(Batch(blocks=[LineBlock("a", 1, line(3))])).usage
    second = decode(Batch(blocks=[LineBlock("b", 1, shuffled)])).usage
    assert_frame_equal(first, second)
