"""Contract: every event is accepted, a duplicate, rejected with a reason, or skipped."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.provider import (
    BODS,
    CORRECTION,
    TENANT,
    USAGE,
    Json,
    Ran,
    correction,
    event,
    hour,
    metered,
    replay,
    usage,
)

MEBIBYTE = 1024 * 1024
CUT = 64 * 1024
DAY = 24.0


def _text(value: object) -> bytes:
    return json.dumps(value).encode()


def _good(name: str = "good", **fields: Any) -> Json:
    return usage(name, 0, 1, **{"resource_id": f"r-{name}", **fields})


def _without(name: str) -> Json:
    return {key: value for key, value in _good("without").items() if key != name}


def _sized(bytes_wanted: int) -> bytes:
    text = _text(_good("sized"))
    return text[:-1] + b" " * (bytes_wanted - len(text)) + b"}"


ORIGINAL = _good("corrected")
SAME = _good("same")

#: (reason, the line as sent, a word that the detail must hold)
REFUSED: list[tuple[str, bytes, str]] = [
    ("not_json", b"{", "JSON"),
    ("not_json", _text(_good())[:-9], "JSON"),
    ("not_json", _text(_good()) + _text(_good()), "Extra data"),
    ("not_json", b'{"specversion": NaN}', "NaN"),
    ("bad_encoding", b'{"id":"\xff"}', "UTF-8"),
    ("bad_encoding", _text(_good("u", job_id="\ud800")), "surrogate"),
    ("duplicate_key", b'{"id":"a","id":"a"}', "'id'"),
    ("too_large", _sized(MEBIBYTE + 1), str(MEBIBYTE)),
    ("too_large", b'"' + b"\xc3\xa9" * 5_000_000 + b'"', "10000002"),
    ("not_cloudevent", b"[]", "object"),
    ("not_cloudevent", b"7", "object"),
    ("not_cloudevent", _text(_without("specversion")), "specversion"),
    ("not_cloudevent", _text(_good() | {"specversion": "0.3"}), "1.0"),
    ("not_cloudevent", _text(_without("id")), "id"),
    ("not_cloudevent", _text(_without("source")), "source"),
    ("not_cloudevent", _text(_without("type")), "type"),
    ("not_cloudevent", _text(_without("time")), "time"),
    ("unknown_type", _text(event("k", "trainwatch.usage.v2", 0, {})), "trainwatch.usage.v2"),
    ("missing_field", _text(event("m", USAGE, 0, None)), "data"),
    ("missing_field", _text(_good("m1", tenant_id=None)), "tenant_id"),
    ("missing_field", _text(_good("m2", resource_id=None)), "resource_id"),
    ("missing_field", _text(_good("m3", start=None)), "start"),
    ("missing_field", _text(_good("m4", end=None)), "end"),
    ("missing_field", _text(_good("m5", accelerator=None)), "instance_type"),
    ("missing_field", _text(_good("m6", accelerator_count=None)), "accelerator_count"),
    ("missing_field", _text(event("m7", TENANT, 0, {"name": "x"})), "tenant_id"),
    ("missing_field", _text(event("m8", "trainwatch.access.v1", 0, {})), "tenant_id"),
    (
        "missing_field",
        _text(event("m9", "trainwatch.declaration.v1", 0, {"tenant_id": "t"})),
        "declaration_id",
    ),
    ("missing_field", _text(event("m10", "trainwatch.opening.v1", 0, {"tenant_id": "t"})), "at"),
    ("missing_field", _text(event("m11", CORRECTION, 0, {"original_id": "x"})), "original"),
    (
        "missing_field",
        _text(event("m12", CORRECTION, 0, {"original_id": "x", "original": metered(0, 1)})),
        "replacement",
    ),
    ("missing_field", _text(event("m13", BODS, 0, {"recordType": "person"})), "recordId"),
    ("wrong_type", _text(_good("w1", tenant_id=7)), "tenant_id"),
    ("wrong_type", _text(_good("w2", accelerator_count="8")), "accelerator_count"),
    ("wrong_type", _text(_good("w3", accelerator_count=8.5)), "accelerator_count"),
    ("wrong_type", _text(_good("w4", accelerator_count=True)), "accelerator_count"),
    ("wrong_type", _text(_good("w5", telemetry=[])), "telemetry"),
    ("wrong_type", _text(_good("w6", telemetry={"gpu_util": "0.5"})), "gpu_util"),
    ("wrong_type", _text(_good("w7", start=7)), "start"),
    ("wrong_type", _text(_good() | {"id": 7}), "id"),
    ("wrong_type", _text(_good() | {"data": "x"}), "data"),
    (
        "wrong_type",
        _text(event("w8", TENANT, 0, {"tenant_id": "t", "is_reseller": "yes"})),
        "is_reseller",
    ),
    ("out_of_range", _text(_good("o1", accelerator_count=0)), "accelerator_count"),
    ("out_of_range", _text(_good("o2", partition_fraction=0)), "partition_fraction"),
    ("out_of_range", _text(_good("o3", partition_fraction=1.01)), "partition_fraction"),
    ("out_of_range", _text(_good("o4", vantage="moon")), "vantage"),
    ("out_of_range", _text(_good("o5", precision="fp12")), "precision"),
    ("out_of_range", _text(_good("o6", service_class="x")), "service_class"),
    ("out_of_range", _text(_good("o7", purchase_option="x")), "purchase_option"),
    (
        "out_of_range",
        _text(_good("o8")).replace(b'"accelerator_count": 1', b'"accelerator_count": 1e999'),
        "",
    ),
    ("bad_time", _text(_good("b1", start="2026-03-01T00:00:00")), "offset"),
    ("bad_time", _text(_good("b2", start="2026-03-01 00:00:00Z")), "start"),
    ("bad_time", _text(_good("b3", end="2026-02-30T00:00:00Z")), "end"),
    ("bad_time", _text(_good("b4") | {"time": "yesterday"}), "time"),
    ("interval_empty", _text(usage("e1", 1, 1)), "after start"),
    ("interval_empty", _text(usage("e2", 2, 1, time=3)), "after start"),
    ("interval_too_long", _text(usage("l1", 0, 31 * DAY + 0.001)), "31 days"),
    ("in_the_future", _text(usage("f1", 0, 24.001, time=0)), "a day"),
    ("in_the_future", _text(_good("f2") | {"time": "2999-01-01T00:00:00Z"}), "a day"),
    (
        "in_the_future",
        _text(event("f3", TENANT, "2999-01-01T00:00:00Z", {"tenant_id": "t"})),
        "day",
    ),
    ("too_late", _text(usage("t1", -12000, -11999, time=-11999 + 400 * DAY + 0.001)), "400 days"),
    ("conflicting_replay", _text(_good("same", job_id="other")), "payload"),
    ("conflicting_replay", _text(correction("c2", ORIGINAL, None, 3)), "second"),
    (
        "conflicting_replay",
        _text(correction("c3", usage("same", 0, 9, resource_id="r-same"), None, 9)),
        "first sent",
    ),
]

#: Lines that are fine, or no events at all, between the refused ones.
ACCEPTED: list[bytes] = [
    _text(SAME),
    _text(ORIGINAL),
    _text(correction("c1", ORIGINAL, None, 2)),
    _text(usage("edge-31-days", 0, 31 * DAY, resource_id="r1")),
    _text(usage("edge-a-day", 0, 24, time=0, resource_id="r2")),
    _text(usage("edge-400-days", -12000, -11999, time=-11999 + 400 * DAY, resource_id="r3")),
    _sized(MEBIBYTE),
    _text(_good("fields", strange=1, telemetry={"gpu_util": 2e0, "egress_bytes": 1e30, "odd": {}})),
    _text(_good("offset", start="2026-03-01T02:00:00+02:00", end="2026-03-01t03:00:00.5+02:00")),
]
DUPLICATES: list[bytes] = [
    _text(SAME),
    _text(dict(reversed(SAME.items())) | {"subject": "x", "time": hour(2)}),
    _text(SAME | {"data": SAME["data"] | {"accelerator_count": 1.0, "strange": 2}}),
]
BLANKS = [b"", b"   ", b"\t", b"\r"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    events = [*ACCEPTED, *BLANKS, *DUPLICATES, *(line for _, line, _ in REFUSED)]
    return replay(tmp_path_factory.mktemp("dead"), events, "--policy", "us-iaas-nprm-2024")


def _first_line() -> int:
    return len(ACCEPTED) + len(BLANKS) + len(DUPLICATES) + 1


def test_dead_letters_are_no_failure(ran: Ran) -> None:
    assert (ran.status, ran.errors) == (0, "")


@pytest.mark.parametrize("place", range(len(REFUSED)), ids=lambda n: f"{n}-{REFUSED[n][0]}")
def test_a_refused_event_has_its_reason_its_line_and_its_text(ran: Ran, place: int) -> None:
    reason, raw, word = REFUSED[place]
    letters = [
        letter
        for letter in ran.lines("dead_letters")
        if letter["origin"]["line"] == _first_line() + place
    ]
    assert len(letters) == 1
    (letter,) = letters
    assert letter["reason"] == reason
    assert word in letter["detail"]
    assert letter["origin"]["file"].endswith("events.ndjson")
    sent = letter["raw"].encode() if "raw" in letter else base64.b64decode(letter["raw_base64"])
    if len(raw) <= CUT:
        assert sent == raw
        return
    assert raw.startswith(sent)
    assert CUT - 4 < len(sent) <= CUT
    assert letter["raw_bytes"] == len(raw)
    assert letter["raw_sha256"] == hashlib.sha256(raw).hexdigest()


def test_only_what_is_not_utf8_is_written_in_base64(ran: Ran) -> None:
    found = [letter for letter in ran.lines("dead_letters") if "raw_base64" in letter]
    assert [base64.b64decode(letter["raw_base64"]) for letter in found] == [b'{"id":"\xff"}']


def test_dead_letters_come_in_the_order_of_arrival(ran: Ran) -> None:
    places = [letter["origin"]["line"] for letter in ran.lines("dead_letters")]
    assert places == sorted(places)
    assert len(places) == len(REFUSED)


def test_the_summary_accounts_for_every_event(ran: Ran) -> None:
    summary = ran.summary
    assert summary["events_read"] == len(ACCEPTED) + len(DUPLICATES) + len(REFUSED)
    assert summary["events_accepted"] == len(ACCEPTED)
    assert summary["events_duplicate"] == len(DUPLICATES)
    assert summary["events_rejected"] == len(REFUSED)
    assert summary["events_skipped"] == 0
    reasons = [reason for reason, _, _ in REFUSED]
    assert summary["by_reason"] == {reason: reasons.count(reason) for reason in set(reasons)}
    assert summary["by_type"] == {
        USAGE: {"accepted": len(ACCEPTED) - 1, "duplicate": len(DUPLICATES)},
        CORRECTION: {"accepted": 1},
    }


def test_every_reason_of_the_contract_was_met() -> None:
    reasons = (
        "not_json bad_encoding duplicate_key too_large not_cloudevent unknown_type missing_field "
        "wrong_type out_of_range bad_time interval_empty interval_too_long in_the_future too_late "
        "conflicting_replay"
    )
    assert {reason for reason, _, _ in REFUSED} == set(reasons.split())


def test_unknown_fields_are_counted(ran: Ran) -> None:
    assert ran.summary["unknown_fields"] == {
        "data.strange": 2,
        "data.telemetry.odd": 1,
    }


def test_wall_seconds_are_told(ran: Ran) -> None:
    told = json.loads(Path(ran.out / "summary.json").read_text())["wall_seconds"]
    assert isinstance(told, int | float)
    assert told >= 0
