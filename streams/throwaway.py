"""A folder for the length of one command, and away with those that killed commands left.

``kill -9`` and a power cut leave such a folder behind, as large as what was replayed. Each holds a
lock for as long as its process lives, so that the next command can tell which nobody needs. The
lock is taken before it gets its name: a folder with a lock that is free was left.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "trainwatch-"
LOCK_NAME: Final = "in-use"


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """Give an empty folder among the system's temporary ones; it is removed at the end.

    What earlier processes of this user left there is removed first.
    """
    remove_left(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        lock = _hold(folder)
        try:
            yield folder
        finally:
            os.close(lock)


def _hold(folder: Path) -> int:
    nameless = folder / f"{LOCK_NAME}.new"
    lock = os.open(nameless, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    nameless.rename(folder / LOCK_NAME)
    return lock


def remove_left(place: Path) -> list[Path]:
    """Remove the folders in ``place`` that killed commands of this user left; give their paths."""
    return [folder for folder in sorted(place.glob(f"{PREFIX}*")) if _remove(folder)]


def _remove(folder: Path) -> bool:
    """Remove one folder if it is ours and nobody holds its lock; what cannot be told stays."""
    try:
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return False
        lock = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:  # no folder of ours, or gone meanwhile
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _empty(folder)
    except OSError:  # held by a command that runs, or not ours to remove in part
        return False
    finally:
        os.close(lock)
    return True


def _empty(folder: Path) -> None:
    """Remove all of it, the lock last: a folder without one would never be removed again."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK_NAME:
            path.unlink()
    shutil.rmtree(folder)
