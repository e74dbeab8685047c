"""The runs of claimed names on disk: which there are, writing new ones, merging, dropping.

A file is complete and on disk before the transaction that registers it; a file that is not
registered is what a killed process left, and is removed at the next open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.store.columns import NameColumns
from streams.store.database import Database
from streams.store.errors import refusing
from streams.store.merging import Merge
from streams.store.run_writer import RunWriter
from streams.store.runs import Run

FOLDER_NAME: Final = "names"
_SUFFIX: Final = ".names"


def run_file(folder: Path, run_id: int) -> Path:
    """Give the file of a run of names."""
    return folder / f"{run_id:012d}{_SUFFIX}"


@dataclass(frozen=True)
class NameLimits:
    """Sizes, in names but for the last. ``recent`` and ``mapped_bytes`` bound memory.

    ``slice_rows`` bounds one step of a merge. Runs beyond ``mapped_bytes`` are unmapped after
    each transaction, so that what was looked at does not count as resident for ever.
    """

    recent: int = 262_144
    slice_rows: int = 262_144
    fan_in: int = 8
    mapped_bytes: int = 256 * 2**20


class Shelf:
    """Holds the runs of every kind of name, oldest first, and at most one merge under way."""

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
        self._directory = directory
        self._limits = limits
        self._step = step
        self._durable = durable
        self._runs: dict[int, list[Run]] = {}
        self._merge: Merge | None = None
        self._next_id = 1
        self._open_runs()

    def newest_first(self, kind: int) -> tuple[Run, ...]:
        """Give the runs of a kind."""
        return tuple(reversed(self._runs.get(kind, ())))

    def add(self, kind: int, names: NameColumns) -> None:
        """Write names of the log as one run and take the log of this kind away."""
        run = self._written(names) if len(names) else None
        self._step("names written")
        with self._database.transaction():
            self._register(kind, run)
            self._database.execute("DELETE FROM name_log WHERE kind = ?", (kind,))
        if run is not None:
            self._runs.setdefault(kind, []).append(run)
        self._step("names registered")

    def drop_older(self, horizon_ms: int) -> None:
        """Drop the runs that hold only names older than the horizon."""
        merging = self._merge.inputs if self._merge is not None else ()
        for kind, runs in self._runs.items():
            old = tuple(run for run in runs if run.newest_ms < horizon_ms and run not in merging)
            if old:
                self._replace(kind, old, None)

    def merge_slice(self, horizon_ms: int) -> bool:
        """Advance the merge under way, or start the smallest that is due; False for neither."""
        if self._merge is None:
            self._merge = self._due()
        if self._merge is None:
            return False
        try:
            self._merge.advance(self._limits.slice_rows, horizon_ms)
            self._step("names merge slice")
            if self._merge.is_done:
                self._finish(self._merge)
        except BaseException:
            self.leave_merge()
            raise
        return True

    def release(self) -> None:
        """Give mapped pages back where the runs are large in all."""
        runs = [run for runs in self._runs.values() for run in runs]
        if sum(run.mapped_bytes for run in runs) > self._limits.mapped_bytes:
            for run in runs:
                run.release()

    def leave_merge(self) -> None:
        """Leave an unfinished merge; nothing is lost, it starts again from its inputs."""
        if self._merge is not None:
            self._merge.writer.abandon()
            self._merge = None

    def names_count(self) -> int:
        """Count names in runs."""
        return sum(len(run) for runs in self._runs.values() for run in runs)

    def run_count(self) -> int:
        """Count runs of every kind."""
        return sum(map(len, self._runs.values()))

    def bytes_on_disk(self) -> int:
        """Give the bytes that the runs take."""
        with refusing(self._directory):
            return sum(run.bytes_on_disk() for runs in self._runs.values() for run in runs)

    def _open_runs(self) -> None:
        with refusing(self._directory):
            self._directory.mkdir(mode=0o700, exist_ok=True)
            present = set(self._directory.glob(f"*{_SUFFIX}"))
        for run_id, kind in self._database.rows("SELECT id, kind FROM name_run ORDER BY id"):
            run = Run(run_id, self._file(run_id))
            self._runs.setdefault(kind, []).append(run)
            self._next_id = run_id + 1
            present.discard(run.file)
        with refusing(self._directory):
            for orphan in present:
                orphan.unlink()

    def _file(self, run_id: int) -> Path:
        return run_file(self._directory, run_id)

    def _new_writer(self, capacity: int) -> tuple[int, RunWriter]:
        run_id = self._next_id
        self._next_id += 1
        return run_id, RunWriter(self._file(run_id), capacity, durable=self._durable)

    def _written(self, names: NameColumns) -> Run:
        run_id, writer = self._new_writer(len(names))
        try:
            for start in range(0, len(names), self._limits.slice_rows):
                writer.append(names.take(slice(start, start + self._limits.slice_rows)))
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
        return Run(run_id, self._file(run_id))

    def _due(self) -> Merge | None:
        """Start merging the smallest tier that is full, if any."""
        full = [
            (tier, kind, runs[: self._limits.fan_in])
            for kind in self._runs
            for tier, runs in self._tiers(kind).items()
            if len(runs) >= self._limits.fan_in
        ]
        if not full:
            return None
        _, kind, inputs = min(full, key=lambda found: found[:2])
        run_id, writer = self._new_writer(sum(map(len, inputs)))
        return Merge(kind, inputs, writer, run_id)

    def _tiers(self, kind: int) -> dict[int, list[Run]]:
        tiers: dict[int, list[Run]] = {}
        for run in self._runs[kind]:
            tier, rows = 0, len(run)
            while rows >= self._limits.recent * self._limits.fan_in:
                tier, rows = tier + 1, rows // self._limits.fan_in
            tiers.setdefault(tier, []).append(run)
        return tiers

    def _finish(self, merge: Merge) -> None:
        merge.writer.finish()
        # From here on the file is left alone, even where registering it fails: a commit that the
        # disk refused may still be found done at the next open, which removes it otherwise.
        self._merge = None
        self._step("names merged")
        self._replace(merge.kind, merge.inputs, Run(merge.run_id, self._file(merge.run_id)))

    def _replace(self, kind: int, old: tuple[Run, ...], new: Run | None) -> None:
        with self._database.transaction():
            self._register(kind, new)
            self._database.execute_each(
                "DELETE FROM name_run WHERE id = ?", [(run.run_id,) for run in old]
            )
        added = [new] if new is not None else []
        self._runs[kind] = [run for run in self._runs[kind] if run not in old] + added
        self._step("names replaced")
        for run in old:
            run.remove()
        self._step("names removed")

    def _register(self, kind: int, run: Run | None) -> None:
        if run is not None:
            self._database.execute(
                "INSERT INTO name_run (id, kind) VALUES (?, ?)", (run.run_id, kind)
            )
