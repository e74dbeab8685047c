"""Files in: blocks that end at line ends, arrays at their lines, tears told at the end."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest
import zstandard

from streams.codec import begins_with_lines, inflated
from streams.files import FileSource, InputError, find_inputs
from streams.ports import LineBlock


def _blocks(path: Path, block_bytes: int) -> tuple[list[LineBlock], list[str]]:
    source = FileSource([path], block_bytes)
    found: list[LineBlock] = []
    while not source.exhausted:
        batch = source.poll(0.0)
        found += batch.blocks if batch is not None else ()
    return found, [str(failure) for failure in source.failures]


def test_blocks_hold_whole_lines_and_say_at_which_line_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    text = b"".join(b"%d\n" % number for number in range(400_000)) + b"400000"
    path.write_bytes(text)
    blocks, failures = _blocks(path, 1)
    assert (b"".join(block.buffer for block in blocks), failures) == (text, [])
    assert len(blocks) > 1
    for block in blocks:
        assert int(block.buffer.split(b"\n", 1)[0]) == block.first_line - 1


def test_a_tear_is_told_after_everything_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    noise = random.Random(1).randbytes(3_000_000).hex().encode()
    whole = b"\n".join(noise[start : start + 60] for start in range(0, len(noise), 60))
    path.write_bytes(gzip.compress(whole)[:-1000])
    blocks, failures = _blocks(path, 1_000_000)
    read = b"".join(block.buffer for block in blocks)
    assert whole.startswith(read)
    assert len(read) > len(whole) - 5000
    assert len(failures) == 1
    assert "the compressed stream ends before its end mark" in failures[0]


def test_every_byte_before_a_broken_one_is_given() -> None:
    data = bytearray(gzip.compress(b"x" * 10_000))
    data[-6] ^= 1  # in the checksum
    given: list[bytes] = []
    chunks = inflated(iter([bytes(data)]), ".gz")
    with pytest.raises(Exception, match="incorrect data check"):
        given.extend(chunks)
    assert b"".join(given) == b"x" * 10_000


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("bytes_at_once", [1, 300, 1_000_000])
def test_padding_after_a_member_is_passed_over_wherever_it_is_cut(
    suffix: str, bytes_at_once: int
) -> None:
    member = (gzip.compress if suffix == ".gz" else zstandard.compress)(b"one line\n")
    data = member + bytes(700) + member + bytes(700)
    chunks = (data[at : at + bytes_at_once] for at in range(0, len(data), bytes_at_once))
    assert b"".join(inflated(chunks, suffix)) == b"one line\n" * 2


def test_an_array_without_an_end_of_its_own_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a":\n1},\n{"b":2},{"c')
    assert _blocks(path, 1)[0] == [
        LineBlock(str(path), 1, b'{"a":\r1}\n\n{"b":2}'),
        LineBlock(str(path), 3, b'{"c'),
    ]


@pytest.mark.parametrize(
    ("head", "is_lines"),
    [
        (b"", True),
        (b'{"a":1}', True),
        (b'{"a":1}\n{"b":2}\n', True),
        (b'\xef\xbb\xbf\n {"a":1}\n', True),
        (b'{"broken":\n{"b":2}\n', True),
        (b"bad\n{}\n", True),
        (b"[", False),
        (b"\xef\xbb\xbf\r\n[{}]", False),
        (b'{\n "a": 1\n}\n', False),
        (b'{"a": 1,\r\n "b": 2}', False),
    ],
)
def test_a_json_file_holds_lines_unless_its_first_value_goes_on(
    head: bytes, is_lines: bool
) -> None:
    assert begins_with_lines(head) is is_lines


def test_our_own_files_in_the_output_folder_are_no_inputs(tmp_path: Path) -> None:
    for name in ("b.ndjson", "reports.ndjson", "summary.json", ".c.ndjson"):
        (tmp_path / name).write_bytes(b"")
    assert find_inputs([tmp_path], tmp_path) == [tmp_path / "b.ndjson"]
    assert find_inputs([tmp_path], tmp_path / "out") == [
        tmp_path / name for name in ("b.ndjson", "reports.ndjson", "summary.json")
    ]
    (tmp_path / "b.ndjson").unlink()
    with pytest.raises(InputError, match=r"expected a folder with \*\.ndjson"):
        find_inputs([tmp_path], tmp_path)


def test_links_are_followed_and_each_folder_is_read_once(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere"
    for place in (folder, elsewhere, elsewhere / ".hidden"):
        place.mkdir()
        (place / "a.ndjson").write_bytes(b"")
    (folder / "again").symlink_to(elsewhere)
    (folder / "linked").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(folder)
    (folder / "z.ndjson").symlink_to(elsewhere / "a.ndjson")
    assert find_inputs([folder]) == [
        folder / name for name in ("a.ndjson", "again/a.ndjson", "z.ndjson")
    ]


@pytest.mark.parametrize("is_in_a_folder", [True, False])
@pytest.mark.parametrize("kind", ["pipe", "loose link", "circle"])
def test_what_cannot_be_read_twice_is_told_and_never_waited_for(
    tmp_path: Path, kind: str, is_in_a_folder: bool
) -> None:
    path = tmp_path / "b.ndjson"
    (tmp_path / "a.ndjson").write_bytes(b"")
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path if kind == "circle" else tmp_path / "nothing")
    with pytest.raises(InputError, match=rf"{path}: expected a file"):
        find_inputs([tmp_path if is_in_a_folder else path])


def test_a_name_that_no_file_system_takes_is_told_in_one_line() -> None:
    with pytest.raises(InputError, match="File name too long"):
        find_inputs([Path("x" * 300 + ".ndjson")])


def test_a_folder_within_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "a.ndjson").write_bytes(b"")
    listdir = os.listdir

    def refusing(path: Path) -> list[str]:  # a test may run as root, whom nothing is closed to
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refusing)
    with pytest.raises(InputError, match=rf"{closed}: expected .* \(Permission denied\)"):
        find_inputs([tmp_path])
