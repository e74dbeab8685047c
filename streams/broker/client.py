"""Opens kafka-python clients: whole or not at all, with the reason of a failure in its message."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from streams.broker.calls import within
from streams.broker.errors import BrokerAwayError, explained, missing_topics, one_line, servers

#: Longest wait for the answer of one request, seconds.
REQUEST_SECONDS = 10.0


class _LastWarning(logging.Handler):
    """Keeps the last warning of the library: its time-outs do not say what went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = "no answer"

    def emit(self, record: logging.LogRecord) -> None:
        if "failed" in record.msg:
            self.text = record.getMessage()


def open_client(kind: Any, options: Mapping[str, object], *, wait_seconds: float) -> Any:  # noqa: ANN401 - the library has no types
    """Build a client that has reached a broker.

    Args:
        kind: KafkaConsumer or KafkaProducer.
        options: its keyword arguments; ``bootstrap_servers`` among them.
        wait_seconds: longest wait for any of the brokers.

    Raises:
        BrokerAwayError: none answered in time.
        BrokerError: an option, the login or the certificate is wrong.
    """
    opened: list[Any] = []

    def remembered(**configs: object) -> Any:  # noqa: ANN401 - the library has no types
        opened.append(kind.DEFAULT_CONFIG["kafka_client"](**configs))
        return opened[-1]

    library_log = logging.getLogger("kafka")
    last_warning = _LastWarning()
    library_log.addHandler(last_warning)
    try:
        return kind(
            **options, kafka_client=remembered, bootstrap_timeout_ms=int(wait_seconds * 1000)
        )
    except (KafkaError, OSError, ValueError, TypeError, RuntimeError, AssertionError) as error:
        for client in opened:  # the library leaves its network thread running
            client.close()
        reason = explained(error, options)
        if isinstance(reason, BrokerAwayError):
            reason = BrokerAwayError(
                f"Kafka at {servers(options)} does not answer "
                f"({one_line(last_warning.text, options)}): check that it runs, and [kafka] "
                "bootstrap_servers, security_protocol and ssl_cafile"
            )
        raise reason from error
    finally:
        library_log.removeHandler(last_warning)


def require_topics(
    consumer: KafkaConsumer, topics: Mapping[str, str], options: Mapping[str, object]
) -> None:
    """Make sure that every topic exists. ``topics`` maps each to the setting that names it.

    Raises:
        BrokerError: one does not; it is named.
        BrokerAwayError: no answer in time.
    """
    try:
        there = within(REQUEST_SECONDS, consumer.topics)
    except (KafkaError, TimeoutError, RuntimeError) as error:
        raise explained(error, options) from error
    missing = [topic for topic in topics if topic not in there]
    if missing:
        raise missing_topics(missing, _setting(missing, topics), options)


def _setting(missing: Sequence[str], topics: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(topics[topic] for topic in missing))
