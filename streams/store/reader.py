"""Everything the store can be asked, of what is committed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import polars as pl

from features.schema import RECORDS
from streams.ports import Document
from streams.store.closing import Closing
from streams.store.database import Database
from streams.store.frames import Segment, segments
from streams.store.scratch import Scratch

#: Records as stored: ``hour`` is the whole hour since the epoch of the first assessment that may
#: know the record.
STORED_RECORDS: Final = pl.Schema([*RECORDS.items(), ("hour", pl.Int32())])
STATE: Final = "state/"
RECORD: Final = "record/"
#: Documents read from the outbox at once for an export.
_PAGE_DOCUMENTS: Final = 1000


class Reader(Closing):
    """Reads a store. ``Reader.open`` sees one committed instant, beside a running writer."""

    def __init__(self, directory: Path, database: Database) -> None:
        self._directory = directory
        self._database = database

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the store in this directory read-only; it must exist."""
        return cls(path, Database.read(path))

    def close(self) -> None:
        """Let go of the files. Closing twice is allowed."""
        self._database.close()

    def segments(self, kind: str, only: Sequence[str] = ()) -> Iterator[Segment]:
        """Give the state segments of a kind, one at a time; their sum is the state.

        ``only`` names the frames to read, which is less work than all of them.
        """
        for segment in segments(self._database, STATE + kind, only):
            yield Segment(segment.segment_id, kind, segment.rows, segment.frames)

    def scratch(self) -> Scratch:
        """Give room on disk for frames that are wanted again soon; close it afterwards."""
        return Scratch(self._directory)

    def records(self, type_name: str | None = None) -> pl.DataFrame:
        """Give the records of one event type, or of all, by (time, source, id)."""
        stored = self._database.rows(
            "SELECT DISTINCT kind FROM segment WHERE kind GLOB ? ORDER BY kind", (f"{RECORD}*",)
        )
        wanted = [kind for (kind,) in stored if type_name is None or kind == RECORD + type_name]
        frames = [
            segment.frames["records"]
            for kind in wanted
            for segment in segments(self._database, kind)
        ]
        return pl.concat([STORED_RECORDS.to_frame(), *frames]).sort("time", "source", "id")

    def documents(self, after: int, limit: int) -> list[Document]:
        """Give at most ``limit`` documents of the outbox that come after this sequence."""
        rows = self._database.rows(
            "SELECT sequence, kind, key, body FROM document WHERE sequence > ?"
            " ORDER BY sequence LIMIT ?",
            (after, limit),
        )
        return [Document(*row) for row in rows]

    def documents_of(self, kind: str) -> Iterator[Document]:
        """Give every document of a kind in the order of the outbox, a page at a time."""
        after = 0
        while rows := self._database.rows(
            "SELECT sequence, kind, key, body FROM document WHERE kind = ? AND sequence > ?"
            " ORDER BY sequence LIMIT ?",
            (kind, after, _PAGE_DOCUMENTS),
        ):
            yield from (Document(*row) for row in rows)
            after = rows[-1][0]

    def newest_of(self, kind: str, limit: int) -> list[Document]:
        """Give the last ``limit`` documents of a kind, oldest first; older ones are not read."""
        rows = self._database.rows(
            "SELECT sequence, kind, key, body FROM document WHERE kind = ?"
            " ORDER BY sequence DESC LIMIT ?",
            (kind, limit),
        )
        return [Document(*row) for row in reversed(rows)]

    def last_sequence(self) -> int:
        """Give the sequence of the newest document, 0 for none."""
        return self._database.integer("SELECT MAX(sequence) FROM document")

    def published_sequence(self) -> int:
        """Give the sequence up to which documents are known to be published, 0 for none."""
        return self._database.integer("SELECT amount FROM mark WHERE name = 'published'")

    def offsets(self) -> dict[str, int]:
        """Give where to resume each input."""
        return dict(self._database.rows("SELECT name, next FROM resume ORDER BY name"))

    def counts(self) -> dict[tuple[str, str], int]:
        """Give the counters by (group, name)."""
        rows = self._database.rows("SELECT class, name, amount FROM tally ORDER BY class, name")
        return {(group, name): amount for group, name, amount in rows}

    def value(self, key: str) -> object:
        """Give a small fact as it was put, None where there is none."""
        rows = self._database.rows("SELECT body FROM fact WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else None

    def reported(self) -> dict[str, bytes]:
        """Give the last reported facts by report id."""
        return dict(self._database.rows("SELECT report_id, body FROM reported ORDER BY report_id"))
