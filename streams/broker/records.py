"""Turns what kafka-python polled into the values of the ports, nothing decoded."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import numpy as np
from kafka import TopicPartition

from streams.broker.offsets import as_key
from streams.broker.stretches import Stretch
from streams.ports import Batch, Headers, Message, MessageBlock, MessageBlocks

#: Records by partition, and stretches of them, as they were polled; no partition is empty.
Records = Mapping[TopicPartition, Sequence[Any]]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from counting the records of a batch while they are made.

    Read one by one they are some ten objects each, none garbage; walking them over and over took
    a third of the time of a poll (docs/kafka.md). One batch is bounded, so is what waits.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def as_batch(records: Records) -> Batch:
    """Give the messages, partition by partition, and where to resume after them."""
    offsets = {as_key(partition): found[-1].offset + 1 for partition, found in records.items()}
    if any(isinstance(each, Stretch) for found in records.values() for each in found):
        blocks = [
            each for partition, found in records.items() for each in _blocks(partition, found)
        ]
        return Batch(messages=MessageBlocks(blocks), offsets=offsets)
    messages = [
        Message(topic, number, record.offset, record.value or b"", _lowered(record.headers))
        for (topic, number), found in records.items()
        for record in found
    ]
    return Batch(messages=messages, offsets=offsets)


def _blocks(partition: TopicPartition, found: Sequence[Any]) -> Iterator[MessageBlock]:
    """Give each stretch as a block, and the records between stretches by their headers."""
    for headers, parts in groupby(found, _headers_of_record):
        if headers is None:
            yield from (_of_stretch(partition, stretch) for stretch in parts)
        else:
            yield _of_records(partition, headers, list(parts))


def _headers_of_record(found: Any) -> Headers | None:  # noqa: ANN401 - the library has no types
    """Give the headers of a record, None for a stretch."""
    return None if isinstance(found, Stretch) else _lowered(found.headers)


def _of_stretch(partition: TopicPartition, stretch: Stretch) -> MessageBlock:
    starts = stretch.value_starts
    return MessageBlock(
        *(partition.topic, partition.partition, stretch.offsets, _lowered(stretch.headers)),
        *(stretch.buffer, starts, starts + np.maximum(stretch.value_lengths, 0)),
    )


def _of_records(
    partition: TopicPartition, headers: Headers, records: Sequence[Any]
) -> MessageBlock:
    values = [record.value or b"" for record in records]
    ends = np.cumsum([len(value) for value in values])
    offsets = np.array([record.offset for record in records])
    place = partition.topic, partition.partition
    return MessageBlock(*place, offsets, headers, b"".join(values), np.append(0, ends[:-1]), ends)


def newest_timestamp_ms(records: Records) -> int:
    """Give the newest of the last timestamps, milliseconds since the epoch, -1 for none."""
    return max(int(found[-1].timestamp) for found in records.values())


def _lowered(headers: Sequence[tuple[str, bytes | None]]) -> Headers:
    return tuple((name.lower(), value or b"") for name, value in headers) if headers else ()
