"""Frames set aside on disk while everything is judged: one nameless file, gone when it is closed.

It lies beside the store, as a system's folder for temporary files is often memory.
"""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from streams.store.closing import Closing
from streams.store.errors import refusing


@dataclass(frozen=True)
class Place:
    """Where a frame lies in the file, in bytes."""

    at: int
    size: int


class Scratch(Closing):
    """Holds frames on disk; each is read back as it was put, with text of its own."""

    def __init__(self, folder: Path) -> None:
        """Make the file in this folder, or among the system's where nobody may write there."""
        self._folder = folder
        with refusing(folder):
            if not os.access(folder, os.W_OK):
                self._folder = Path(tempfile.gettempdir())
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed in close
        self._end = 0

    def put(self, frame: pl.DataFrame) -> Place:
        """Write a frame at the end of the file."""
        body = io.BytesIO()
        frame.write_ipc(body, compression="lz4")
        place = Place(self._end, body.tell())
        left = body.getbuffer()
        with refusing(self._folder):
            while left:
                written = os.pwrite(self._file.fileno(), left, self._end)
                left, self._end = left[written:], self._end + written
        return place

    def get(self, place: Place, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Read a frame, or these columns of it."""
        chosen = list(columns) if columns is not None else None
        return pl.read_ipc(io.BytesIO(self._read(place)), columns=chosen)

    def _read(self, place: Place) -> bytearray:
        """Read all of it: one call of the system gives two gigabytes at most."""
        body = bytearray(place.size)
        left, at = memoryview(body), place.at
        with refusing(self._folder):
            while left:
                if (read := os.preadv(self._file.fileno(), [left], at)) == 0:
                    raise OSError(errno.EIO, "the file is shorter than what was written to it")
                left, at = left[read:], at + read
        return body

    def close(self) -> None:
        """Let the file go."""
        with refusing(self._folder):
            self._file.close()
