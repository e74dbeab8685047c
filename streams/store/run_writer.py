"""Writes a run of claimed names, part after part, so that no step of it is long."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from streams.store.columns import NameColumns
from streams.store.errors import refusing
from streams.store.layout import HEADER, MARK, PAGE_BYTES, Layout, slices


class RunWriter:
    """Writes a run from parts in ascending order; each part is on disk when ``append`` returns."""

    def __init__(self, file: Path, capacity: int, *, durable: bool) -> None:
        self._file = file
        self._layout = Layout(capacity)
        self._durable = durable
        self._rows = 0
        self._oldest_ms, self._newest_ms = 0, 0
        self._last_byte = (0, 0)  # place and value of the filter byte that two parts may share
        self._slice_rows = np.zeros(1 << self._layout.directory_bits, np.int64)
        with refusing(file):
            self._descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600)
            try:
                os.ftruncate(self._descriptor, self._layout.total_bytes)
            except OSError:
                self.abandon()
                raise

    def append(self, names: NameColumns) -> None:
        """Write names that all come after those written before."""
        if not len(names):
            return
        columns = (names.hi, names.lo, names.digest, names.time_ms.view(np.uint64))
        with refusing(self._file):
            for place, column in enumerate(columns):
                at = self._layout.column_at(place) + self._rows * 8
                self._write(column.astype("<u8", copy=False).tobytes(), at)
            self._append_filter(names)
            self._flush()
        wide = slices(names.hi, self._layout.directory_bits)
        self._slice_rows += np.bincount(wide, minlength=len(self._slice_rows))
        oldest, newest = int(names.time_ms.min()), int(names.time_ms.max())
        self._oldest_ms = min(self._oldest_ms, oldest) if self._rows else oldest
        self._newest_ms = max(self._newest_ms, newest) if self._rows else newest
        self._rows += len(names)

    def finish(self) -> None:
        """Write directory and header; from here on the file is a run, registered or not."""
        layout = self._layout
        starts = np.concatenate([[0], np.cumsum(self._slice_rows)]).astype("<u8")
        header = HEADER.pack(MARK, layout.capacity, self._rows, self._oldest_ms, self._newest_ms)
        with refusing(self._file):
            self._write(starts.tobytes(), layout.directory_at)
            self._write(header, 0)
            self._flush()
            self._close()
            if self._durable:
                _sync_directory(self._file.parent)

    def abandon(self) -> None:
        """Remove the unfinished file."""
        with refusing(self._file):
            self._close()
            self._file.unlink(missing_ok=True)

    def _append_filter(self, names: NameColumns) -> None:
        narrow = slices(names.hi, self._layout.filter_bits)
        first = int(narrow[0]) >> 3
        marks = np.zeros(((int(narrow[-1]) >> 3) - first + 1) * 8, np.bool_)
        marks[narrow - first * 8] = True
        packed = np.packbits(marks, bitorder="little")
        place, value = self._last_byte
        if place == first:
            packed[0] |= value
        self._last_byte = (first + len(packed) - 1, int(packed[-1]))
        self._write(packed.tobytes(), PAGE_BYTES + first)

    def _write(self, body: bytes, at: int) -> None:
        """Write all bytes; near a file-size limit or a full disk only a part goes at first."""
        left = memoryview(body)
        while left:
            written = os.pwrite(self._descriptor, left, at)
            left, at = left[written:], at + written

    def _flush(self) -> None:
        if self._durable:
            os.fsync(self._descriptor)

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _sync_directory(directory: Path) -> None:
    """Make the names of new files in this directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
