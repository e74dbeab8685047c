"""Relationship files of GLEIF from disk: plain or packed, dated and hashed, refused in one line."""

from __future__ import annotations

import gzip
import os
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from detector.who.gleif import REQUIRED
from streams.cli import main
from streams.lists import ListFileError, read_lists
from streams.packaged import build_meaning, default_policies

CELLS = ("CHILD", "LEI", "PARENT", "LEI", "IS_DIRECTLY_CONSOLIDATED_BY", "ACTIVE", "PUBLISHED")
CONTENT = f"{','.join(REQUIRED)}\n{','.join(CELLS)}\n".encode()
ROWS = [("CHILD", "PARENT", True, True, None, None)]


def zipped(*names: str) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, CONTENT)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rr.csv", CONTENT),
        ("rr.csv.gz", gzip.compress(CONTENT)),
        ("rr.csv.zip", zipped("rr.csv")),
    ],
)
def test_a_file_is_read_as_it_is_published_and_named_with_date_and_digest(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    os.utime(path, (0, 1_790_000_000))
    found = read_lists([], (), [path])
    assert found.gleif is not None
    assert found.gleif.relationships.rows() == ROWS
    assert (found.labels, found.screener) == (
        (f"{name} 2026-09-21 sha256:{sha256(content).hexdigest()}",),
        None,
    )
    meaning = build_meaning(default_policies(), lists=found)
    assert (meaning.provenance.lists, meaning.gleif) == (found.labels, found.gleif)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("rr.csv", b"LEI\n", "expected a GLEIF relationship file"),
        ("rr.csv.gz", b"torn", "expected a file that can be unpacked, got: Not a gzipped file"),
        ("rr.zip", b"torn", "expected a file that can be unpacked, got: File is not a zip file"),
        ("rr.zip", zipped("a.csv", "b.csv"), "expected one file in the archive, got 2; unpack it"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ListFileError) as refused:
        read_lists([], (), [path])
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value)


def test_a_missing_file_ends_a_replay_with_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, none = tmp_path / "events.ndjson", tmp_path / "none.csv"
    events.touch()
    out = tmp_path / "out"
    asked = ["replay", str(events), "--out", str(out), "--gleif", str(none)]
    assert (main(asked), out.exists()) == (3, False)
    assert capsys.readouterr().err == (
        f"trainwatch: {none}: expected a readable relationship file (No such file or directory); "
        "check it\n"
    )
