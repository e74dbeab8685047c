"""The one durable store of a detector: a directory with a SQLite file and files of names.

One writer at a time. Whatever is written inside ``with store.transaction()`` is there after a
kill at any instant, or none of it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import polars as pl

from features.schema import INSTANT
from streams.store.database import Database
from streams.store.errors import StoreError, refusing
from streams.store.frames import (
    DEALT_TIER,
    Deal,
    Due,
    Frames,
    Merge,
    deal_segment,
    full_tier,
    merge_segments,
)
from streams.store.names import NameIndex
from streams.store.reader import STATE, Reader
from streams.store.shelf import FOLDER_NAME, NameLimits
from streams.store.transaction import Transaction, unsigned

#: Record segments of this many rows or more are not merged again: it bounds the pause of a merge.
_RECORD_ROWS_MERGED: Final = 65_536


def _pass(_: str) -> None:
    """Do nothing at a step."""


class Store(Reader):
    """Reads and writes a store. ``open`` is the way in; there is one writer at a time."""

    def __init__(
        self,
        directory: Path,
        database: Database,
        names: NameIndex,
        step: Callable[[str], None],
    ) -> None:
        super().__init__(directory, database)
        self._names = names
        self._step = step
        self._record_kinds: set[str] = set()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        durable: bool = True,
        limits: NameLimits | None = None,
        step: Callable[[str], None] = _pass,
    ) -> Self:
        """Open the store in this directory for writing; make it where there is none.

        ``durable=False`` is for a replay that is thrown away: it survives a kill, not a power cut.
        ``step`` is called with the name of each step as it is done; tests kill the process there.
        """
        database = Database.write(path, durable=durable)
        try:
            names = NameIndex(
                database, path / FOLDER_NAME, limits or NameLimits(), step, durable=durable
            )
        except BaseException:
            database.close()
            raise
        return cls(path, database, names, step)

    def close(self) -> None:
        """Close the files and let the next writer in. Closing twice is allowed."""
        self._names.close()
        super().close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commit everything written inside at once; roll it all back where anything raises.

        Upkeep that earlier transactions have earned is done first, so that a failure of it
        leaves nothing half said.
        """
        self._tend()
        transaction = Transaction(self._database, self._names, self._step)
        try:
            with self._database.transaction():
                yield transaction
                transaction.end()
                self._step("before commit")
        except BaseException:
            transaction.end()
            self._names.rolled_back()
            raise
        self._names.committed()
        self._record_kinds |= transaction.record_kinds
        self._step("committed")

    def lookup_names(self, kind: int, hi: pl.Series, lo: pl.Series) -> pl.DataFrame:
        """Give the names asked for that exist: position in the question, payload digest, time.

        Sees what the open transaction has claimed; sees nothing that was forgotten.
        """
        position, digest, time_ms = self._names.find(kind, unsigned(hi), unsigned(lo))
        return pl.DataFrame(
            {
                "position": pl.Series(position, dtype=pl.UInt32),
                "payload_digest": pl.Series(digest, dtype=pl.UInt64),
                "time": pl.Series(time_ms, dtype=pl.Int64).cast(INSTANT),
            }
        )

    def forget_names(self, before: datetime) -> None:
        """Let names whose time is before this instant exist no more, in a transaction of its own.

        Their room on disk is given back as their files are merged or wholly past.
        """
        with self.transaction() as transaction:
            transaction.forget_names(before)

    def compact(self, kind: str, merge: Merge, deal: Deal | None = None) -> bool:
        """Merge one full size tier of the state into one segment; False where none is full.

        Where ``deal`` is given, a segment too large for that is dealt out by key instead, so that
        what a merge holds has a bound.
        """
        due = full_tier(self._database, STATE + kind)
        if due is None:
            return False
        if deal is None or due.tier < DEALT_TIER:
            self._replace(due, merge)
        else:
            self._step("before dealing")
            deal_segment(self._database, due, deal)
            self._step("dealt")
        return True

    def mark_published(self, sequence: int) -> None:
        """Note that every document up to this sequence is published. It never goes back."""
        last = self.last_sequence()
        if sequence > last:
            raise StoreError(
                where=self._database.file,
                expected=f"a published sequence of at most {last}, the newest document here",
                came=str(sequence),
                remedy="this store is older than what was published from it: restore the newer"
                " one, or publish to new topics",
            )
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO mark (name, amount) VALUES ('published', ?) ON CONFLICT (name)"
                " DO UPDATE SET amount = MAX(amount, excluded.amount)",
                (sequence,),
            )
        self._step("published")

    def size(self) -> dict[str, int]:
        """Count what is stored: segments, their rows, names, runs, documents, bytes on disk."""
        names = self._names.size()
        with refusing(self._directory):
            files = [self._database.file, Path(f"{self._database.file}-wal")]
            stored = sum(file.stat().st_blocks * 512 for file in files if file.exists())
        return {
            "segments": self._database.integer("SELECT COUNT(*) FROM segment"),
            "segment_rows": self._database.integer("SELECT SUM(rows) FROM segment"),
            **names,
            "documents": self.last_sequence(),
            "bytes": stored + names["name_run_bytes"],
        }

    def _tend(self) -> None:
        self._names.tend()
        for kind in sorted(self._record_kinds):
            due = full_tier(self._database, kind, _RECORD_ROWS_MERGED)
            if due is not None:
                self._replace(due, _together)
        self._record_kinds = set()

    def _replace(self, due: Due, merge: Merge) -> None:
        self._step("before compaction")
        merge_segments(self._database, due, merge)
        self._step("compacted")


def _together(parts: Sequence[Frames]) -> Frames:
    return {"records": pl.concat([part["records"] for part in parts])}
