"""A batch is unpacked up to a bound; one past it stops the service, which says where it lies."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest
from kafka import codec
from kafka.record.default_records import DefaultRecordBatch

from streams.broker import whole_batches
from streams.broker.errors import BrokerError
from streams.broker.unpacking import unpack
from tests.support.record_batches import GZIP, LZ4, ZSTD, Reader, Written, batch_of

SNAPPY = DefaultRecordBatch.CODEC_SNAPPY
TEXT = bytes(range(256)) * 4096
CODECS = pytest.mark.parametrize("compression", [GZIP, SNAPPY, LZ4, ZSTD])
ADVICE = (
    "let its producer send smaller batches; see docs/kafka.md, 'What a topic may be'"  # of both
)


def packed(compression: int, text: bytes = TEXT) -> bytes:
    encode = {
        GZIP: codec.gzip_encode,
        SNAPPY: codec.snappy_encode,
        LZ4: codec.lz4_encode,
        ZSTD: codec.zstd_encode,
    }
    return bytes(encode[compression](text))


def batch(compression: int, body: bytes) -> SimpleNamespace:
    return SimpleNamespace(
        compression_type=compression,
        base_offset=70,
        _buffer=b"head" + body,
        _pos=4,
        _decompressed=False,
    )


@CODECS
def test_a_batch_of_just_the_bound_is_unpacked_as_the_library_does(compression: int) -> None:
    found = batch(compression, packed(compression))
    unpack(found, "usage/3", len(TEXT))
    if compression == SNAPPY:  # it promises to stay within, and is left to the library
        assert (found._decompressed, found._pos) == (False, 4)
    else:
        assert (found._buffer, found._pos, found._decompressed) == (TEXT, 0, True)


@CODECS
def test_a_batch_past_the_bound_is_refused_with_its_place(compression: int) -> None:
    body = packed(compression)
    with pytest.raises(BrokerError) as refused:
        unpack(batch(compression, body), "usage/3", len(TEXT) - 1)
    assert str(refused.value) == (
        f"Kafka topic usage/3, record batch at offset 70: its {len(body):,} bytes become more than "
        f"1,048,575 out of their compression: {ADVICE}"
    )


def test_snappy_without_blocks_is_bounded_too() -> None:
    body = bytes(codec.snappy_encode(TEXT, xerial_compatible=False))
    with pytest.raises(BrokerError, match="become more than 1,048,575 out of"):
        unpack(batch(SNAPPY, body), "usage/3", len(TEXT) - 1)


@pytest.mark.parametrize(
    ("compression", "body"),
    [
        (GZIP, packed(GZIP)[:-20]),
        (LZ4, packed(LZ4)[:-20]),
        (ZSTD, b"no such stream"),
        (SNAPPY, packed(SNAPPY)[:16] + struct.pack("!i", -1)),
        (SNAPPY, packed(SNAPPY)[:16] + b"\0"),
    ],
)
def test_broken_compression_is_named_with_its_place(compression: int, body: bytes) -> None:
    with pytest.raises(BrokerError) as refused:
        unpack(batch(compression, body), "usage/3")
    assert str(refused.value).startswith(
        "Kafka topic usage/3, record batch at offset 70 cannot be taken out of its compression ("
    )


def test_a_bomb_in_a_fetch_stops_before_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        whole_batches, "unpack", lambda found, where: unpack(found, where, bytes_max=2**20)
    )
    reader = Reader(whole=True)
    reader.fetched(batch_of([Written(n, bytes(2**18)) for n in range(10)], 40, compression=ZSTD))
    with pytest.raises(BrokerError, match="topic usage/0, record batch at offset 40: its"):
        reader.polled()
