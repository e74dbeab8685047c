"""Throw-away folders: gone at the end, and those of killed commands gone at the next start."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from streams.throwaway import LOCK_NAME, remove_left, throwaway_folder

KILLED = """
import os, signal
from streams.throwaway import throwaway_folder
with throwaway_folder() as folder:
    (folder / "store").mkdir()
    (folder / "store" / "store.sqlite").write_bytes(b"much")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(place: Path, name: str) -> Path:
    folder = place / name
    (folder / "store").mkdir(parents=True)
    (folder / "store" / "names").write_bytes(b"much")
    (folder / LOCK_NAME).touch()
    return folder


def test_it_is_empty_but_for_its_lock_and_gone_at_the_end(place: Path) -> None:
    with throwaway_folder() as folder:
        assert [path.name for path in folder.iterdir()] == [LOCK_NAME]
        assert list(place.iterdir()) == [folder]
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(place: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "TMPDIR": str(place)},
        check=False,
        timeout=60,
    )
    (old,) = place.iterdir()
    assert (ended.returncode, (old / "store" / "store.sqlite").exists()) == (-9, True)
    with throwaway_folder() as folder:
        assert list(place.iterdir()) == [folder]


def test_only_a_folder_with_a_free_lock_of_ours_is_removed(place: Path) -> None:
    free, held = left(place, "trainwatch-free"), left(place, "trainwatch-held")
    left(place, "another-program")
    (place / "trainwatch-events.ndjson").touch()
    (place / "trainwatch-by-hand").mkdir()
    (place / "trainwatch-link").symlink_to(left(place, "elsewhere"))
    lock = os.open(held / LOCK_NAME, os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        assert remove_left(place) == [free]
        with throwaway_folder():
            assert remove_left(place) == []
    finally:
        os.close(lock)
    assert sorted(path.name for path in place.iterdir()) == [
        "another-program",
        "elsewhere",
        "trainwatch-by-hand",
        "trainwatch-events.ndjson",
        "trainwatch-held",
        "trainwatch-link",
    ]


def test_the_folder_of_another_user_is_left_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = left(place, "trainwatch-theirs")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert remove_left(place) == []
    assert folder.is_dir()
