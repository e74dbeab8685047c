"""Files in: NDJSON lines, plain, .gz or .zst, and JSON arrays, as a Source of line blocks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import zstandard

from streams.ports import Batch, LineBlock

SUFFIXES: Final = (".ndjson", ".jsonl", ".json")
COMPRESSIONS: Final = ("", ".gz", ".zst")
BLOCK_BYTES: Final = 16 * 1024 * 1024
READ_BYTES: Final = 1024 * 1024
#: A JSON array has to be read whole; a larger one belongs into lines.
MAX_ARRAY_BYTES: Final = 1024 * 1024 * 1024
_BROKEN: Final = (OSError, EOFError, zlib.error, zstandard.ZstdError)


class InputError(Exception):
    """An input cannot be opened, or breaks off. One line: what, where, what to do."""


def find_inputs(paths: Sequence[Path]) -> list[Path]:
    """List the files that the arguments stand for, folders recursively in name order.

    Raises:
        InputError: A path is missing, of an unknown kind, unreadable, or a folder without inputs.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and _is_input(p))
            if not inside:
                raise InputError(f"{path}: expected a folder with {_names()} files, found none")
            found += inside
        elif not path.exists():
            raise InputError(f"{path}: no such file or folder; check the path")
        elif not _is_input(path):
            raise InputError(f"{path}: expected a file named {_names()}; rename or convert it")
        else:
            found.append(path)
    for path in found:
        _check_opens(path)
    return found


def _is_input(path: Path) -> bool:
    return any(path.name.endswith(s + c) for s in SUFFIXES for c in COMPRESSIONS)


def _names() -> str:
    return "*.ndjson, *.jsonl or *.json (also .gz or .zst)"


def _check_opens(path: Path) -> None:
    try:
        next(_inflated(path), b"")
    except _BROKEN as error:
        raise InputError(f"{path}: cannot be opened ({error}); check the file") from error


def _inflated(path: Path) -> Iterator[bytes]:
    """Give the file's bytes as they can be read; whatever came before a tear is given first."""
    with path.open("rb") as stream:
        chunks = iter(lambda: stream.read(READ_BYTES), b"")
        if path.name.endswith(".gz"):
            yield from _inflate(chunks, lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16))
        elif path.name.endswith(".zst"):
            yield from _inflate(chunks, lambda: zstandard.ZstdDecompressor().decompressobj())
        else:
            yield from chunks


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _inflate(chunks: Iterator[bytes], begin: Callable[[], _Inflater]) -> Iterator[bytes]:
    """Decompress frame after frame; a stream that ends inside a frame is torn."""
    inflater: _Inflater | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            inflater = inflater or begin()
            data = inflater.decompress(rest)
            if data:
                yield data
            rest = inflater.unused_data if inflater.eof else b""
            if inflater.eof:
                inflater = None
                rest = rest.lstrip(b"\0")  # padding that some writers add
    if inflater is not None:
        raise EOFError("the compressed stream ends before its end mark")


class FileSource:
    """Reads files in order, block by block; ``failure`` tells why it stopped before the end."""

    def __init__(self, paths: Sequence[Path], block_bytes: int = BLOCK_BYTES) -> None:
        """Take files from ``find_inputs``."""
        self._batches = _batches(paths, block_bytes)
        self._exhausted = False
        self.failure: InputError | None = None
        self.bytes_read = 0

    def start(self, offsets: Mapping[str, int]) -> None:
        """Files are always read from their start."""

    def poll(self, timeout_seconds: float) -> Batch | None:  # noqa: ARG002 - files never wait
        """Give the next block, or None at the end of everything that can be read."""
        try:
            block = next(self._batches, None)
        except InputError as error:
            self.failure = error
            block = None
        if block is None:
            self._exhausted = True
            return None
        self.bytes_read += len(block.buffer)
        return Batch(blocks=(block,))

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Nobody outside keeps our place in a file."""

    @property
    def exhausted(self) -> bool:
        """Whether the last file has been read to its end."""
        return self._exhausted

    def close(self) -> None:
        """Let the open file go."""
        self._exhausted = True


def _batches(paths: Sequence[Path], block_bytes: int) -> Iterator[LineBlock]:
    for path in paths:
        yield from _blocks(path, block_bytes)


def _blocks(path: Path, block_bytes: int) -> Iterator[LineBlock]:
    """Whole lines in blocks of about ``block_bytes``; a tear ends the run after the last byte."""
    held: list[bytes] = []
    size, line = 0, 1
    tear: Exception | None = None
    chunks = _inflated(path)
    while tear is None:
        try:
            chunk = next(chunks, None)
        except _BROKEN as error:
            tear, chunk = error, None
        if chunk is None:
            break
        held.append(chunk)
        size += len(chunk)
        if size < block_bytes or b"\n" not in chunk:
            continue
        block, rest = _cut(b"".join(held))
        yield LineBlock(str(path), line, block)
        line += block.count(b"\n")
        held, size = [rest], len(rest)
    if size:
        yield LineBlock(str(path), line, b"".join(held))
    if tear is not None:
        what = f"breaks off ({tear}); the results cover what could be read, mend the file and rerun"
        raise InputError(f"{path}: {what}") from tear


def _cut(data: bytes) -> tuple[bytes, bytes]:
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]
