"""Record batches as a broker gives them, whole or hand-cut, and the library's fetcher to read them.

The fetcher is the real one, without a network: what a fetch brought is put where it would be.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from kafka import TopicPartition
from kafka.consumer.fetcher import CompletedFetch, Fetcher
from kafka.consumer.subscription_state import SubscriptionState
from kafka.errors import KafkaError
from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from kafka.record.legacy_records import LegacyRecordBatchBuilder
from kafka.record.util import calc_crc32c

from streams.broker.stretches import Stretch
from streams.broker.whole_batches import whole_batches

TOPIC: Final = "usage"
HEAD: Final = DefaultRecordBatch.HEADER_STRUCT
NONE, GZIP, LZ4, ZSTD = 0, 1, 3, 4
APPEND_TIME, CONTROL = 0x08, 0x20
ABORT: Final = struct.pack(">hh", 0, 0)
COMMIT: Final = struct.pack(">hh", 0, 1)
#: What reading a damaged batch may raise; anything else ends the test.
_REFUSALS: Final = (KafkaError, ValueError, LookupError, struct.error)
_FIELDS: Final = (
    *("base_offset", "length", "leader_epoch", "magic", "crc", "attributes", "last_offset_delta"),
    *("first_timestamp", "max_timestamp", "producer_id", "producer_epoch", "base_sequence"),
    "count",
)


class Written(NamedTuple):
    """One record to write; ``delta`` is its offset from that of its batch."""

    delta: int
    value: bytes | None
    key: bytes | None = None
    timestamp: int = 1_700_000_000_000
    headers: tuple[tuple[str, bytes | None], ...] = ()


def batch_of(
    records: Sequence[Written],
    base: int = 0,
    *,
    compression: int = NONE,
    producer: int = -1,
    attributes: int = 0,
) -> bytes:
    """Build a batch of format v2 as kafka-python writes it; a ``producer`` makes it transactional.

    ``attributes`` are set besides; they are the broker's to set.
    """
    sequence = -1 if producer < 0 else 0
    builder = DefaultRecordBatchBuilder(
        2, compression, producer >= 0, producer, sequence, sequence, 2**30
    )
    for each in records:
        builder.append(each.delta, each.timestamp, each.key, each.value, list(each.headers))
    built = bytearray(builder.build())
    before = HEAD.unpack_from(built)[_FIELDS.index("attributes")]
    return with_head(built, base_offset=base, attributes=before | attributes)


def old_batch(records: Sequence[Written], base: int, magic: int) -> bytes:
    """Build messages of format v0 or v1, which are known by their own offsets."""
    builder = LegacyRecordBatchBuilder(magic, NONE, 2**30)
    for each in records:
        builder.append(base + each.delta, each.timestamp, each.key, each.value)
    return bytes(builder.build())


def with_head(batch: bytes | bytearray, **fields: int) -> bytes:
    """Write fields into the head of a batch, and make its length and checksum right again."""
    cut = bytearray(batch)
    head = dict(zip(_FIELDS, HEAD.unpack_from(cut), strict=True))
    head |= {"length": len(cut) - DefaultRecordBatch.AFTER_LEN_OFFSET, **fields}
    HEAD.pack_into(cut, 0, *head.values())
    crc = fields.get("crc", calc_crc32c(memoryview(cut)[DefaultRecordBatch.ATTRIBUTES_OFFSET :]))
    struct.pack_into(">I", cut, DefaultRecordBatch.CRC_OFFSET, crc)
    return bytes(cut)


def with_records(batch: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the bytes after the head of a batch that is not compressed."""
    return with_head(batch[: HEAD.size] + change(batch[HEAD.size :]))


def read_back(found: Any) -> Iterator[tuple[object, ...]]:  # noqa: ANN401 - the library has no types
    """Give (offset, timestamp, key, value, headers) of a record, or of each of a stretch."""
    if not isinstance(found, Stretch):
        yield found.offset, found.timestamp, found.key, found.value, tuple(found.headers)
        return
    columns = (found.key_starts, found.key_lengths, found.value_starts, found.value_lengths)
    spans = zip(*(column.tolist() for column in columns), strict=True)
    places = zip(found.offsets.tolist(), found.timestamps.tolist(), spans, strict=True)
    for offset, timestamp, (key_start, key_length, start, length) in places:
        key = found.buffer[key_start : key_start + key_length] if key_length >= 0 else None
        value = found.buffer[start : start + length] if length >= 0 else None
        yield offset, timestamp, key, value, found.headers


@dataclass
class Reader:
    """The library's fetcher over partitions of one topic; ``whole``: with whole batches."""

    whole: bool
    max_records: int = 500
    bytes_max: int = 2**40
    isolation: str = "read_committed"
    starts: Sequence[int] = (0,)
    fetcher: Any = field(init=False)

    def __post_init__(self) -> None:
        self._state = SubscriptionState("none")
        self._state.assign_from_user([TopicPartition(TOPIC, n) for n in range(len(self.starts))])
        for number, start in enumerate(self.starts):
            self._state.seek(TopicPartition(TOPIC, number), start)
        client = SimpleNamespace(_manager=SimpleNamespace(_net=None))
        self.fetcher = Fetcher(client, self._state, isolation_level=self.isolation)
        consumer = SimpleNamespace(_fetcher=self.fetcher, poll=self._plain)
        self._poll = whole_batches(consumer, self.bytes_max) if self.whole else self._plain

    def _plain(self, timeout_ms: int) -> Any:  # noqa: ANN401, ARG002 - as the library has it
        return self.fetcher.fetched_records(self.max_records)[0]

    def fetched(
        self, records: bytes, partition: int = 0, aborted: Sequence[tuple[int, int]] = ()
    ) -> None:
        """Let a fetch bring these batches; ``aborted``: producer and first offset of each."""
        place = TopicPartition(TOPIC, partition)
        transactions = [SimpleNamespace(producer_id=who, first_offset=at) for who, at in aborted]
        brought = SimpleNamespace(
            error_code=0,
            high_watermark=10**6,
            diverging_epoch=None,
            records=records,
            aborted_transactions=transactions,
            preferred_read_replica=-1,
        )
        at = self._state.position(place).offset
        self.fetcher._completed_fetches.append(CompletedFetch(place, at, 12, brought, None))  # noqa: SLF001

    def seek(self, offset: int, partition: int = 0) -> None:
        self._state.seek(TopicPartition(TOPIC, partition), offset)

    def pause(self, partition: int = 0) -> None:
        self._state.pause(TopicPartition(TOPIC, partition))

    def resume(self, partition: int = 0) -> None:
        self._state.resume(TopicPartition(TOPIC, partition))

    def take_away(self, partition: int) -> None:
        """Let the group give a partition to somebody else."""
        kept = [each for each in self._state.assignment if each.partition != partition]
        self._state.assign_from_user(kept)

    def polled(self) -> Any:  # noqa: ANN401 - the library has no types
        """Poll once, as it comes."""
        return self._poll(timeout_ms=0)

    def poll(self) -> tuple[dict[int, list[tuple[object, ...]]] | str, dict[int, int]]:
        """Poll once: records by partition, or the error; and where reading goes on."""
        found: dict[int, list[tuple[object, ...]]] | str
        try:
            found = {
                place.partition: [record for each in parts for record in read_back(each)]
                for place, parts in self.polled().items()
            }
        except _REFUSALS as error:
            found = f"{type(error).__name__}: {error}"
        places = self._state.assignment
        return found, {each.partition: self._state.position(each).offset for each in places}
