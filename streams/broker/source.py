"""Reads events from Kafka in a consumer group, resuming where the store says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError, RetriableError

from streams.broker.calls import within
from streams.broker.client import (
    ANSWER_SECONDS,
    REQUEST_SECONDS,
    open_client,
    partitions_of,
    reading_options,
    require_topics,
)
from streams.broker.errors import (
    REJOIN,
    BrokerAwayError,
    BrokerError,
    BrokerFencedError,
    explained,
)
from streams.broker.offsets import Positions, as_key, as_partition, beyond, by_others, in_log
from streams.broker.rebalance import Assignments
from streams.broker.records import as_batch, collector_paused, newest_timestamp_ms
from streams.broker.topic_ids import TopicIds, ids_of
from streams.broker.whole_batches import whole_batches
from streams.ports import Batch
from streams.settings import KafkaSettings

#: Most messages of one poll.
MAX_RECORDS = 20_000
#: Most bytes of values of one poll, however many messages they are.
POLL_BYTES = 32 * 1024 * 1024
#: First and longest pause between attempts to reach a broker, seconds.
RETRY_SECONDS = (0.5, 30.0)
#: A poll is cut into waits of this length, so that partitions just assigned are read soon.
SLICE_SECONDS = 0.25
#: How often a quiet source asks whether the broker and the topics are still there, seconds.
PROBE_SECONDS = 1.0
#: Longest wait for partitions, past the session of a dead member: kafka-python can lose an
#: assignment that comes between two polls, and then waits for ever unless it is opened anew.
ASSIGN_SECONDS = 90.0
#: Longest wait for a commit of offsets to the group, seconds. The store is what counts.
COMMIT_SECONDS = 3.0


class KafkaSource:
    """The ``Source`` port over a consumer group, which takes partitions away inside a poll only.

    On the first assignment the offsets given to ``start`` hold; on a later one the highest of
    what the store holds, what was delivered here and what the group committed. A partition that
    none of them knows is read from its earliest record.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        instance: str = "",
        max_records: int = MAX_RECORDS,
        skip_gaps: bool = False,
        topic_ids: TopicIds | None = None,
    ) -> None:
        """Take the settings; nothing is opened before ``start``.

        Args:
            settings: the ``[kafka]`` section.
            instance: lasting name of the store. By it the group knows a process that was killed,
                and gives it its partitions back at once.
            max_records: most messages of one batch.
            skip_gaps: go on at the earliest record where the next one was deleted unread, once
                somebody has decided that; without it the source stops there.
            topic_ids: of the topics as the store knows them.
        """
        #: Why no broker could be reached so far, one line; empty once one was.
        self.trouble = ""
        self._settings, self._instance = settings, instance
        self._options = settings.client_options()
        self._max_records = max_records
        self._skip_gaps, self._topic_ids = skip_gaps, topic_ids or TopicIds()
        self._consumer: Any = None
        self._assignments = Assignments(None)
        self._positions = Positions({})
        self._uncommitted: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._lag: dict[str, int] = {}
        self._newest_ms = -1
        self._connected = False
        self._seen_at = 0.0
        self._retry_at = 0.0
        self._retry_seconds = RETRY_SECONDS[0]

    @property
    def connected(self) -> bool:
        """Whether the broker answered the latest question."""
        return self._connected

    @property
    def exhausted(self) -> bool:
        """Never: more can always come."""
        return False

    @property
    def newest_record_at(self) -> datetime | None:
        """The newest timestamp among the records delivered, as the producer or broker set it."""
        return datetime.fromtimestamp(self._newest_ms / 1000, UTC) if self._newest_ms >= 0 else None

    def lag(self) -> Mapping[str, int]:
        """Give the records not yet delivered, by ``topic/partition``, for partitions held here."""
        return self._lag

    def start(self, offsets: Mapping[str, int]) -> None:
        """Resume at the stored offsets. A broker that is away is waited for in ``poll``."""
        self._positions = Positions(offsets)
        self._connect()

    def poll(self, timeout_seconds: float) -> Batch | None:
        """Give the next batch, or None when nothing came in time or no broker answers."""
        if not self._connect():
            time.sleep(min(timeout_seconds, max(0.0, self._retry_at - time.monotonic())))
            return None
        with collector_paused():
            return self._polled(timeout_seconds)

    def _polled(self, timeout_seconds: float) -> Batch | None:
        try:
            records = self._read(timeout_seconds)
        except REJOIN:
            return None
        except RetriableError:
            self._connected = False
            return None
        except OffsetOutOfRangeError as error:
            gone = beyond(error, self._options, skip_gaps=self._skip_gaps)
            self._assignments.again(gone)
            return None
        except (KafkaError, UnicodeDecodeError, RuntimeError) as error:
            raise explained(error, self._options) from error
        if not records:
            return None
        self._connected, self._seen_at = True, time.monotonic()
        batch = as_batch(records)
        self._newest_ms = max(self._newest_ms, newest_timestamp_ms(records))
        self._positions.delivered(batch.offsets)
        return batch

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Note what is durable here and tell the group, which matters to others only.

        A commit that the broker does not take is tried again with the next one.
        """
        self._positions.stored(offsets)
        if self._consumer is None:
            return
        for key, offset in offsets.items():
            self._uncommitted[as_partition(key)] = offset
        self._commit()

    def close(self) -> None:
        """Commit to the group, leave it and close the connection, within some seconds."""
        if self._consumer is None:
            return
        seconds = COMMIT_SECONDS if self._connected else 0.5
        if self._connected:
            with suppress(BrokerFencedError):  # the other process of this store commits
                self._commit()
        self._leave(seconds)

    def _leave(self, seconds: float) -> None:
        consumer, self._consumer, self._connected = self._consumer, None, False
        leave = partial(consumer.close, autocommit=False, timeout_ms=int(seconds * 1000))
        with suppress(KafkaError, TimeoutError, RuntimeError):  # its heartbeats will be missed
            within(2 * seconds, leave)

    def _connect(self) -> bool:
        """Open the consumer once a broker answers; back off while none does."""
        if self._consumer is not None:
            return True
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._consumer = self._open()
        except BrokerAwayError as away:
            self.trouble = str(away)
            self._retry_at = time.monotonic() + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, RETRY_SECONDS[1])
            return False
        self._connected, self._seen_at = True, time.monotonic()
        self.trouble = ""
        self._retry_seconds = RETRY_SECONDS[0]
        return True

    def _open(self) -> Any:  # noqa: ANN401 - the library has no types
        options = reading_options(self._settings, self._max_records, self._instance)
        consumer = open_client(KafkaConsumer, options, wait_seconds=2.0)
        self._assignments = Assignments(consumer)
        self._poll = whole_batches(consumer, POLL_BYTES)
        # Before the topics are looked up: what the library learns of them afterwards, it takes for
        # a change of theirs, and joins the group a second time.
        consumer.subscribe(list(self._settings.topics), listener=self._assignments)
        try:
            named = dict.fromkeys(self._settings.topics, "topics")
            require_topics(consumer, named, self._options)
            found, skip = ids_of(consumer, named), self._skip_gaps
            self._positions.forget(self._topic_ids.made_anew(found, self._options, skip_gaps=skip))
        except BrokerError:
            consumer.close(autocommit=False, timeout_ms=0)
            raise
        return consumer

    def _read(self, timeout_seconds: float) -> dict[TopicPartition, list[Any]]:
        """Poll in slices, and settle what the group assigned meanwhile."""
        until = time.monotonic() + timeout_seconds
        while True:
            left = until - time.monotonic()
            wait = int(max(0.0, min(left, SLICE_SECONDS)) * 1000)
            self._settle()
            records = self._poll(timeout_ms=wait)
            is_other = self._topic_ids.differ(ids_of(self._consumer, self._settings.topics))
            if is_other or self._assignments.seconds_without() > ASSIGN_SECONDS:
                self._leave(COMMIT_SECONDS)  # what was polled is delivered nowhere: read again
                return {}
            if records:  # what it assigned is settled by the next one, once these are delivered
                self._measure()
                return records
            if left <= SLICE_SECONDS:
                self._probe()
                return {}

    def _settle(self) -> None:
        """Find where each partition just assigned goes on, and let it be read."""
        if not (unsettled := self._assignments.unsettled()):
            return
        wait = int(REQUEST_SECONDS * 1000)
        earliest = self._consumer.beginning_offsets(list(unsettled), timeout_ms=wait)
        self._ends.update(self._consumer.end_offsets(list(unsettled), timeout_ms=wait))
        kept = self._assignments.kept()
        for partition, assignment in unsettled.items():
            group = by_others(self._consumer.committed(partition, True, wait), self._instance)
            known = self._positions.resume(partition, group, is_kept=partition in kept)
            log = (earliest[partition], self._ends[partition])
            wanted = in_log(partition, known, log, skip_gaps=self._skip_gaps)
            if self._assignments.settle(partition, assignment, wanted):
                self._positions.delivered({as_key(partition): wanted})
        if not self._assignments.unsettled():
            self._positions.settled()

    def _probe(self) -> None:
        """Ask for the end of each partition: tells lag, and whether anybody answers."""
        if time.monotonic() - self._seen_at < PROBE_SECONDS:
            return
        if self._uncommitted:
            self._commit()
        try:
            partitions = within(
                ANSWER_SECONDS, lambda: partitions_of(self._consumer, self._settings, self._options)
            )
            self._ends = self._consumer.end_offsets(partitions, timeout_ms=1000)
        except (RetriableError, TimeoutError):
            self._connected = False
            return
        self._connected, self._seen_at = True, time.monotonic()
        self._measure()

    def _measure(self) -> None:
        lag: dict[str, int] = {}
        for partition in self._consumer.assignment():
            position = self._consumer.position(partition, timeout_ms=0)
            end = max(self._consumer.highwater(partition) or 0, self._ends.get(partition, 0))
            lag[as_key(partition)] = max(0, end - (position or 0))
        self._lag = lag

    def _commit(self) -> None:
        """Commit what is waiting, for partitions held here. The store is what counts."""
        held = self._consumer.assignment()
        offsets = {
            partition: OffsetAndMetadata(offset, self._instance, -1)
            for partition, offset in self._uncommitted.items()
            if partition in held
        }
        self._uncommitted = {partition: self._uncommitted[partition] for partition in offsets}
        try:
            self._consumer.commit(offsets, timeout_ms=int(COMMIT_SECONDS * 1000))
        except REJOIN:
            return
        except RetriableError:
            self._connected = False
            return
        except KafkaError as error:
            raise explained(error, self._options) from error
        self._uncommitted = {}
