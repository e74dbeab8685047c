"""Takes a record batch out of its compression, and stops at a bound: a few bytes can stand for all.

The library unpacks whatever a producer sent, in one piece: 8 MiB of zstd can be a hundred
gigabytes. Only a batch that stays within the bound is given on; the service stops at another, and
says where it lies. Formats older than v2, which a broker since 4.0 no longer takes, are left alone.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import zstandard
from kafka.record.default_records import DefaultRecordBatch
from kafka.record.util import decode_varint
from lz4.frame import LZ4FrameFile

from streams.broker.errors import BrokerError

#: Most bytes that one batch may be once it is out of its compression.
UNPACKED_BYTES_MAX: Final = 256 * 1024 * 1024
#: How much is unpacked at once.
_PIECE_BYTES: Final = 1024 * 1024
#: What Java's snappy puts before its blocks, each with its length before it.
_XERIAL: Final = b"\x82SNAPPY\x00"
_XERIAL_HEAD_BYTES: Final = 16
#: What broken compression raises.
_BROKEN: Final = (
    *(EOFError, OSError, RuntimeError, ValueError, IndexError, struct.error),
    *(zlib.error, zstandard.ZstdError),
)


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _TooLargeError(Exception):
    """More than the bound comes out of it."""


def unpack(batch: Any, where: str, bytes_max: int = UNPACKED_BYTES_MAX) -> None:  # noqa: ANN401 - the library has no types
    """Unpack a batch of format v2 in place, as the library would have done.

    Args:
        batch: The library's; one without compression, or unpacked before, is left as it is.
        where: Topic and partition, for the message.
        bytes_max: Most bytes that may come out of it.

    Raises:
        BrokerError: More comes out of it, or it cannot be unpacked.
    """
    if batch.compression_type == DefaultRecordBatch.CODEC_NONE or batch._decompressed:  # noqa: SLF001 - the one seam
        return
    packed = memoryview(batch._buffer)[batch._pos :]  # noqa: SLF001
    place = f"Kafka topic {where}, record batch at offset {batch.base_offset}"
    try:
        unpacked = _unpacked(batch.compression_type, packed, bytes_max)
    except _TooLargeError:
        raise BrokerError(
            f"{place}: its {len(packed):,} bytes become more than {bytes_max:,} out of their "
            "compression: let its producer send smaller batches; see docs/kafka.md, 'What a topic "
            "may be'"
        ) from None
    except _BROKEN as error:
        raise BrokerError(
            f"{place} cannot be taken out of its compression ({str(error)[:100]}): "
            "see docs/kafka.md, 'What a topic may be'"
        ) from error
    if unpacked is not None:
        batch._buffer, batch._pos, batch._decompressed = unpacked, 0, True  # noqa: SLF001


def _unpacked(codec: int, packed: memoryview, bytes_max: int) -> bytearray | None:
    """Give what comes out, None where the library may do it: it promises to stay within."""
    if codec == DefaultRecordBatch.CODEC_SNAPPY:
        if sum(_snappy_promises(bytes(packed))) > bytes_max:
            raise _TooLargeError
        return None
    if codec not in _READERS:
        return None
    reader, found = _READERS[codec](packed), bytearray()
    while piece := reader.read(_PIECE_BYTES):
        found += piece
        if len(found) > bytes_max:
            raise _TooLargeError
    return found


def _zstandard(packed: memoryview) -> _Reader:
    reader: _Reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return reader


def _lz4(packed: memoryview) -> _Reader:
    reader: _Reader = LZ4FrameFile(io.BytesIO(packed))
    return reader


_READERS: Final[dict[int, Callable[[memoryview], _Reader]]] = {
    DefaultRecordBatch.CODEC_GZIP: lambda packed: gzip.GzipFile(fileobj=io.BytesIO(packed)),
    DefaultRecordBatch.CODEC_LZ4: _lz4,
    DefaultRecordBatch.CODEC_ZSTD: _zstandard,
}


def _snappy_promises(packed: bytes) -> Iterator[int]:
    """Read how long each block says that it becomes; a block never becomes longer."""
    if not packed.startswith(_XERIAL):
        yield _promise(packed, 0)
        return
    at = _XERIAL_HEAD_BYTES
    while at < len(packed):
        (length,) = struct.unpack_from("!i", packed, at)
        if length <= 0:
            raise ValueError(f"a block of {length} bytes")
        yield _promise(packed, at + 4)
        at += 4 + length


def _promise(packed: bytes, at: int) -> int:
    """Read the length that stands before a block: seven bits a byte, lowest first."""
    zigzag: int = decode_varint(packed, at)[0]
    return zigzag << 1 if zigzag >= 0 else (-zigzag << 1) - 1
