"""Compressed bytes to bytes; whatever can be read before a stream breaks off is given first."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

import zstandard

if TYPE_CHECKING:
    from zlib import _Decompress

#: What a stream that is cut, damaged or no such stream at all raises.
BROKEN_STREAM: Final = (EOFError, zlib.error, zstandard.ZstdError)


def inflated(chunks: Iterator[bytes], suffix: str) -> Iterator[bytes]:
    """Decompress chunks by the suffix of their file: ``.gz``, ``.zst``, any other is plain."""
    begin = _INFLATERS.get(suffix)
    return chunks if begin is None else _inflate(chunks, begin)


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Gzip:
    """Inflates gzip; gives all bytes before a broken one, and raises when asked for more."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._broken: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data if self._broken is None else b"broken"

    def decompress(self, data: bytes, /) -> bytes:
        if self._broken is not None:
            raise self._broken
        before = self._inner.copy()
        try:
            return self._inner.decompress(data)
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
    """Decompress frame after frame; a stream that ends inside a frame is torn."""
    inflater: _Inflater | None = None
    for chunk in chunks:
        rest = chunk
        while rest:
            inflater = inflater or begin()
            data = inflater.decompress(rest)
            if data:
                yield data
            rest = inflater.unused_data
            if inflater.eof:
                inflater = None
                rest = rest.lstrip(b"\0")  # padding that some writers add
    if inflater is not None:
        raise EOFError("the compressed stream ends before its end mark")


def _zstandard() -> _Inflater:
    return zstandard.ZstdDecompressor().decompressobj()


_INFLATERS: Final[Mapping[str, Callable[[], _Inflater]]] = {".gz": _Gzip, ".zst": _zstandard}
