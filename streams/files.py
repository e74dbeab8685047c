"""Files in: lines, plain, .gz or .zst, and JSON arrays, as a Source of line blocks.

A ``.json`` file is read as lines where its first line is one event, and else as an array, or as
objects one after the other over any number of lines. What breaks off is told at the end, once
everything that can be read has been read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.codec import begins_with_lines, inflated, is_torn, split_array
from streams.line_blocks import BROKEN, line_blocks
from streams.ports import Batch, LineBlock

SUFFIXES: Final = (".ndjson", ".jsonl", ".json")
COMPRESSIONS: Final = ("", ".gz", ".zst")
BLOCK_BYTES: Final = 16 * 1024 * 1024
READ_BYTES: Final = 1024 * 1024
#: A JSON array has to be read whole; a larger one belongs into lines.
MAX_ARRAY_BYTES: Final = 1024 * 1024 * 1024
#: What this program writes itself: passed over where the output folder is read back as input.
OWN_FILES: Final = ("reports.ndjson", "findings.ndjson", "dead_letters.ndjson", "summary.json")
_NAMES: Final = "*.ndjson, *.jsonl or *.json (also .gz or .zst)"


class InputError(Exception):
    """An input cannot be opened, or breaks off. One line: what, where, what to do."""


def find_inputs(paths: Sequence[Path], out: Path | None = None) -> list[Path]:
    """List the files that the arguments stand for, folders recursively in name order.

    Hidden files and folders in a folder are passed over, and so are our own output files where
    ``out`` lies in it. Links are followed; a folder that they lead to twice is read once.

    Raises:
        InputError: A path is missing, of an unknown kind, unreadable, or a folder without inputs.
    """
    try:
        found = [each for path in paths for each in _named_by(path, out)]
    except OSError as error:
        raise InputError(
            f"{error.filename}: expected a file or folder that can be read ({error.strerror}); "
            "check its name and its permissions"
        ) from error
    for path in found:
        _check_opens(path)
    return found


def _named_by(path: Path, out: Path | None) -> list[Path]:
    """List what one argument stands for."""
    if path.is_dir():
        return _inside(path, out)
    if not path.exists():
        raise InputError(f"{path}: expected a file or folder, found none; check the path")
    if not _is_input(path):
        raise InputError(f"{path}: expected a file named {_NAMES}; rename or convert it")
    return [path]


def _inside(folder: Path, out: Path | None) -> list[Path]:
    """List a folder's inputs in the order of the bytes of their paths within it."""
    ours = {_real(out / name) for name in OWN_FILES} if out is not None else set()
    found = [path.relative_to(folder) for path in _below(folder) if _real(path) not in ours]
    if not found:
        raise InputError(
            f"{folder}: expected a folder with {_NAMES} files, found none; check the path"
        )
    return [folder / path for path in sorted(found, key=os.fsencode)]


def _below(folder: Path) -> Iterator[Path]:
    """Give everything named as an input; a folder behind a link is read too, each folder once."""
    waiting, seen = [folder], set[str]()
    while waiting:
        here = waiting.pop()
        if _real(here) in seen:
            continue
        seen.add(_real(here))
        inside = [path for path in sorted(here.iterdir()) if not path.name.startswith(".")]
        waiting += [path for path in reversed(inside) if path.is_dir()]
        yield from (path for path in inside if _is_input(path) and not path.is_dir())


def _real(path: Path) -> str:
    """Give where a path leads in the end; of one that leads nowhere, as far as it goes."""
    return os.path.realpath(path)


def _is_input(path: Path) -> bool:
    return any(path.name.endswith(s + c) for s in SUFFIXES for c in COMPRESSIONS)


def _check_opens(path: Path) -> None:
    """Read the first bytes; a stream that ends too early did open, and breaks off later."""
    if not path.is_file():
        raise InputError(
            f"{path}: expected a file that can be read more than once, found a pipe, a device or a "
            "link that leads nowhere; write the events to a file, or leave it out"
        )
    try:
        next(_inflated(path), b"")
    except EOFError:
        return
    except BROKEN as error:
        kind = {".gz": "a gzip file", ".zst": "a Zstandard file"}.get(path.suffix, "a file")
        raise InputError(
            f"{path}: expected {kind} that can be opened, got: {error}; check it, or leave it out"
        ) from error


def _inflated(path: Path) -> Iterator[bytes]:
    """Give the file's bytes as they can be read; whatever came before a tear is given first."""
    with path.open("rb") as stream:
        yield from inflated(iter(lambda: stream.read(READ_BYTES), b""), path.suffix)


class FileSource:
    """Reads files in order, block by block; ``failures`` tells which of them broke off."""

    def __init__(self, paths: Sequence[Path], block_bytes: int = BLOCK_BYTES) -> None:
        """Take files from ``find_inputs``."""
        self.failures: list[InputError] = []
        self._batches = (
            batch for path in paths for batch in _batches(path, block_bytes, self.failures)
        )
        self._exhausted = False

    def start(self, offsets: Mapping[str, int]) -> None:
        """Files are always read from their start."""

    def poll(self, timeout_seconds: float) -> Batch | None:  # noqa: ARG002 - files never wait
        """Give the next blocks, or None at the end of everything that can be read."""
        batch = next(self._batches, None)
        self._exhausted = batch is None
        return batch

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Nobody outside keeps our place in a file."""

    @property
    def exhausted(self) -> bool:
        """Whether the last file has been read to its end."""
        return self._exhausted

    def close(self) -> None:
        """Let the open file go."""
        self._exhausted = True


def _batches(path: Path, block_bytes: int, failures: list[InputError]) -> Iterator[Batch]:
    """Give one file's events; a tear, told in ``failures``, comes after the last byte before it."""
    try:
        if _holds_lines(path):
            for block in line_blocks(str(path), _inflated(path), block_bytes):
                yield Batch(blocks=(block,))
        else:
            yield from _values(path, block_bytes)
    except BROKEN as error:
        failures.append(
            InputError(
                f"{path}: expected to read it to its end, it breaks off: {error}; the results "
                "cover what could be read; mend the file and run again"
            )
        )


def _holds_lines(path: Path) -> bool:
    if not path.name.endswith(tuple(f".json{compression}" for compression in COMPRESSIONS)):
        return True
    head = b""
    try:
        for chunk in _inflated(path):
            head += chunk
            if len(head) >= READ_BYTES:
                break
    except BROKEN:
        pass  # the reading proper tells of it, after what came before
    return begins_with_lines(head)


def _values(path: Path, block_bytes: int) -> Iterator[Batch]:
    """The elements of an array, or objects over many lines, at the lines where they begin."""
    whole, tear = _whole(path)
    batch: list[LineBlock] = []
    size = 0
    for block in split_array(str(path), whole):
        batch.append(block)
        size += len(block.buffer)
        if size >= block_bytes:
            yield Batch(blocks=tuple(batch))
            batch, size = [], 0
    if batch:
        yield Batch(blocks=tuple(batch))
    if tear is not None:
        raise tear


def _whole(path: Path) -> tuple[bytes, Exception | None]:
    """Give what can be read of a file, and why that is not all."""
    held: list[bytes] = []
    size = 0
    try:
        for chunk in _inflated(path):
            held.append(chunk)
            size += len(chunk)
            if size > MAX_ARRAY_BYTES:
                raise EOFError(
                    f"an array may have {MAX_ARRAY_BYTES} bytes at most; write one event a line"
                )
    except BROKEN as error:
        return b"".join(held), error
    whole = b"".join(held)
    return whole, EOFError("its brackets do not close") if is_torn(whole) else None
