"""Consecutive records of one batch as they leave the library: one buffer, and columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from streams.broker.framing import Framing, Headers, Numbers, read_framing

#: Offsets and timestamps further from zero are left to the library, whose numbers have no limit.
_FAR: Final = 2**62


@dataclass(frozen=True)
class Stretch:
    """Records of one partition with the same headers, at least one, in the order of their offsets.

    Timestamps are milliseconds since the epoch. Lengths of -1 mean null.
    """

    buffer: bytes | bytearray
    headers: Headers
    offsets: Numbers
    timestamps: Numbers
    key_starts: Numbers
    key_lengths: Numbers
    value_starts: Numbers
    value_lengths: Numbers

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def offset(self) -> int:
        """Offset of the last record."""
        return int(self.offsets[-1])

    @property
    def timestamp(self) -> int:
        """Timestamp of the last record."""
        return int(self.timestamps[-1])

    @property
    def value_bytes(self) -> int:
        """Bytes of all values."""
        return int(np.maximum(self.value_lengths, 0).sum())

    def until(self, byte_count: int) -> int:
        """Tell how many records from the first on reach so many bytes of values; at most all."""
        sizes = np.cumsum(np.maximum(self.value_lengths, 0))
        return min(len(self), int(np.searchsorted(sizes, byte_count)) + 1)

    def from_offset(self, offset: int) -> Stretch:
        """Give the records from this offset on; there must be one."""
        return self.part(int(np.searchsorted(self.offsets, offset)), len(self))

    def part(self, begin: int, end: int) -> Stretch:
        """Give the records from place ``begin`` up to ``end``."""
        if (begin, end) == (0, len(self)):
            return self
        names = ("offsets", "timestamps", "key_starts", "key_lengths", "value_starts")
        cut = {name: getattr(self, name)[begin:end] for name in (*names, "value_lengths")}
        return replace(self, **cut)


@dataclass(frozen=True)
class BatchHead:
    """What the head of a batch says: offset and timestamp that deltas count from.

    ``appended_at`` is the timestamp of all its records where the broker sets it.
    """

    offset: int
    timestamp: int
    appended_at: int | None


def stretch_of(
    head: BatchHead, buffer: bytes | bytearray, begin: int, count: int
) -> Stretch | None:
    """Give a whole batch, or None where it has to be read record by record."""
    framing = read_framing(buffer, begin, count)
    if framing is None:
        return None
    timestamps = _timestamps(head, framing.timestamp_deltas)
    if timestamps is None or not 0 <= head.offset < _FAR:
        return None
    return _stretch(head, buffer, framing, timestamps)


def _stretch(
    head: BatchHead, buffer: bytes | bytearray, framing: Framing, timestamps: Numbers
) -> Stretch:
    return Stretch(
        *(buffer, framing.headers, head.offset + framing.offset_deltas, timestamps),
        *(framing.key_starts, framing.key_lengths),
        *(framing.value_starts, framing.value_lengths),
    )


def _timestamps(head: BatchHead, deltas: Numbers) -> Numbers | None:
    if head.appended_at is not None:
        return np.full(len(deltas), head.appended_at, dtype=np.int64)
    least, most = int(deltas.min()), int(deltas.max())
    if max(-head.timestamp, head.timestamp, -least, most) >= _FAR:
        return None
    return head.timestamp + deltas
