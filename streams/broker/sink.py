"""Publishes documents to Kafka so that a ``read_committed`` reader sees each of them once.

One transaction carries the documents and, as a committed offset of a group of its own, the
highest sequence among them. Both become visible together or not at all, so reading that offset
back tells exactly what readers can already see. It needs no topic of ours and is not touched by
the retention of the output topics; each document also carries its sequence as a header.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer, OffsetAndMetadata
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from streams.broker.calls import Call, within
from streams.broker.client import ANSWER_SECONDS, REQUEST_SECONDS, open_client
from streams.broker.errors import (
    BrokerAwayError,
    BrokerError,
    BrokerFencedError,
    BrokerRightError,
    explained,
    servers,
)
from streams.broker.outbox import OUTBOX_HEADER, SEQUENCE_HEADER, mark_of, outbox_of, read_mark
from streams.ports import Document
from streams.settings import KafkaSettings

#: Longest one transaction may take: so much, and a second more for this many documents.
TRANSACTION_SECONDS = ANSWER_SECONDS
DOCUMENTS_PER_SECOND = 2_000
#: How long the library itself tries to deliver a record before it gives up, seconds.
DELIVERY_SECONDS = 20.0
#: How long ``publish`` and ``last_sequence`` go on trying before they say that the broker is away.
RETRY_SECONDS = 3.0
#: First and longest pause between attempts, seconds.
PAUSE_SECONDS = (0.2, 2.0)
#: Larger than any document; the limit that counts is the broker's.
LARGEST_REQUEST_BYTES = 16 * 1024 * 1024


class KafkaSink:
    """The ``Sink`` port over a transactional producer.

    ``outbox`` names the store that the sequences belong to. It is the transactional id and the
    name of the group that keeps the sequence: a second sink with the same name fences the first.
    """

    def __init__(
        self, settings: KafkaSettings, *, instance: str = "", retry_seconds: float = RETRY_SECONDS
    ) -> None:
        """Take the settings; nothing is opened before the first use.

        Args:
            settings: the ``[kafka]`` section.
            instance: tells the stores of one group apart; give each store its own, lasting name.
            retry_seconds: how long to go on trying while no broker answers.
        """
        self.outbox = outbox_of(settings, instance)
        self._options = settings.client_options() | {"transactional_id": self.outbox}
        self._topics = {
            "report": settings.reports_topic,
            "finding": settings.findings_topic,
            "dead_letter": settings.dead_letters_topic,
        }
        self._settings = settings
        self._mark = mark_of(settings)
        self._retry_seconds = retry_seconds
        self._producer: Any = None
        self._visible = 0
        self._offered: int | None = None

    @property
    def connected(self) -> bool:
        """Whether the last exchange with the broker went well."""
        return self._producer is not None

    @property
    def last_sequence_seen(self) -> int:
        """The highest sequence known to be visible, without asking the broker."""
        return self._visible

    def last_sequence(self) -> int:
        """Give the highest sequence that readers can already see, 0 for none.

        Raises:
            BrokerAwayError: no broker answered in time; ask again later.
            BrokerError: an output topic is missing, the login is wrong, or the like.
        """
        self._persist([])
        return self._visible

    def publish(self, documents: Sequence[Document]) -> None:
        """Make all of them visible in one transaction; those visible already are left out.

        Raises:
            BrokerAwayError: no broker took them in time. They may be visible none the less: publish
                the same documents again, now or after a restart, and each is seen once.
            BrokerFencedError: another instance publishes for this outbox.
            BrokerRightError: the user may not write a topic, or the like; it is named.
            BrokerError: the broker refuses them.
        """
        self._persist(documents)

    def close(self) -> None:
        """Close the connection. Nothing is pending: ``publish`` waits for its transaction."""
        self._drop(wait_seconds=2.0)

    def _persist(self, documents: Sequence[Document]) -> None:
        until = time.monotonic() + self._retry_seconds
        pause = PAUSE_SECONDS[0]
        while True:
            try:
                self._attempt(documents)
            except BrokerAwayError:
                self._drop()
                if time.monotonic() + pause > until:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, PAUSE_SECONDS[1])
            except BrokerError:
                self._drop()
                raise
            else:
                return

    def _attempt(self, documents: Sequence[Document]) -> None:
        if self._producer is None:
            self._connect()
        fresh = [document for document in documents if document.sequence > self._visible]
        if not fresh:
            return
        last = max(document.sequence for document in fresh)
        self._offered = max(last, self._offered or 0)
        limit = TRANSACTION_SECONDS + len(fresh) / DOCUMENTS_PER_SECOND
        try:
            within(limit, lambda: self._transact(fresh, last))
        except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
            raise self._too_large(fresh) from error
        except (KafkaError, TimeoutError) as error:
            reason = explained(error, self._options, on_topics="Write")
            if isinstance(reason, BrokerFencedError | BrokerRightError):
                raise reason from error
            raise BrokerAwayError(f"nothing was published: {reason}") from error
        self._visible = last

    def _connect(self) -> None:
        """Take over the outbox: end what a predecessor left open, read what it made visible."""
        options = {
            **self._options,
            "transaction_timeout_ms": 60_000,
            "compression_type": "lz4",
            "batch_size": 256 * 1024,
            "max_request_size": LARGEST_REQUEST_BYTES,
            "max_block_ms": int(REQUEST_SECONDS * 1000),
            "delivery_timeout_ms": int(DELIVERY_SECONDS * 1000),
            "request_timeout_ms": int(REQUEST_SECONDS * 1000),
            "reconnect_backoff_max_ms": 2000,
            "allow_auto_create_topics": False,
        }
        wait = min(2.0, self._retry_seconds)
        producer = open_client(KafkaProducer, options, wait_seconds=wait)
        try:
            within(ANSWER_SECONDS, producer.init_transactions)
            visible = read_mark(self._settings, self.outbox, wait_seconds=wait)
        except (KafkaError, TimeoutError, BrokerError) as error:
            _close_later(producer)
            raise explained(error, self._options) from error
        if self._offered is not None and visible > self._offered:
            _close_later(producer)
            raise BrokerFencedError(
                f"Kafka at {servers(self._options)}: outbox {self.outbox!r} is at {visible}, this "
                f"instance only got to {self._offered}: another one publishes for the same store; "
                "stop one of the two"
            )
        self._producer, self._visible = producer, visible
        self._offered = visible

    def _transact(self, documents: Sequence[Document], last: int) -> None:
        producer = self._producer
        producer.begin_transaction()
        for document in documents:
            producer.send(
                self._topics[document.kind],
                key=document.key.encode(),
                value=document.body or None,
                headers=[
                    ("content-type", b"application/json"),
                    (SEQUENCE_HEADER, b"%d" % document.sequence),
                    (OUTBOX_HEADER, self.outbox.encode()),
                ],
            )
        mark = {self._mark: OffsetAndMetadata(last, "", -1)}
        producer.send_offsets_to_transaction(mark, self.outbox)
        producer.commit_transaction()

    def _too_large(self, documents: Sequence[Document]) -> BrokerError:
        largest = max(documents, key=lambda document: len(document.body))
        topic = self._topics[largest.kind]
        return BrokerError(
            f"Kafka at {servers(self._options)}: topic {topic!r} refuses a document of "
            f"{len(largest.body)} bytes (key {largest.key!r}, sequence {largest.sequence}): raise "
            "max.message.bytes of the topic"
        )

    def _drop(self, wait_seconds: float = 0.0) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        closing = _close_later(producer)
        if wait_seconds:
            try:
                closing.result(wait_seconds)
            except (KafkaError, TimeoutError):
                return  # its thread ends by itself once the library gives up


def _close_later(producer: Any) -> Call[None]:  # noqa: ANN401 - the library has no types
    """Close on another thread: the library waits for records that can no longer be delivered."""
    return Call(lambda: producer.close(timeout=DELIVERY_SECONDS + REQUEST_SECONDS))
