"""Reads back how far an outbox got, as a ``read_committed`` reader sees it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.broker.client import ANSWER_SECONDS, open_client, output_topics, require_topics
from streams.broker.errors import BrokerAwayError, servers
from streams.settings import KafkaSettings

SEQUENCE_HEADER = "trainwatch-sequence"
OUTBOX_HEADER = "trainwatch-outbox"
#: Records looked at from the end of each partition where the committed sequence is gone. The
#: highest sequence is in the last transaction, so at the very end of one of them.
TAIL_RECORDS = 1_000


def outbox_of(settings: KafkaSettings, instance: str = "") -> str:
    """Give the name of a store's outbox: a transactional id, and a group that keeps a sequence."""
    return ".".join(filter(None, (settings.group_id, "outbox", instance)))


def mark_of(settings: KafkaSettings) -> TopicPartition:
    """Give the partition under whose name the sequence is committed; it must exist, no more."""
    return TopicPartition(settings.reports_topic, 0)


def read_mark(settings: KafkaSettings, outbox: str, *, wait_seconds: float) -> int:
    """Give the highest sequence of this outbox that readers can see, 0 for none.

    The broker forgets what a group without members committed after offsets.retention.minutes
    (7 days unless set). Then the headers of the last records in the output topics are read.

    Raises:
        BrokerAwayError: no answer in time.
        BrokerError: an output topic is missing.
    """
    options = settings.client_options()
    reading = {
        **options,
        "group_id": outbox,
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
    }
    reader = open_client(KafkaConsumer, reading, wait_seconds=wait_seconds)
    try:
        # Before the topics are looked up, as in the source: else the library looks them up again
        # by itself, and closing while it does is an error line of its own.
        reader.assign([TopicPartition(topic, 0) for topic in output_topics(settings)])
        require_topics(reader, output_topics(settings), options)
        wait = int(ANSWER_SECONDS * 1000)
        mark = reader.committed(mark_of(settings), timeout_ms=wait)
        if mark is not None and mark >= 0:
            return int(mark)
        return _from_tails(reader, list(output_topics(settings)), outbox, servers(options))
    finally:
        reader.close(autocommit=False, timeout_ms=0)


def _from_tails(reader: Any, topics: Collection[str], outbox: str, where: str) -> int:  # noqa: ANN401 - the library has no types
    partitions = [
        TopicPartition(topic, number)
        for topic in topics
        for number in reader.partitions_for_topic(topic)
    ]
    wait = int(ANSWER_SECONDS * 1000)
    first = reader.beginning_offsets(partitions, timeout_ms=wait)
    ends = reader.end_offsets(partitions, timeout_ms=wait)
    reader.assign(partitions)
    for partition in partitions:
        reader.seek(partition, max(first[partition], ends[partition] - TAIL_RECORDS))
    highest = 0
    until = time.monotonic() + ANSWER_SECONDS
    while any(reader.position(each, timeout_ms=wait) < ends[each] for each in partitions):
        if time.monotonic() > until:
            raise BrokerAwayError(f"Kafka at {where} did not give the last documents in time")
        for records in reader.poll(timeout_ms=100).values():
            highest = max([highest, *(_sequence(dict(each.headers), outbox) for each in records)])
    return highest


def _sequence(headers: Mapping[str, bytes | None], outbox: str) -> int:
    """Give the sequence of a document of this outbox, 0 for any other record."""
    if headers.get(OUTBOX_HEADER) != outbox.encode():
        return 0
    text = headers.get(SEQUENCE_HEADER) or b""
    return int(text) if text.isdigit() else 0
