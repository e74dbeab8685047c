"""Turns what kafka-python polled into the values of the ports, nothing decoded."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import TopicPartition

from streams.broker.offsets import as_key
from streams.ports import Batch, Message

#: Records by partition, as ``KafkaConsumer.poll`` gives them; no partition is empty.
Records = Mapping[TopicPartition, Sequence[Any]]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from counting the records of a batch while they are made.

    They are some ten objects each, none garbage; walking them over and over took a third of the
    time of a poll (docs/kafka.md). One batch is bounded, so is what waits for the collector.
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
    messages = [
        Message(
            topic,
            number,
            record.offset,
            record.value or b"",
            _lowered(record.headers) if record.headers else (),
        )
        for (topic, number), found in records.items()
        for record in found
    ]
    offsets = {as_key(partition): found[-1].offset + 1 for partition, found in records.items()}
    return Batch(messages=messages, offsets=offsets)


def newest_timestamp_ms(records: Records) -> int:
    """Give the newest of the last timestamps, milliseconds since the epoch, -1 for none."""
    return max(int(found[-1].timestamp) for found in records.values())


def _lowered(headers: Sequence[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name.lower(), value or b"") for name, value in headers)
