"""A refused event as a document: its text, cut where it is long, in base64 where it must be."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256

import pytest

from streams.dead_letters import RAW_BYTES_MAX, dead_letter
from streams.ports import Rejected

ORIGIN = {"file": "a.ndjson", "line": 7}


def _document(raw: bytes) -> dict[str, object]:
    _, body = dead_letter(Rejected(0, "not_json", "expected JSON", raw, ORIGIN))
    document: dict[str, object] = json.loads(body)
    return document


def test_a_short_text_is_kept_whole() -> None:
    assert _document(b'{"a') == {
        "reason": "not_json",
        "detail": "expected JSON",
        "raw": '{"a',
        "origin": ORIGIN,
    }


@pytest.mark.parametrize("mark", ["x", "é", "€", "😀"])
def test_a_long_text_is_cut_between_characters(mark: str) -> None:
    raw = b"." + (mark * 70_000).encode()
    document = _document(raw)
    kept = str(document["raw"]).encode()
    assert RAW_BYTES_MAX - 4 < len(kept) <= RAW_BYTES_MAX
    assert raw.startswith(kept)
    assert (document["raw_bytes"], document["raw_sha256"]) == (len(raw), sha256(raw).hexdigest())


def test_what_is_not_utf8_anywhere_is_written_in_base64() -> None:
    raw = b"x" * 70_000 + b"\xff"
    document = _document(raw)
    assert "raw" not in document
    assert b64decode(str(document["raw_base64"])) == raw[:RAW_BYTES_MAX]
    assert document["raw_bytes"] == len(raw)
