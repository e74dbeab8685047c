"""Every claimed name, exact, on disk: recent ones in the database, older ones in sorted runs.

A claim is written as bytes into the transaction that carries its effect, so the two cannot part.
When enough have gathered they are written as a run, and runs of a size are merged eight to one.
Both happen between transactions, in slices that grow with what was claimed, not with what is
stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from streams.store.columns import I64, U64, Keys, NameColumns, sorted_names
from streams.store.database import Database
from streams.store.shelf import NameLimits, Shelf

_HORIZON: Final = "names_horizon_ms"
_NEVER_MS: Final = -(2**63)
#: A name is merged at most this often on its way up: eight-fold tiers from 2^18 to 2^33 names.
_MERGES_A_NAME: Final = 5


class _Findable(Protocol):
    def find(self, hi: U64, lo: U64) -> I64: ...


class NameIndex:
    """Looks names up and claims them; sees what the open transaction has claimed so far."""

    def __init__(
        self,
        database: Database,
        directory: Path,
        limits: NameLimits,
        step: Callable[[str], None],
        *,
        durable: bool,
    ) -> None:
        self._database = database
        self._limits = limits
        self._pending: dict[int, list[NameColumns]] = {}
        self._recent: dict[int, list[NameColumns]] = {}
        self._absent: dict[int, Keys] = {}  # asked for last and not found; what is claimed next
        self._credit_rows = 0
        self._horizon_ms = _NEVER_MS
        self._shelf = Shelf(database, directory, limits, step, durable=durable)
        self._load()

    def find(self, kind: int, hi: U64, lo: U64) -> tuple[I64, U64, I64]:
        """Give (positions asked for that exist, payload digests, times in ms), by position."""
        parts = list(self._parts(kind))
        if not parts:
            nothing = np.empty(0, np.int64)
            return nothing, nothing.view(np.uint64), nothing
        left = np.argsort(hi).astype(np.int64)
        hi, lo = hi[left], lo[left]
        known = np.zeros(len(hi), np.bool_)
        digests, times_ms = np.zeros(len(hi), np.uint64), np.zeros(len(hi), np.int64)
        for columns, part in parts:
            rows = part.find(hi, lo)
            hit = rows >= 0
            hit[hit] = columns.time_ms[rows[hit]] >= self._horizon_ms
            if hit.any():
                at, rows = left[hit], rows[hit]
                known[at] = True
                digests[at], times_ms[at] = columns.digest[rows], columns.time_ms[rows]
                left, hi, lo = left[~hit], hi[~hit], lo[~hit]
        self._absent[kind] = Keys(hi, lo)
        found = np.flatnonzero(known).astype(np.int64)
        return found, digests[found], times_ms[found]

    def claim(self, kind: int, names: NameColumns) -> None:
        """Claim new names within the open transaction; one that exists is a broken assumption."""
        names = sorted_names([names])
        repeat = self._first_known(kind, names)
        if repeat is not None:
            name = f"{int(names.hi[repeat]):016x}{int(names.lo[repeat]):016x}"
            raise AssertionError(
                f"expected names that nobody claimed before, came name {name} of kind {kind} again;"
                " look names up and set duplicates aside before claiming"
            )
        self._database.execute(
            "INSERT INTO name_log (kind, body) VALUES (?, ?)", (kind, names.to_bytes())
        )
        self._pending.setdefault(kind, []).append(names)
        self._absent.pop(kind, None)

    def forget(self, before_ms: int) -> None:
        """Within the open transaction, let names older than this exist no more, for good."""
        self._horizon_ms = max(self._horizon_ms, before_ms)
        self._database.execute(
            "INSERT OR REPLACE INTO mark (name, amount) VALUES (?, ?)",
            (_HORIZON, self._horizon_ms),
        )

    def committed(self) -> None:
        """Keep what the transaction claimed."""
        for kind, parts in self._pending.items():
            for part in parts:
                self._keep(kind, part)
                self._credit_rows += _MERGES_A_NAME * len(part)
        self._pending, self._absent = {}, {}

    def rolled_back(self) -> None:
        """Go back to what the database holds, whichever way the transaction ended there."""
        self._load()

    def tend(self) -> None:
        """Between transactions: write out, drop and merge as much as recent claims have earned."""
        for kind, parts in self._recent.items():
            if sum(map(len, parts)) >= self._limits.recent:
                self._shelf.add(kind, sorted_names(parts).since(self._horizon_ms))
                self._recent[kind] = []
        self._shelf.drop_older(self._horizon_ms)
        slice_rows = self._limits.slice_rows
        while self._credit_rows >= slice_rows and self._shelf.merge_slice(self._horizon_ms):
            self._credit_rows -= slice_rows
        self._credit_rows = min(self._credit_rows, slice_rows)
        self._shelf.release()

    def size(self) -> dict[str, int]:
        """Count names, runs and bytes of runs; a forgotten name counts until it is dropped."""
        recent = sum(len(part) for parts in self._recent.values() for part in parts)
        return {
            "names": recent + self._shelf.names_count(),
            "name_runs": self._shelf.run_count(),
            "name_run_bytes": self._shelf.bytes_on_disk(),
        }

    def close(self) -> None:
        """Leave an unfinished merge behind."""
        self._shelf.leave_merge()

    def _first_known(self, kind: int, names: NameColumns) -> int | None:
        """Give the first row that repeats a name, here or in what is stored.

        Names that the last look-up did not find need no second one.
        """
        repeat = names.first_repeat()
        if repeat is not None:
            return repeat
        absent = self._absent.get(kind)
        if absent is not None and np.all(absent.find(names.hi, names.lo) >= 0):
            return None
        found, _, _ = self.find(kind, names.hi, names.lo)
        return int(found[0]) if len(found) else None

    def _load(self) -> None:
        stored = self._database.rows("SELECT amount FROM mark WHERE name = ?", (_HORIZON,))
        log = self._database.rows("SELECT kind, body FROM name_log ORDER BY id")
        self._pending, self._recent, self._absent = {}, {}, {}
        self._horizon_ms = int(stored[0][0]) if stored else _NEVER_MS
        for kind, body in log:
            self._keep(kind, NameColumns.from_bytes(body))

    def _keep(self, kind: int, names: NameColumns) -> None:
        """Add to memory; parts at least halve in size from one to the next, so they stay few.

        A name claimed again after it was forgotten stands in two parts until they meet; then the
        older one goes, so that no part ever holds a name twice.
        """
        recent = self._recent.setdefault(kind, [])
        recent.append(names)
        while len(recent) > 1 and len(recent[-2]) < 2 * len(recent[-1]):
            recent[-2:] = [sorted_names(recent[-2:]).since(self._horizon_ms)]

    def _parts(self, kind: int) -> Iterator[tuple[NameColumns, _Findable]]:
        """Give every place where names of this kind stand, the newest first."""
        for columns in (*self._pending.get(kind, ()), *reversed(self._recent.get(kind, ()))):
            yield columns, columns
        for run in self._shelf.newest_first(kind):
            yield run.columns, run
