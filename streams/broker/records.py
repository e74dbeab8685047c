"""Turns what kafka-python polled into the values of the ports, nothing decoded."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from kafka import TopicPartition

from streams.broker.offsets import as_key
from streams.broker.stretches import Stretch
from streams.ports import Batch, Message, MessageBlock, MessageBlocks

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
    whole = all(isinstance(each, Stretch) for found in records.values() for each in found)
    if whole:
        blocks = [_block(partition, each) for partition, found in records.items() for each in found]
        return Batch(messages=MessageBlocks(blocks), offsets=offsets)
    messages = [
        message
        for partition, found in records.items()
        for each in found
        for message in _messages(partition, each)
    ]
    return Batch(messages=messages, offsets=offsets)


def _block(partition: TopicPartition, stretch: Stretch) -> MessageBlock:
    starts = stretch.value_starts
    return MessageBlock(
        *(partition.topic, partition.partition, stretch.offsets, _lowered(stretch.headers)),
        *(stretch.buffer, starts, starts + np.maximum(stretch.value_lengths, 0)),
    )


def _messages(partition: TopicPartition, found: Any) -> Iterator[Message]:  # noqa: ANN401 - the library has no types
    """Give what one record, or one stretch of them, holds."""
    if isinstance(found, Stretch):
        block = _block(partition, found)
        yield from map(block.message, range(len(block)))
    else:
        headers = _lowered(found.headers) if found.headers else ()
        place = partition.topic, partition.partition
        yield Message(*place, found.offset, found.value or b"", headers)


def newest_timestamp_ms(records: Records) -> int:
    """Give the newest of the last timestamps, milliseconds since the epoch, -1 for none."""
    return max(int(found[-1].timestamp) for found in records.values())


def _lowered(headers: Sequence[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name.lower(), value or b"") for name, value in headers)
