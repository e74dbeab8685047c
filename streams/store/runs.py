"""A run: one immutable file of claimed names in order, mapped into memory, 33 to 34 bytes a name.

It is finished and on disk before the database says that it exists.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streams.store.columns import I64, U64, NameColumns
from streams.store.errors import damaged, refusing
from streams.store.layout import HEADER, MARK, PAGE_BYTES, Layout, slices


class Run:
    """A finished run. Only the pages that a look-up touches are read."""

    def __init__(self, run_id: int, file: Path) -> None:
        self.run_id = run_id
        self.file = file
        mapped = self._map = _mapped(file)
        mark, capacity, rows, self.oldest_ms, self.newest_ms = HEADER.unpack_from(mapped)
        layout = Layout(capacity)
        if mark != MARK or rows > capacity or len(mapped) != layout.total_bytes:
            wanted = f"a whole run of names (it starts with {MARK!r})"
            raise damaged(file, wanted, f"{len(mapped)} bytes that start with {mark!r}")
        self._filter_bits = layout.filter_bits
        self._directory_bits = layout.directory_bits
        self._filter: npt.NDArray[np.uint8] = np.frombuffer(
            mapped, np.uint8, layout.filter_bytes, PAGE_BYTES
        )
        self._starts: I64 = np.frombuffer(
            mapped, "<i8", (1 << layout.directory_bits) + 1, layout.directory_at
        )
        hi, lo, digest, time = (
            np.frombuffer(mapped, "<u8", rows, layout.column_at(place)) for place in range(4)
        )
        self.columns = NameColumns(hi, lo, digest, time.view(np.int64))

    @property
    def mapped_bytes(self) -> int:
        """The length of the file, unused room included."""
        return len(self._map)

    def __len__(self) -> int:
        return len(self.columns)

    def find(self, hi: U64, lo: U64) -> I64:
        """Give the row of each name asked for, -1 where it is not here; ``hi`` ascending."""
        rows = np.full(len(hi), -1, np.int64)
        narrow = slices(hi, self._filter_bits)
        passing = (self._filter[narrow >> 3] >> (narrow & 7).astype(np.uint8)) & 1
        maybe = np.flatnonzero(passing)
        hi, lo = hi[maybe], lo[maybe]
        rows[maybe] = self.columns.match(self._first_at_least(hi), hi, lo)
        return rows

    def bytes_on_disk(self) -> int:
        """Give the bytes the file takes; unused room takes none."""
        return self.file.stat().st_blocks * 512

    def release(self) -> None:
        """Give mapped pages back; the system keeps them at hand for as long as it has room."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def remove(self) -> None:
        """Unlink the file; the mapping goes when the last look-up lets go of it."""
        with refusing(self.file):
            self.file.unlink(missing_ok=True)

    def _first_at_least(self, hi: U64) -> I64:
        """Give the first row not below each ``hi``: halve the slice of the directory it is in.

        One search over the whole column would touch a new page at each of its steps.
        """
        wide = slices(hi, self._directory_bits)
        low, high = self._starts[wide], self._starts[wide + 1]
        while np.any(low < high):
            unsettled = low < high
            middle = np.minimum((low + high) >> 1, len(self) - 1)
            below = unsettled & (self.columns.hi[middle] < hi)
            low = np.where(below, middle + 1, low)
            high = np.where(unsettled & ~below, middle, high)
        return low


def _mapped(file: Path) -> mmap.mmap:
    with refusing(file):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            if size < PAGE_BYTES:
                raise damaged(file, f"at least {PAGE_BYTES} bytes", f"{size} bytes")
            return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)
