"""Pieces of a file as blocks of whole lines; of a line that is too long only the beginning is held.

A compressed file of megabytes can hold a line of terabytes. Such a line is refused as any other
that is too long; its size and digest are taken as it goes by.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from streams.codec import BROKEN_STREAM, EVENT_BYTES_MAX
from streams.ports import Cut, LineBlock

#: What a file that cannot be read to its end raises.
BROKEN: Final = (OSError, *BROKEN_STREAM)
#: Enough of a line to be refused for its length.
_KEPT_BYTES: Final = EVENT_BYTES_MAX + 1
_BLANK: Final = b" \t\r\n"


class _Pieces:
    """Pieces one after the other; what breaks off is kept, to be raised after what came before."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.tear: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except BROKEN as error:
            self.tear = error


def line_blocks(file: str, pieces: Iterator[bytes], block_bytes: int) -> Iterator[LineBlock]:
    """Give whole lines in blocks of about ``block_bytes``; a tear is raised after the last byte."""
    read = _Pieces(pieces)
    following = iter(read)
    held: list[bytes] = []
    size, line = 0, 1
    for piece in following:
        held.append(piece)
        size += len(piece)
        if size < block_bytes:
            continue
        whole, rest = _whole_lines(held)
        if whole:
            yield LineBlock(file, line, whole)
            line += whole.count(b"\n")
        held, size = [rest], len(rest)
        if size > EVENT_BYTES_MAX:
            block, rest = _long_line(LineBlock(file, line, rest), following)
            yield block
            line += 1
            held, size = [rest], len(rest)
    if size:
        yield LineBlock(file, line, b"".join(held))
    if read.tear is not None:
        raise read.tear


def _whole_lines(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Put pieces together up to the last newline; gives these lines, and what comes after them.

    Megabytes are copied once where that newline is in the last piece, as it nearly always is.
    """
    if (end := pieces[-1].rfind(b"\n") + 1) == 0:
        data = b"".join(pieces)
        end = data.rfind(b"\n") + 1
        return data[:end], data[end:]
    return b"".join((*pieces[:-1], pieces[-1][:end])), pieces[-1][end:]


def _long_line(begun: LineBlock, following: Iterator[bytes]) -> tuple[LineBlock, bytes]:
    """Read a line to its end, but hold only its beginning; give it, and what comes after it."""
    passed = _Passed()
    piece, rest, newline = begun.buffer, b"", b""
    while True:
        inside, newline, rest = piece.partition(b"\n")
        passed.add(inside)
        if newline or (piece := next(following, b"")) == b"":
            break
    passed.end()
    return LineBlock(begun.file, begun.first_line, passed.kept + newline, passed.cut()), rest


class _Passed:
    """A line that goes by: its beginning, and what is told of the whole."""

    def __init__(self) -> None:
        self.kept = b""
        self._size = 0
        self._digest = sha256()
        self._text: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._waiting = b""  # carriage returns, which are no part of the line at its end

    def add(self, piece: bytes) -> None:
        """Take the next bytes of the line."""
        whole = self._waiting + piece
        body = whole[:-1] if whole.endswith(b"\r") else whole
        self._waiting = whole[len(body) :]
        self._take(body)

    def end(self) -> None:
        """Say that the line is over."""
        self._decode(b"", final=True)

    def cut(self) -> Cut | None:
        """Tell of the whole line; a blank line is no event, and was all held that matters."""
        if not self.kept.strip(_BLANK):
            return None
        detail = f"expected at most {EVENT_BYTES_MAX} bytes, got {self._size}"
        return Cut(detail, self._size, self._digest.hexdigest(), self._text is not None)

    def _take(self, body: bytes) -> None:
        room = _KEPT_BYTES - len(self.kept)
        if not self.kept.strip(_BLANK) and len(self.kept) == _KEPT_BYTES:
            self.kept += body.strip(_BLANK)[:1]  # blank so far: what is not makes it an event
        self.kept += body[: max(room, 0)]
        self._size += len(body)
        self._digest.update(body)
        self._decode(body, final=False)

    def _decode(self, body: bytes, *, final: bool) -> None:
        if self._text is None:
            return
        try:
            self._text.decode(body, final)
        except UnicodeDecodeError:
            self._text = None
