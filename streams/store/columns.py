"""Claimed names of one kind as sorted columns: sort, merge, and find exactly by 128 bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Keys:
    """Names alone, in ascending order of (hi, lo): the two halves of 128 bits."""

    hi: U64
    lo: U64

    def __len__(self) -> int:
        return len(self.hi)

    def find(self, hi: U64, lo: U64) -> I64:
        """Give the row of each name asked for, -1 where it is not here.

        ``hi`` should be ascending: neighbours then share what the processor has at hand.
        """
        return self.match(np.searchsorted(self.hi, hi).astype(np.int64), hi, lo)

    def match(self, at: I64, hi: U64, lo: U64) -> I64:
        """Give the row of each name, -1 where it is not here, from the first row not below it."""
        if not len(self):
            return np.full(len(hi), -1, np.int64)
        inside = np.minimum(at, len(self) - 1)
        rows = np.full(len(hi), -1, np.int64)
        same_hi = np.flatnonzero(self.hi[inside] == hi)
        same = self.lo[inside[same_hi]] == lo[same_hi]
        rows[same_hi[same]] = inside[same_hi[same]]
        # Names that share their upper 64 bits: one in 10^6 stores of 10^7, unless someone tries.
        for asked in same_hi[~same]:
            rows[asked] = self._find_among_equals(int(at[asked]), hi[asked], lo[asked])
        return rows

    def first_repeat(self) -> int | None:
        """Give the first row whose name the row before it has too."""
        again = (self.hi[1:] == self.hi[:-1]) & (self.lo[1:] == self.lo[:-1])
        where = np.flatnonzero(again)
        return int(where[0]) + 1 if len(where) else None

    def _find_among_equals(self, first: int, hi: np.uint64, lo: np.uint64) -> int:
        last = int(np.searchsorted(self.hi, hi, side="right"))
        row = first + int(np.searchsorted(self.lo[first:last], lo))
        return row if row < last and self.lo[row] == lo else -1


@dataclass(frozen=True)
class NameColumns(Keys):
    """Names with what was claimed; ``time_ms`` is milliseconds since the epoch, UTC."""

    digest: U64
    time_ms: I64

    def take(self, rows: slice | npt.NDArray[np.bool_] | I64) -> NameColumns:
        """Give these rows; they stay in order where ``rows`` ascends."""
        return NameColumns(self.hi[rows], self.lo[rows], self.digest[rows], self.time_ms[rows])

    def since(self, horizon_ms: int) -> NameColumns:
        """Keep the names that are not older than the horizon."""
        fresh = self.time_ms >= horizon_ms
        return self if fresh.all() else self.take(fresh)

    def to_bytes(self) -> bytes:
        """Write the four columns one after the other, 32 bytes a name, little endian."""
        columns = (self.hi, self.lo, self.digest, self.time_ms.view(np.uint64))
        return b"".join(column.astype("<u8", copy=False).tobytes() for column in columns)

    @classmethod
    def from_bytes(cls, body: bytes) -> NameColumns:
        """Read what ``to_bytes`` wrote."""
        hi, lo, digest, time = np.frombuffer(body, "<u8").reshape(4, -1)
        return cls(hi, lo, digest, time.view(np.int64))


def sorted_names(parts: Sequence[NameColumns]) -> NameColumns:
    """Put any parts together in order. Sorted parts cost a merge, not a sort."""
    together = NameColumns(
        np.concatenate([part.hi for part in parts] or [np.empty(0, np.uint64)]),
        np.concatenate([part.lo for part in parts] or [np.empty(0, np.uint64)]),
        np.concatenate([part.digest for part in parts] or [np.empty(0, np.uint64)]),
        np.concatenate([part.time_ms for part in parts] or [np.empty(0, np.int64)]),
    )
    order = np.argsort(together.hi, kind="stable" if len(parts) > 1 else None)
    ascending = together.hi[order]
    if np.any(ascending[1:] == ascending[:-1]):
        order = np.lexsort((together.lo, together.hi))
    return together.take(order)
