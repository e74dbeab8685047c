"""What can be written, all of it within one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from features.schema import NAMES
from streams.store.columns import I64, U64, NameColumns
from streams.store.database import Database
from streams.store.frames import Frames, append_segment
from streams.store.names import NameIndex
from streams.store.reader import RECORD, STATE, STORED_RECORDS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Transaction:
    """Writes that become visible together at the end of ``Store.transaction``, or never."""

    def __init__(self, database: Database, names: NameIndex, step: Callable[[str], None]) -> None:
        self._database = database
        self._names = names
        self._step = step
        self._open = True
        self.record_kinds: set[str] = set()

    def end(self) -> None:
        """Refuse every write from here on."""
        self._open = False

    def append_segment(self, kind: str, frames: Frames) -> None:
        """Append one delta of the state: named frames, never interpreted here."""
        self._require_open()
        append_segment(self._database, STATE + kind, frames, "lz4")
        self._step("segment")

    def claim_names(self, names: pl.DataFrame) -> None:
        """Claim names (schema NAMES) that were looked up and are new; else AssertionError."""
        self._require_open()
        _require_schema(names, NAMES, "claimed names")
        for (kind,), part in names.group_by("kind", maintain_order=True):
            columns = NameColumns(
                unsigned(part["name_hi"]),
                unsigned(part["name_lo"]),
                unsigned(part["payload_digest"]),
                _milliseconds(part["time"]),
            )
            self._names.claim(int(str(kind)), columns)
        self._step("names")

    def forget_names(self, before: datetime) -> None:
        """Let names whose time is before this instant exist no more, now and for good."""
        self._require_open()
        self._names.forget((before - _EPOCH) // timedelta(milliseconds=1))

    def put_records(self, records: pl.DataFrame) -> None:
        """Keep low-volume events whole (schema RECORDS plus ``hour``)."""
        self._require_open()
        _require_schema(records, STORED_RECORDS, "records")
        for (type_name,), part in records.group_by("type", maintain_order=True):
            kind = f"{RECORD}{type_name}"
            append_segment(self._database, kind, {"records": part}, "lz4")
            self.record_kinds.add(kind)
        self._step("records")

    def put_documents(self, kind: str, documents: Iterable[tuple[str, bytes]]) -> list[int]:
        """Append (key, body) to the outbox; give the sequences, ascending and without gaps."""
        self._require_open()
        first = self._database.integer("SELECT MAX(sequence) FROM document") + 1
        rows = [
            (sequence, kind, key, body) for sequence, (key, body) in enumerate(documents, first)
        ]
        self._database.execute_each(
            "INSERT INTO document (sequence, kind, key, body) VALUES (?, ?, ?, ?)", rows
        )
        self._step("documents")
        return [row[0] for row in rows]

    def put_offsets(self, offsets: Mapping[str, int]) -> None:
        """Set where to resume each input named; the others keep theirs."""
        self._require_open()
        self._database.execute_each(
            "INSERT OR REPLACE INTO resume (name, next) VALUES (?, ?)", offsets.items()
        )
        self._step("offsets")

    def add_counts(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Add to the counters by (group, name)."""
        self._require_open()
        self._database.execute_each(
            "INSERT INTO tally (class, name, amount) VALUES (?, ?, ?)"
            " ON CONFLICT (class, name) DO UPDATE SET amount = amount + excluded.amount",
            [(group, name, amount) for (group, name), amount in counts.items()],
        )
        self._step("counts")

    def put_value(self, key: str, value: object) -> None:
        """Set a small fact: anything JSON can hold exactly."""
        self._require_open()
        body = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
        self._database.execute("INSERT OR REPLACE INTO fact (key, body) VALUES (?, ?)", (key, body))
        self._step("value")

    def put_reported(self, report_id: str, body: bytes) -> None:
        """Set the last reported facts of one report."""
        self._require_open()
        self._database.execute(
            "INSERT OR REPLACE INTO reported (report_id, body) VALUES (?, ?)", (report_id, body)
        )
        self._step("reported")

    def _require_open(self) -> None:
        if not self._open:
            raise RuntimeError("expected a write inside `with store.transaction()`, came one after")


def unsigned(column: pl.Series) -> U64:
    """Give a column of digests as numbers; a missing digest is a broken assumption."""
    if column.dtype != pl.UInt64 or column.null_count():
        raise AssertionError(
            f"expected {column.name} as UInt64 without nulls,"
            f" came {column.dtype} with {column.null_count()} nulls"
        )
    return column.to_numpy().astype(np.uint64, copy=False)


def _milliseconds(column: pl.Series) -> I64:
    if column.null_count():
        raise AssertionError(f"expected {column.name} without nulls, came {column.null_count()}")
    return column.to_physical().to_numpy().astype(np.int64, copy=False)


def _require_schema(frame: pl.DataFrame, schema: pl.Schema, what: str) -> None:
    if frame.schema != schema:
        raise AssertionError(f"expected {what} as {dict(schema)}, came {dict(frame.schema)}")
