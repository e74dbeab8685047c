"""Frames as bytes (Arrow IPC) in numbered segments: append, read, merge size tiers.

The content is never interpreted. A merge is the caller's pure function, a commutative sum, so
which segments meet in it does not matter.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from streams.store.database import Database

Frames = Mapping[str, pl.DataFrame]
Merge = Callable[[Sequence[Frames]], Frames]

#: Segments below this many rows share the lowest tier; each tier holds eight times the one below.
#: A merge holds all its segments at once, so that more of them would cost memory.
LOWEST_TIER_ROWS: Final = 4096
FAN_IN: Final = 8
#: One blob is cut into parts of this size; SQLite allows 10^9 bytes in one.
PART_BYTES: Final = 64 * 2**20

Compression = Literal["lz4", "zstd"]


@dataclass(frozen=True)
class Segment:
    """One appended or merged piece of state; ``rows`` is the sum over its frames."""

    segment_id: int
    kind: str
    rows: int
    frames: Frames


def append_segment(database: Database, kind: str, frames: Frames, compression: Compression) -> None:
    """Write within the open transaction. What has no row in any frame is not written."""
    rows = sum(frame.height for frame in frames.values())
    if rows == 0:
        return
    segment_id = database.execute(
        "INSERT INTO segment (kind, rows) VALUES (?, ?)", (kind, rows)
    ).lastrowid
    for name, frame in frames.items():
        body = _to_bytes(frame, compression)
        database.execute_each(
            "INSERT INTO segment_part (segment, frame, part, body) VALUES (?, ?, ?, ?)",
            (
                (segment_id, name, part, body[start : start + PART_BYTES])
                for part, start in enumerate(range(0, len(body), PART_BYTES))
            ),
        )


def segments(database: Database, kind: str, only: Sequence[str] = ()) -> Iterator[Segment]:
    """Give the segments of a kind, oldest first, read one at a time; where asked, some frames."""
    listed = database.rows("SELECT id, rows FROM segment WHERE kind = ? ORDER BY id", (kind,))
    for segment_id, rows in listed:
        yield Segment(segment_id, kind, rows, _read(database, segment_id, only))


def full_tier(database: Database, kind: str, rows_below: int | None = None) -> list[int]:
    """Give the ids to merge next: as many as FAN_IN of the lowest full tier, or none.

    ``rows_below`` leaves segments of so many rows or more as they are.
    """
    tiers: dict[int, list[int]] = {}
    for segment_id, rows in database.rows(
        "SELECT id, rows FROM segment WHERE kind = ? ORDER BY id", (kind,)
    ):
        if rows_below is None or rows < rows_below:
            tiers.setdefault(_tier(rows), []).append(segment_id)
    full = [ids for _, ids in sorted(tiers.items()) if len(ids) >= FAN_IN]
    return full[0][:FAN_IN] if full else []


def all_of(database: Database, kind: str) -> list[int]:
    """Give the ids of every segment of a kind."""
    return [row[0] for row in database.rows("SELECT id FROM segment WHERE kind = ?", (kind,))]


def merge_segments(database: Database, kind: str, ids: Sequence[int], merge: Merge) -> None:
    """Replace these segments by their merge, in one transaction of its own."""
    merged = merge([_read(database, segment_id) for segment_id in ids])
    with database.transaction():
        keys = [(segment_id,) for segment_id in ids]
        database.execute_each("DELETE FROM segment_part WHERE segment = ?", keys)
        database.execute_each("DELETE FROM segment WHERE id = ?", keys)
        append_segment(database, kind, merged, "zstd")


def _tier(rows: int) -> int:
    return (max(rows // LOWEST_TIER_ROWS, 1).bit_length() - 1) // 3


def _to_bytes(frame: pl.DataFrame, compression: Compression) -> memoryview:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression=compression)
    return buffer.getbuffer()


def _read(database: Database, segment_id: int, only: Sequence[str] = ()) -> Frames:
    parts: dict[str, list[bytes]] = {}
    chosen = f" AND frame IN ({', '.join('?' * len(only))})" if only else ""
    for name, body in database.rows(
        f"SELECT frame, body FROM segment_part WHERE segment = ?{chosen} ORDER BY frame, part",
        (segment_id, *only),
    ):
        parts.setdefault(name, []).append(body)
    return {name: pl.read_ipc(io.BytesIO(b"".join(bodies))) for name, bodies in parts.items()}
