"""Opens kafka-python clients: whole or not at all, with the reason of a failure in its message."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError, SaslAuthenticationFailedError

from streams.broker.calls import within
from streams.broker.errors import (
    LOGIN_ERRORS,
    BrokerError,
    explained,
    missing_topics,
    one_line,
    servers,
)
from streams.settings import KafkaSettings

#: Longest wait for the answer of one request, seconds.
REQUEST_SECONDS = 10.0
#: Longest wait for a question that must not hold up a stop, seconds.
ANSWER_SECONDS = 4.0
#: How soon partitions that were added to a topic are found, seconds; five minutes by default.
METADATA_SECONDS = 60
#: Most bytes of one fetch, in all and of one partition, as compressed by whoever produced them.
#: One fetch is being read while the next is on its way, so twice this bounds the buffers.
FETCH_BYTES = 32 * 1024 * 1024
PARTITION_FETCH_BYTES = 8 * 1024 * 1024
#: A broker gathers so much, or waits so long, before it answers a fetch: each answer becomes a
#: commit, and a commit costs as much as folding hundreds of events.
FETCH_MIN_BYTES = 1024 * 1024
FETCH_WAIT_SECONDS = 0.25


class _Reasons(logging.Handler):
    """Keeps the errors that the library logs: it tries on, and its time-out does not name them.

    It also drops an answer that comes together with the end of the connection, and that is how a
    broker refuses a login. So a broker that tells its version and then hangs up, twice, is taken
    to have refused it: nothing but the login lies between.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._errors: list[Exception] = []
        self._hung_up = 0

    def emit(self, record: logging.LogRecord) -> None:
        arguments = record.args if isinstance(record.args, tuple) else ()
        self._errors.extend(each for each in arguments if isinstance(each, Exception))
        if any(getattr(each, "broker_version", None) is not None for each in arguments):
            self._hung_up += 1

    def most_telling(self, otherwise: Exception, *, with_login: bool) -> Exception:
        """Give a refused login if there was one, else the last error of the connection."""
        refused: list[Exception] = [
            error for error in self._errors if isinstance(error, LOGIN_ERRORS)
        ]
        if not refused and with_login and self._hung_up >= 2:
            refused = [SaslAuthenticationFailedError()]
        if refused:
            return refused[0]
        others = [error for error in self._errors if type(error) is not type(otherwise)]
        return others[-1] if others else otherwise


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
    with ExitStack() as on_failure:  # the library leaves its network thread running

        def remembered(**configs: object) -> Any:  # noqa: ANN401 - the library has no types
            connection = kind.DEFAULT_CONFIG["kafka_client"](**configs)
            on_failure.callback(connection.close)
            return connection

        client = _open(kind, {**options, "kafka_client": remembered}, wait_seconds)
        on_failure.pop_all()
    return client


def _open(kind: Any, options: Mapping[str, object], wait_seconds: float) -> Any:  # noqa: ANN401 - the library has no types
    library_log = logging.getLogger("kafka")
    reasons = _Reasons()
    library_log.addHandler(reasons)
    try:
        return kind(**options, bootstrap_timeout_ms=int(wait_seconds * 1000))
    except KafkaTimeoutError as error:
        with_login = str(options.get("security_protocol")).startswith("SASL_")
        reason = reasons.most_telling(error, with_login=with_login)
        raise _unreached(reason, options) from error
    except (KafkaError, OSError, ValueError, TypeError, RuntimeError, AssertionError) as error:
        raise explained(error, options) from error
    finally:
        library_log.removeHandler(reasons)


def _unreached(reason: Exception, options: Mapping[str, object]) -> BrokerError:
    """Tell a login or a certificate that will not do, a mistake, from a broker that is away."""
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return BrokerError(
            f"Kafka at {servers(options)} shows a certificate that we do not trust "
            f"({one_line(reason, options)}): set [kafka] ssl_cafile to the authority that signed it"
        )
    return explained(reason, options)


def require_topics(
    consumer: KafkaConsumer, topics: Mapping[str, str], options: Mapping[str, object]
) -> None:
    """Make sure that every topic exists. ``topics`` maps each to the setting that names it.

    Raises:
        BrokerError: one does not; it is named.
        BrokerAwayError: no answer in time.
    """
    try:
        there = within(ANSWER_SECONDS, consumer.topics)
    except (KafkaError, TimeoutError, RuntimeError) as error:
        raise explained(error, options) from error
    missing = [topic for topic in topics if topic not in there]
    if missing:
        raise missing_topics(missing, _setting(missing, topics), options)


def partitions_of(
    consumer: KafkaConsumer, settings: KafkaSettings, options: Mapping[str, object]
) -> list[TopicPartition]:
    """List the partitions of every input topic; one that was deleted meanwhile is an error."""
    numbers = {topic: consumer.partitions_for_topic(topic) for topic in settings.topics}
    missing = [topic for topic, found in numbers.items() if not found]
    if missing:
        raise missing_topics(missing, "topics", options)
    return [TopicPartition(topic, each) for topic, found in numbers.items() for each in found]


def _member_of(settings: KafkaSettings, instance: str) -> str:
    """Give the lasting name of a member that reads for the store ``instance``; empty without one.

    A member that comes back under its name is given the partitions that it had, and no others. So
    the name changes with the topics and their partitions: else what was added while it was away
    would not be read by anybody.

    Raises:
        BrokerError: a topic is missing, or the like.
        BrokerAwayError: no answer in time.
    """
    if not instance:
        return ""
    options = settings.client_options()
    consumer = open_client(KafkaConsumer, options, wait_seconds=2.0)
    try:
        require_topics(consumer, dict.fromkeys(settings.topics, "topics"), options)
        found = within(ANSWER_SECONDS, partial(partitions_of, consumer, settings, options))
    except (KafkaError, TimeoutError, RuntimeError) as error:
        raise explained(error, options) from error
    finally:
        consumer.close(autocommit=False, timeout_ms=0)
    counts = sorted(Counter(each.topic for each in found).items())
    return f"trainwatch-{instance}-{sha256(repr(counts).encode()).hexdigest()[:8]}"


def reading_options(
    settings: KafkaSettings, max_records: int, instance: str = ""
) -> dict[str, object]:
    """Give the keyword arguments of the consumer that reads events; ``instance``: of the store.

    Raises:
        BrokerError: a topic is missing, or the like.
        BrokerAwayError: no answer in time.
    """
    return {
        **settings.client_options(),
        "group_id": settings.group_id,
        "group_instance_id": _member_of(settings, instance) or None,
        "isolation_level": "read_committed",
        "enable_auto_commit": False,
        "auto_offset_reset": "none",  # a gap must be seen, never jumped
        "allow_auto_create_topics": False,
        "max_poll_records": max_records,
        "fetch_max_bytes": FETCH_BYTES,
        "max_partition_fetch_bytes": PARTITION_FETCH_BYTES,
        "fetch_min_bytes": FETCH_MIN_BYTES,
        "fetch_max_wait_ms": int(FETCH_WAIT_SECONDS * 1000),
        "request_timeout_ms": int(REQUEST_SECONDS * 1000),
        "reconnect_backoff_max_ms": 5000,
        "metadata_max_age_ms": METADATA_SECONDS * 1000,
    }


def output_topics(settings: KafkaSettings) -> dict[str, str]:
    """Map each output topic to the setting that names it."""
    return {
        settings.reports_topic: "reports_topic",
        settings.findings_topic: "findings_topic",
        settings.dead_letters_topic: "dead_letters_topic",
    }


def _setting(missing: Sequence[str], topics: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(topics[topic] for topic in missing))
