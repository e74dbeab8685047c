"""The bytes of a run of claimed names: which region starts where.

Little endian, each region on a page of its own: a header; a filter, one bit for each equal slice
of the upper 64 bits, set where a name falls in it; a directory, the first row of each of fewer,
wider slices; then four columns of 64 bits: hi, lo, payload digest, time. Each region has room for
``capacity`` names; what a merge leaves unused is never written, so it takes no disk.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from streams.store.columns import I64, U64

MARK: Final = b"TWNAMES1"
PAGE_BYTES: Final = 4096
#: mark, capacity, rows, oldest and newest time in milliseconds since the epoch
HEADER: Final = struct.Struct("<8sQQqq")

_COLUMN_COUNT: Final = 4
#: Slices of filter a name, before rounding up to a power of two: under 1 fresh name in 8 passes.
_FILTER_SLICES: Final = 8
#: Names a slice of the directory, before rounding down: few enough to search in a few steps.
_DIRECTORY_NAMES: Final = 64


@dataclass(frozen=True)
class Layout:
    """Where everything is in a run with room for ``capacity`` names, in bytes from the start."""

    capacity: int

    @property
    def filter_bits(self) -> int:
        """The number of upper bits that pick a slice of the filter."""
        return max(6, (self.capacity * _FILTER_SLICES - 1).bit_length())

    @property
    def directory_bits(self) -> int:
        """The number of upper bits that pick a slice of the directory."""
        return max(1, (self.capacity // _DIRECTORY_NAMES).bit_length())

    @property
    def filter_bytes(self) -> int:
        """The length of the filter."""
        return (1 << self.filter_bits) // 8

    @property
    def directory_at(self) -> int:
        """The start of the directory."""
        return PAGE_BYTES + _whole_pages(self.filter_bytes)

    @property
    def columns_at(self) -> int:
        """The start of the first column."""
        return self.directory_at + _whole_pages(((1 << self.directory_bits) + 1) * 8)

    def column_at(self, place: int) -> int:
        """The start of a column: 0 hi, 1 lo, 2 payload digest, 3 time."""
        return self.columns_at + place * self.capacity * 8

    @property
    def total_bytes(self) -> int:
        """The length of the file; holes in it take no disk."""
        return self.column_at(_COLUMN_COUNT)


def slices(hi: U64, bits: int) -> I64:
    """Give the slice that each name falls in, by its ``bits`` uppermost bits."""
    return (hi >> np.uint64(64 - bits)).astype(np.int64)


def _whole_pages(size: int) -> int:
    return -(-size // PAGE_BYTES) * PAGE_BYTES
