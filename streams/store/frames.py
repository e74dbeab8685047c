"""Frames as bytes (Arrow IPC) in numbered segments: append, read, merge size tiers.

The content is never interpreted. A merge is the caller's pure function, a commutative sum, so
which segments meet in it does not matter. Eight segments of a tier become one of the next. Large
ones are not merged as they are, for a merge holds all of them: one by one they are dealt out by
key to eight branches of their kind, where what meets is an eighth.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from streams.store.database import BRANCHED_VERSION, Database
from streams.store.errors import damaged

Frames = Mapping[str, pl.DataFrame]
Merge = Callable[[Sequence[Frames]], Frames]
#: Cuts the frames of one segment by key into BRANCHES parts; an integer tells how often they were
#: cut before, so that other bits of the key decide.
Deal = Callable[[Frames, int], Iterable[Frames]]

#: Segments below this many rows share the lowest tier; each tier holds eight times the one below.
#: A merge holds all its segments at once, so that more of them would cost memory.
LOWEST_TIER_ROWS: Final = 4096
FAN_IN: Final = 8
#: Segments of this tier, of 262,144 rows or more, are dealt out. A merge holds eight times as many.
DEALT_TIER: Final = 2
BRANCHES: Final = 8
#: Stands between a kind and the number of a branch of it; from then on the store's version is 2.
_BRANCH: Final = "#"
_OF_KIND: Final = "(kind = ? OR kind GLOB ? || '#*')"
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


@dataclass(frozen=True)
class Due:
    """Segments of one full tier of a kind, or of a branch of it; the oldest first."""

    kind: str
    tier: int
    ids: Sequence[int]


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
    listed = database.rows(
        f"SELECT id, rows FROM segment WHERE {_OF_KIND} ORDER BY id", (kind, kind)
    )
    for segment_id, rows in listed:
        yield Segment(segment_id, kind, rows, _read(database, segment_id, only))


def full_tier(database: Database, kind: str, rows_below: int | None = None) -> Due | None:
    """Give the lowest full tier of a kind and of its branches, FAN_IN of it, or None.

    ``rows_below`` leaves segments of so many rows or more as they are.
    """
    tiers: dict[tuple[int, str], list[int]] = {}
    for segment_id, own, rows in database.rows(
        f"SELECT id, kind, rows FROM segment WHERE {_OF_KIND} ORDER BY id", (kind, kind)
    ):
        if rows_below is None or rows < rows_below:
            tiers.setdefault((_tier(rows), own), []).append(segment_id)
    full = min((key for key, ids in tiers.items() if len(ids) >= FAN_IN), default=None)
    return None if full is None else Due(full[1], full[0], tiers[full][:FAN_IN])


def merge_segments(database: Database, due: Due, merge: Merge) -> None:
    """Replace these segments by their merge, in one transaction of its own."""
    merged = merge([_read(database, segment_id) for segment_id in due.ids])
    with database.transaction():
        _remove(database, due.ids)
        append_segment(database, due.kind, merged, "zstd")


def deal_segment(database: Database, due: Due, deal: Deal) -> None:
    """Replace the oldest of these segments by its parts, one a branch, in one transaction."""
    frames = _read(database, due.ids[0])
    with database.transaction():
        database.execute(f"PRAGMA user_version = {BRANCHED_VERSION}")
        _remove(database, due.ids[:1])
        for number, part in enumerate(deal(frames, due.kind.count(_BRANCH))):
            append_segment(database, f"{due.kind}{_BRANCH}{number}", part, "zstd")


def _remove(database: Database, ids: Sequence[int]) -> None:
    keys = [(segment_id,) for segment_id in ids]
    database.execute_each("DELETE FROM segment_part WHERE segment = ?", keys)
    database.execute_each("DELETE FROM segment WHERE id = ?", keys)


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
    try:
        return {name: pl.read_ipc(io.BytesIO(b"".join(bodies))) for name, bodies in parts.items()}
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged(database.file, "a segment as it was written", f"{error}") from error
