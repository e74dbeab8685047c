"""Compressed bytes to bytes; whatever can be read before a stream breaks off is given first."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

import zstandard

if TYPE_CHECKING:
    from zlib import _Decompress

#: Most bytes that are inflated at once, and of a Zstandard stream the most that go in at once: a
#: few bytes of either can stand for megabytes, and a file for more than any memory.
PIECE_BYTES: Final = 1024 * 1024
ZSTANDARD_BYTES: Final = 256

#: What a stream that is cut, damaged or no such stream at all raises.
BROKEN_STREAM: Final = (EOFError, zlib.error, zstandard.ZstdError)


def inflated(chunks: Iterator[bytes], suffix: str) -> Iterator[bytes]:
    """Decompress chunks by the suffix of their file: ``.gz``, ``.zst``, any other is plain."""
    if suffix == ".gz":
        return _inflate(chunks, _Gzip)
    if suffix == ".zst":
        return _inflate(_small(chunks), _Zstandard)
    return chunks


def _small(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), ZSTANDARD_BYTES):
            yield chunk[start : start + ZSTANDARD_BYTES]


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def rest(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Zstandard:
    """Inflates Zstandard; what it is given is small, as it gives all that comes of it."""

    def __init__(self) -> None:
        self._inner = zstandard.ZstdDecompressor().decompressobj()

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, /) -> bytes:
        return self._inner.decompress(data)


class _Gzip:
    """Inflates gzip; gives all bytes before a broken one, and raises when asked for more."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._broken: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        if self._broken is not None:
            return b"broken"
        return self._inner.unused_data if self.eof else self._inner.unconsumed_tail

    def decompress(self, data: bytes, /) -> bytes:
        if self._broken is not None:
            raise self._broken
        before = self._inner.copy()
        try:
            return self._inner.decompress(data, PIECE_BYTES)
        except zlib.error as error:
            self._broken = error
            return self._rescued(before, data)

    def _rescued(self, inner: _Decompress, data: bytes) -> bytes:
        """Inflate byte by byte up to the broken one; raise where there is nothing to rescue."""
        whole: list[bytes] = []
        try:
            for place in range(len(data)):
                whole.append(inner.decompress(data[place : place + 1]))
        except zlib.error:
            if not any(whole):
                raise
        return b"".join(whole)


def _inflate(chunks: Iterator[bytes], begin: Callable[[], _Inflater]) -> Iterator[bytes]:
    """Decompress frame after frame; a stream that ends inside or before a frame is torn."""
    inflater: _Inflater | None = None
    is_past_one = is_begun = False
    for chunk in chunks:
        rest, data, is_begun = chunk, b"", True
        if is_past_one and inflater is None:
            rest = rest.lstrip(b"\0")  # padding that some writers add
        while rest or len(data) == PIECE_BYTES:  # a full piece may not have been all
            inflater = inflater or begin()
            data = inflater.decompress(rest)
            if data:
                yield data
            rest = inflater.rest
            if inflater.eof:
                inflater, data, is_past_one = None, b"", True
                rest = rest.lstrip(b"\0")
    if inflater is not None or not is_begun:
        raise EOFError("the compressed stream ends before its end mark")
