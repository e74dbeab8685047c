"""Takes whole record batches out of kafka-python, which makes an object of every record.

This stands in for ``Fetcher.PartitionRecords`` in one consumer, and reads two private attributes
of a batch, and sets them where it unpacked one. So it is used only with the version it was written
for; with any other the library reads as it always does. Fetching, checksums, transactions and
positions stay the library's: its own generator walks the batches, and a batch that is unusual in
any way is read by it record by record. ``streams.broker.unpacking`` undoes compression.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import kafka
from kafka.consumer.fetcher import Fetcher

from streams.broker.stretches import BatchHead, Stretch, stretch_of
from streams.broker.unpacking import unpack
from streams.logs import Log

VERSION: Final = "3.0.12"
_PARTS: Final = getattr(Fetcher, "PartitionRecords", object)
#: What is called here or replaced, and its parameters.
_EXPECTED: Final = {
    "__init__": "self fetch_offset tp records key_deserializer value_deserializer check_crcs "
    "isolation_level aborted_transactions metric_aggregator on_drain",
    "take": "self n",
    "drain": "self",
    "_maybe_skip_record": "self record",
    "_unpack_records": "self tp records key_deserializer value_deserializer",
}

#: ``poll(timeout_ms=...)`` gives what came by partition: records, and stretches where it could.
Poll = Callable[..., dict[Any, list[Any]]]


def whole_batches(consumer: Any, bytes_max: int) -> Poll:  # noqa: ANN401 - the library has no types
    """Give a ``poll`` that brings whole batches, and stops once it has values of so many bytes.

    Where the library is not as expected it is the consumer's own, and a log line says so.
    """
    if found := unexpected():
        Log("broker").warning("reads_record_by_record", found=found, expected=VERSION)
        poll: Poll = consumer.poll
        return poll
    allowance = _Allowance(bytes_max)
    consumer._fetcher.PartitionRecords = allowance.parts  # noqa: SLF001 - the one seam

    def poll_whole(timeout_ms: int) -> dict[Any, list[Any]]:
        allowance.left = bytes_max
        records: dict[Any, list[Any]] = consumer.poll(timeout_ms=timeout_ms)
        return records

    return poll_whole


def unexpected() -> str:
    """Say what of the library is not as this file was written for; empty where all is."""
    if kafka.__version__ != VERSION:
        return f"version {kafka.__version__}"
    for name, parameters in _EXPECTED.items():
        there = inspect.signature(getattr(_PARTS, name)).parameters
        if " ".join(there) != parameters:
            return f"{name}({', '.join(there)})"
    return ""


@dataclass
class _Allowance:
    """How many bytes of values one poll may still give."""

    left: int

    def parts(self, fetch_offset: int, tp: Any, records: Any, **rest: Any) -> _Parts:  # noqa: ANN401 - the library has no types
        """Stand in for ``Fetcher.PartitionRecords``."""
        parts = _Parts(fetch_offset, tp, _Batches(records, f"{tp.topic}/{tp.partition}"), **rest)
        parts.begin(self)
        return parts


class _Parts(_PARTS):  # type: ignore[misc, valid-type]  # the library has no types
    """What a fetch brought of one partition. It counts messages, and so cuts stretches."""

    record_iterator: Any

    def begin(self, allowance: _Allowance) -> None:
        """Put itself between the library's generator and whoever takes from it."""
        self._allowance = allowance
        self._wanted = 0
        self._rest: Stretch | None = None
        self._is_first = True
        self._found: Iterator[Any] = self.record_iterator
        self.record_iterator = self

    def take(self, n: int) -> _Counted:
        """Give up to ``n`` messages; counts as ``n`` where no more bytes are allowed."""
        self._wanted = n
        taken = super().take(n)
        spent = self._allowance.left <= 0
        return _Counted(taken, n if spent else n - self._wanted)

    def drain(self) -> None:
        """Let go of what was fetched."""
        super().drain()
        self._found, self._rest = iter(()), None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - the library has no types
        """Give the next record or stretch; ends for now where no more is wanted."""
        if self._wanted <= 0 or self._allowance.left <= 0:
            raise StopIteration
        record = next(self._found) if self._rest is None else self._rest
        self._rest = None
        is_first, self._is_first = self._is_first, False
        if not isinstance(record, Stretch) and not isinstance(record.value, Stretch):
            self._wanted -= 1
            self._allowance.left -= len(record.value or b"")
            return record
        stretch = record if isinstance(record, Stretch) else record.value
        return self._cut(stretch.from_offset(self.fetch_offset) if is_first else stretch)

    def _cut(self, stretch: Stretch) -> Stretch:
        """Give as much of it as is wanted, and keep the rest for the next poll."""
        most = min(self._wanted, stretch.until(self._allowance.left))
        if most < len(stretch):
            self._rest = stretch.part(most, len(stretch))
            stretch = stretch.part(0, most)
        self.next_fetch_offset = stretch.offset + 1
        self._wanted -= len(stretch)
        self._allowance.left -= stretch.value_bytes
        return stretch


class _Counted(list[Any]):
    """Records and stretches that count as so many messages."""

    def __init__(self, found: list[Any], count: int) -> None:
        super().__init__(found)
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return super().__len__() > 0


class _Batches:
    """The library's batches, each given whole where it can be."""

    def __init__(self, records: Any, where: str) -> None:  # noqa: ANN401 - the library has no types
        self._records, self._where = records, where

    def next_batch(self) -> Any:  # noqa: ANN401 - the library has no types
        """Give the next batch, None at the end."""
        batch = self._records.next_batch()
        return _Batch(batch, self._where) if batch is not None and batch.magic == 2 else batch


class _Batch:
    """One batch of format v2: it iterates as one record that carries all of them, where it can."""

    def __init__(self, batch: Any, where: str) -> None:  # noqa: ANN401 - the library has no types
        self._batch, self._where = batch, where

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the library has no types
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 - the library has no types
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        unpack(self._batch, self._where)
        batch = iter(self._batch)
        appended_at = batch.max_timestamp if batch.timestamp_type else None
        head = BatchHead(batch.base_offset, batch.first_timestamp, appended_at)
        stretch = stretch_of(head, batch._buffer, batch._pos, batch.records_count)  # noqa: SLF001 - the one seam
        if stretch is None:
            whole: Iterator[Any] = batch
            return whole
        return iter((_Carrier(stretch, stretch.offset, len(batch._buffer)),))  # noqa: SLF001


@dataclass(frozen=True)
class _Carrier:
    """One record to the library, which only reads its attributes; its value is the stretch."""

    value: Stretch
    offset: int
    size_in_bytes: int
    timestamp: int = -1
    timestamp_type: int = 0
    key: None = None
    headers: tuple[()] = ()
    checksum: None = None

    def validate_crc(self) -> bool:
        """The checksum is the batch's, and was looked at."""
        return True
