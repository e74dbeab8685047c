"""The contract's output files, written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl

from detector.linked import Link
from streams.store import Reader

OPERATION_DIGITS: Final = 12
#: Exact to the millisecond up to 10^8 hours, and no digit that the last division made up.
HOUR_DIGITS: Final = 15
#: Rows of a table that are text at the same time.
ROWS_TOGETHER: Final = 65_536
LINK_COLUMNS: Final = ("run_a", "run_b", "tenants", "score", "kind", "evidence")
EVENTS: Final = ("read", "accepted", "duplicate", "rejected", "skipped")
SUMMARY: Final = "summary.json"
#: Report pages, and what a killed command left of a file that it had not finished.
_PAGE: Final = re.compile(r"r-[0-9a-f]+-v[0-9]+\.html")
_PARTIAL: Final = re.compile(r"\.[\w.-]+\.(csv|ndjson|json|html)\.[0-9]+")
#: What a file system says that cannot lock a folder; the lock is a help, not a promise, there.
_NO_LOCKS: Final = (errno.EBADF, errno.ENOLCK, errno.ENOTSUP)


class OutputError(Exception):
    """The output cannot be written. One line: what, where, what to do."""


def prepare(folder: Path) -> None:
    """Make the output folder, before any work is done for it, for nobody but this user.

    What is written there names people. A folder that is there already keeps its rights.

    Raises:
        OutputError: It cannot be made or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".trainwatch-probe"
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another command that begins now may have
    except OSError as error:
        raise OutputError(
            f"{folder}: expected a folder that can be written ({error.strerror}); choose another"
        ) from error


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Make the output folder and keep it for this command alone until the block ends.

    The system lets go of it when the process ends, however it ends.

    Raises:
        OutputError: It cannot be written to, or another command writes there.
    """
    prepare(folder)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected a folder that can be read ({error.strerror}); choose another --out"
        ) from error
    try:
        _lock(folder, descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OutputError(
            f"{folder}: expected to be the only command that writes there, came another that is "
            "running; wait for it or choose another --out"
        ) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise OutputError(
                f"{folder}: expected to lock it ({error.strerror}); choose another --out"
            ) from error


def begin_results(folder: Path) -> None:
    """Take away what an earlier command left that would tell of other events than the rest.

    ``summary.json`` goes first and is written last: where it is, all files are of one command.

    Raises:
        OutputError: One of them cannot be taken away.
    """
    try:
        (folder / SUMMARY).unlink(missing_ok=True)
        for path in folder.iterdir():
            if _PAGE.fullmatch(path.name) or _PARTIAL.fullmatch(path.name):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected to take away the files of an earlier command ({error.strerror}); "
            "choose another --out"
        ) from error


def write_totals(folder: Path, totals: pl.DataFrame) -> None:
    """Write ``totals.csv``: instants in UTC with Z, hours to 15 digits, whole operations."""
    _write_table(folder / "totals.csv", totals)


def _written(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        seconds = column.dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ").str.replace(
            ".000Z", "Z", literal=True
        )
        return seconds.alias(column.name)
    if column.dtype != pl.Float64:
        return column
    digits = HOUR_DIGITS if column.name.endswith("_hours") else OPERATION_DIGITS
    pattern = f"%.{digits}g"
    values = column + 0.0  # -0.0 becomes 0.0
    distinct = values.drop_nulls().unique()  # a tenant's figure is often its only run's too
    texts = pl.Series([pattern % value for value in distinct], dtype=pl.String)
    return values.replace_strict(distinct, texts, default=None, return_dtype=pl.String)


def write_completeness(folder: Path, rows: pl.DataFrame) -> None:
    """Write ``completeness.csv``: what was metered where and by whom, and what fell silent."""
    named = rows.with_columns(pl.col("live_tenant_ids").list.join(";"))
    _write_table(folder / "completeness.csv", named)


def _write_table(path: Path, rows: pl.DataFrame) -> None:
    starts = range(0, max(rows.height, 1), ROWS_TOGETHER)
    write_whole(path, (_csv(rows, start) for start in starts))


def _csv(rows: pl.DataFrame, start: int) -> bytes:
    some = rows.slice(start, ROWS_TOGETHER)
    text = pl.DataFrame([_written(column) for column in some.get_columns()])
    return text.write_csv(include_header=start == 0, line_terminator="\n").encode()


def write_documents(folder: Path, store: Reader) -> None:
    """Write reports and dead letters from the outbox, every one in order."""
    for kind, name in (("report", "reports"), ("dead_letter", "dead_letters")):
        lines = (document.body for document in store.documents_of(kind))
        write_whole(folder / f"{name}.ndjson", _lines(lines))


def write_findings(folder: Path, findings: Iterable[bytes]) -> None:
    """Write ``findings.ndjson``: what holds at the end."""
    write_whole(folder / "findings.ndjson", _lines(findings))


def write_links(folder: Path, links: Iterable[Link]) -> None:
    """Write ``links.csv``: runs that may be one training, best score first."""
    rows = [
        (k.run_a, k.run_b, ";".join(k.tenant_ids), f"{k.score:.4f}", k.kind, "; ".join(k.evidence))
        for k in links
    ]
    names = dict.fromkeys(LINK_COLUMNS, pl.String)
    text = pl.DataFrame(rows, schema=names, orient="row").write_csv(line_terminator="\n")
    write_whole(folder / "links.csv", [text.encode()])


def summarise(
    counts: Mapping[tuple[str, str], int], started: float, ended: float
) -> dict[str, Any]:
    """Give ``summary.json``: how many events came to what, by type and by reason."""
    by_type: dict[str, dict[str, int]] = {}
    for group in ("accepted", "duplicate", "skipped"):
        for (kind, name), number in counts.items():
            if kind == group:
                by_type.setdefault(name, {})[group] = number
    return {
        **{f"events_{name}": counts.get(("events", name), 0) for name in EVENTS},
        "by_type": by_type,
        "by_reason": {n: c for (g, n), c in counts.items() if g == "rejected"},
        "unknown_fields": {n: c for (g, n), c in counts.items() if g == "unknown_field"},
        "wall_seconds": round(ended - started, 3),
    }


def write_summary(folder: Path, summary: Mapping[str, Any]) -> None:
    """Write ``summary.json``, the last of the files."""
    text = json.dumps(summary, indent=2, sort_keys=False, ensure_ascii=False)
    write_whole(folder / SUMMARY, [text.encode(), b"\n"])


def _lines(bodies: Iterable[bytes]) -> Iterator[bytes]:
    for body in bodies:
        yield body
        yield b"\n"


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file beside its place and move it there, so that nobody reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise OutputError(
            f"{path}: expected to write it ({error.strerror}); free room or choose another --out"
        ) from error
