"""One SQLite file with its lock, its version and its tables; the only place that opens it.

Tables: ``segment`` and ``segment_part`` (the state, opaque frames), ``name_log`` and ``name_run``
(claimed names: the recent ones as bytes, the older ones as files), ``document`` (the outbox),
``resume`` (offsets), ``tally`` (counters), ``fact`` (small values), ``reported`` (last reported
facts) and ``mark`` (single integers of the store itself).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from streams.store.errors import StoreError, refusing

APPLICATION_ID: Final = 0x54524E57  # "TRNW"
#: Also of what sums mean: 1 and 2 held zeros of meters without power as readings, and a correction
#: could not take those back; 3 and 4 did not keep what corrections took out.
SCHEMA_VERSION: Final = 5
#: Of a store whose state lies in branches, which a program that knows no branches would miss.
BRANCHED_VERSION: Final = 6
#: Of versions that lack nothing while no correction has come, the one that each becomes.
_BECOMES: Final = {3: SCHEMA_VERSION, 4: BRANCHED_VERSION}
FILE_NAME: Final = "store.sqlite"
LOCK_NAME: Final = "lock"

#: Blobs of megabytes are written faster on large pages than on SQLite's 4096 bytes.
PAGE_BYTES: Final = 16384
#: The write-ahead log is folded into the file when it is past this many pages (32 MB).
CHECKPOINT_PAGES: Final = 2048
BUSY_SECONDS: Final = 5.0

_TABLES: Final = (
    "CREATE TABLE segment (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, rows INTEGER NOT NULL)",
    "CREATE INDEX segment_kind ON segment (kind, id)",
    "CREATE TABLE segment_part (segment INTEGER NOT NULL, frame TEXT NOT NULL,"
    " part INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE UNIQUE INDEX segment_part_key ON segment_part (segment, frame, part)",
    "CREATE TABLE name_log (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE name_run (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL)",
    "CREATE TABLE document (sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,"
    " body BLOB NOT NULL)",
    "CREATE INDEX document_kind ON document (kind, sequence)",
    "CREATE TABLE resume (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tally (class TEXT, name TEXT, amount INTEGER NOT NULL,"
    " PRIMARY KEY (class, name)) WITHOUT ROWID",
    "CREATE TABLE fact (key TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE reported (report_id TEXT PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE mark (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

#: How many corrections a store has taken in.
_CORRECTIONS: Final = (
    "SELECT amount FROM tally WHERE class = 'accepted' AND name = 'trainwatch.usage.correction.v1'"
)

Parameters = Sequence[Any]


class Database:
    """A connection that commits only when told, and says clearly why it cannot."""

    def __init__(self, connection: sqlite3.Connection, file: Path, lock: int | None) -> None:
        self.file = file
        self._connection = connection
        self._lock = lock

    @classmethod
    def write(cls, directory: Path, *, durable: bool) -> Database:
        """Open for the single writer; make the directory and the tables where there are none."""
        with refusing(directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = _locked(directory / LOCK_NAME)
            file = directory / FILE_NAME
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
        database = cls(connection, file, lock)
        try:
            database._prepare(durable=durable)
        except BaseException:
            database.close()
            raise
        return database

    @classmethod
    def read(cls, directory: Path) -> Database:
        """Open what was last committed, read-only, beside a writer or without one."""
        file = directory / FILE_NAME
        if not file.is_file():
            raise StoreError(
                where=directory,
                expected=f"a store (a file {FILE_NAME})",
                came="no such file",
                remedy="check [store] path; `trainwatch run` makes the store",
            )
        with refusing(file):
            connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
            )
        database = cls(connection, file, None)
        try:
            database.execute("BEGIN")
            database._require_version()  # the first read fixes the instant that is seen
            database.rows("SELECT 1 FROM sqlite_master LIMIT 1")
        except BaseException:
            database.close()
            raise
        return database

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with refusing(self.file):
            return self._connection.execute(sql, parameters)

    def execute_each(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for each row of parameters."""
        with refusing(self.file):
            self._connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Any]:
        """Give all that one statement selects."""
        with refusing(self.file):
            return self._connection.execute(sql, parameters).fetchall()

    def integer(self, sql: str, parameters: Parameters = ()) -> int:
        """Give the one integer that ``sql`` selects; 0 where it selects nothing or null."""
        found = self.rows(sql, parameters)
        return int(found[0][0] or 0) if found else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside at once, or nothing of it where anything raises."""
        if self._connection.in_transaction:
            raise RuntimeError("expected no open transaction, came a second one; end the first")
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # SQLite ends the transaction itself after some failures, as on a full disk.
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    def copy_to(self, file: Path) -> None:
        """Write what this connection sees, one committed instant, into another file."""
        with refusing(file):
            copied = sqlite3.connect(file, isolation_level=None)
            try:
                self._connection.backup(copied)
            finally:
                copied.close()

    def close(self) -> None:
        """Close the file and let the next writer in. Closing twice is allowed."""
        with refusing(self.file):
            self._connection.close()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _prepare(self, *, durable: bool) -> None:
        self.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        empty = not self.rows("SELECT 1 FROM sqlite_master LIMIT 1")
        if empty and self.integer("PRAGMA application_id") == 0:
            self.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            self.execute("PRAGMA journal_mode = WAL")
            with self.transaction():
                for statement in _TABLES:
                    self.execute(statement)
        version = self._require_version()
        if version in _BECOMES:
            self.execute(f"PRAGMA user_version = {_BECOMES[version]}")
        self.execute("PRAGMA journal_mode = WAL")
        self.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    def _require_version(self) -> int:
        application = self.integer("PRAGMA application_id")
        if application != APPLICATION_ID:
            raise StoreError(
                where=self.file,
                expected=f"a trainwatch store (application_id {APPLICATION_ID})",
                came=f"another program's SQLite file (application_id {application})",
                remedy="set another [store] path; this file was not touched",
            )
        version = self.integer("PRAGMA user_version")
        corrections = self.integer(_CORRECTIONS) if version in _BECOMES else 0
        if version not in (SCHEMA_VERSION, BRANCHED_VERSION, *_BECOMES) or corrections:
            lack = f" that took {corrections} corrections and kept nothing of what they took out"
            raise StoreError(
                where=self.file,
                expected=f"store version {SCHEMA_VERSION} or {BRANCHED_VERSION}",
                came=f"version {version}{lack if corrections else ''}",
                remedy="run the trainwatch release that wrote it, or set an empty [store] path"
                " and replay; this file was not touched",
            )
        return version


def _locked(file: Path) -> int:
    """Hold the lock file for as long as the process lives, or say who holds it."""
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise StoreError(
            where=file,
            expected="to be the only writer",
            came=f"a writer that is running (process {holder})",
            remedy="stop it, or set another [store] path",
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    return descriptor
