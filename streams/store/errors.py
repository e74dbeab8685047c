"""The one error of the store, and the translation of what SQLite and the disk say into it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final


class StoreError(Exception):
    """The store cannot go on. What was committed before is intact."""

    def __init__(self, *, where: Path, expected: str, came: str, remedy: str) -> None:
        super().__init__(f"{where}: expected {expected}, came {came}; {remedy}")


_FULL: Final = "free space on this disk (or raise its quota) and start again"
_FAILED: Final = "check this disk (the system's log tells what failed) and start again"
DENIED: Final = "give this user the right to write there, or set another [store] path"
_DAMAGED: Final = "restore the directory from a backup, or set an empty [store] path and replay"
_HELD: Final = "stop the other program that has this store open and start again"

_SQLITE: Final = (
    ("SQLITE_FULL", "space to write", _FULL),
    ("SQLITE_IOERR", "a disk that can be read and written", _FULL),
    ("SQLITE_READONLY", "a store that can be written", DENIED),
    ("SQLITE_CANTOPEN", "a store that can be opened", DENIED),
    ("SQLITE_PERM", "a store that can be opened", DENIED),
    ("SQLITE_BUSY", "no other user of the store", _HELD),
    ("SQLITE_LOCKED", "no other user of the store", _HELD),
    ("SQLITE_NOTADB", "a trainwatch store", _DAMAGED),
    ("SQLITE_CORRUPT", "a sound store", _DAMAGED),
)
_DISK: Final = {
    errno.ENOSPC: ("space to write", _FULL),
    errno.EDQUOT: ("space to write", _FULL),
    errno.EFBIG: ("space to write", _FULL),
    errno.EIO: ("a disk that can be read and written", _FAILED),
}


def damaged(where: Path, expected: str, came: str) -> StoreError:
    """Give the error that tells of a file that is not as it was written."""
    return StoreError(where=where, expected=expected, came=came, remedy=_DAMAGED)


@contextmanager
def refusing(where: Path, denied: str = DENIED) -> Iterator[None]:
    """Turn what the disk and SQLite refuse into a StoreError; our own mistakes pass through.

    Args:
        where: The place that the error names.
        denied: What to do where it may not be written.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        for prefix, expected, remedy in _SQLITE:
            if name.startswith(prefix):
                came = f"{error} ({name})"
                told = denied if remedy == DENIED else remedy
                raise StoreError(where=where, expected=expected, came=came, remedy=told) from error
        raise
    except OSError as error:
        expected, remedy = _DISK.get(error.errno or 0, ("a directory to write in", denied))
        raise StoreError(
            where=where, expected=expected, came=f"{error.strerror or error}", remedy=remedy
        ) from error
