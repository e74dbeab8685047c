"""Writes usage events to Kafka: structured mode, keyed by tenant, acknowledged by every replica."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.broker.calls import Call, within
from streams.broker.client import REQUEST_SECONDS, open_client
from streams.broker.errors import explained
from streams.settings import KafkaSettings

#: Longest wait for a broker, and for its word that all events of one call are safe. Seconds.
CONNECT_SECONDS = 2.0
SEND_SECONDS = 4.0
#: How long the library itself tries to deliver a record. Seconds.
DELIVERY_SECONDS = 20.0
CONTENT_TYPE = b"application/cloudevents+json"


class KafkaEvents:
    """Sends events, in order, to the first of ``[kafka] topics``. Nothing is kept here."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Take the settings; nothing is opened before the first use."""
        self._options = settings.client_options()
        self._topic = settings.topics[0]
        self._producer: Any = None

    def send(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Send (key, event) pairs and wait until all are safe.

        Raises:
            BrokerAwayError: No broker took them in time. Some may be there: send all again, the
                same event twice counts once.
            BrokerError: The topic, the login or the configuration is wrong.
        """
        try:
            if self._producer is None:
                self._producer = self._open()
            within(SEND_SECONDS, lambda: self._send(events))
        except (KafkaError, TimeoutError) as error:
            self.close()
            raise explained(error, self._options, on_topics="Write") from error

    def close(self) -> None:
        """Close the connection; what was not acknowledged may be lost."""
        producer, self._producer = self._producer, None
        if producer is not None:
            Call(lambda: producer.close(timeout=DELIVERY_SECONDS))

    def _open(self) -> Any:  # noqa: ANN401 - the library has no types
        options = {
            **self._options,
            "acks": "all",
            "enable_idempotence": False,  # a repeat counts once anyway, and needs no further right
            "compression_type": "lz4",
            "max_block_ms": int(SEND_SECONDS * 1000),
            "delivery_timeout_ms": int(DELIVERY_SECONDS * 1000),
            "request_timeout_ms": int(REQUEST_SECONDS * 1000),
            "allow_auto_create_topics": False,
        }
        return open_client(KafkaProducer, options, wait_seconds=CONNECT_SECONDS)

    def _send(self, events: Sequence[tuple[str, bytes]]) -> None:
        headers = [("content-type", CONTENT_TYPE)]
        sent = [
            self._producer.send(self._topic, key=key.encode(), value=value, headers=headers)
            for key, value in events
        ]
        for each in sent:
            each.get(timeout=SEND_SECONDS)
