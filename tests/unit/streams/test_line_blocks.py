"""Whole lines in blocks; a line that is too long goes by, whatever its size, and is told of."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest
import zstandard

from streams.codec import EVENT_BYTES_MAX, decode, inflated
from streams.dead_letters import dead_letters
from streams.line_blocks import line_blocks
from streams.ports import Batch, LineBlock

MEBIBYTE = 2**20
BLOCK = 2 * MEBIBYTE


def pieces(data: bytes, size: int = 700_001) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def blocks_of(data: bytes) -> list[LineBlock]:
    return list(line_blocks("a.ndjson", pieces(data), BLOCK))


def letters(blocks: list[LineBlock]) -> list[dict[str, object]]:
    found = []
    for block in blocks:
        rejected = decode(Batch(blocks=(block,))).rejected
        found += [json.loads(body) for _, body in dead_letters(rejected, (block,))]
    return found


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_longer_than_a_block_is_one_dead_letter_that_tells_of_all_of_it(end: bytes) -> None:
    line = b'{"a":"' + b"x" * 5 * MEBIBYTE
    found = letters(blocks_of(b"one\n" + line + end))
    assert [each["reason"] for each in found] == ["not_json", "too_large"]
    assert found[1] == {
        "reason": "too_large",
        "detail": f"expected at most {EVENT_BYTES_MAX} bytes, got {len(line)}",
        "raw": line[: 64 * 1024].decode(),
        "raw_bytes": len(line),
        "raw_sha256": sha256(line).hexdigest(),
        "origin": {"file": "a.ndjson", "line": 2},
    }


def test_lines_after_a_long_one_keep_their_numbers() -> None:
    text = b"\n".join([b"1", b"x" * 3 * MEBIBYTE, b"3", b"y" * 6 * MEBIBYTE, b"5", b"", b"7"])
    found = [(each["reason"], each["origin"]) for each in letters(blocks_of(text))]
    assert found == [
        (reason, {"file": "a.ndjson", "line": line})
        for line, reason in enumerate(
            ["not_cloudevent", "too_large", "not_cloudevent", "too_large", "not_cloudevent"], 1
        )
    ][:5] + [("not_cloudevent", {"file": "a.ndjson", "line": 7})]


def test_a_long_blank_line_is_no_event_and_a_long_blank_beginning_hides_none() -> None:
    blank = b" " * 4 * MEBIBYTE
    assert letters(blocks_of(blank + b"\n")) == []
    (found,) = letters(blocks_of(blank + b"x" + b"\n"))
    assert (found["reason"], found["raw_bytes"]) == ("too_large", len(blank) + 1)


def test_a_long_line_that_is_not_utf8_is_given_in_base64() -> None:
    (found,) = letters(blocks_of(b"x" * 4 * MEBIBYTE + b"\xff\n"))
    assert "raw" not in found
    assert found["raw_bytes"] == 4 * MEBIBYTE + 1


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_small_file_that_inflates_to_a_huge_line_is_held_in_small_pieces(suffix: str) -> None:
    size = 64 * MEBIBYTE
    pack = gzip.compress if suffix == ".gz" else zstandard.ZstdCompressor().compress
    packed = pack(b"\x00" * size)
    tracemalloc.start()
    blocks = line_blocks("a.ndjson" + suffix, inflated(iter([packed]), suffix), BLOCK)
    (found,) = letters(list(blocks))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found["reason"], found["raw_bytes"]) == ("too_large", size)
    assert peak < 32 * MEBIBYTE
