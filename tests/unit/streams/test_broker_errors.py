"""Every trouble with a broker is one line, names what to do and shows no secret."""

from __future__ import annotations

import pytest
from kafka import errors as kafka_errors

from streams.broker import BrokerAwayError, BrokerError, BrokerFencedError
from streams.broker.errors import BrokerRightError, explained, missing_topics

OPTIONS = {
    "bootstrap_servers": ["b1:9092"],
    "sasl_mechanism": "PLAIN",
    "sasl_plain_username": "alice",
    "sasl_plain_password": "open-sesame",
}


@pytest.mark.parametrize(
    ("error", "kind", "line"),
    [
        (
            kafka_errors.KafkaTimeoutError("Timed out\nafter 5 ms"),
            BrokerAwayError,
            "Kafka at b1:9092 does not answer (KafkaTimeoutError: Timed out after 5 ms): check "
            "that it runs, and [kafka] bootstrap_servers and security_protocol",
        ),
        (
            TimeoutError("no answer in 10 s"),
            BrokerAwayError,
            "Kafka at b1:9092 does not answer (no answer in 10 s): check that it runs, and [kafka] "
            "bootstrap_servers and security_protocol",
        ),
        (
            kafka_errors.SaslAuthenticationFailedError("bad password open-sesame"),
            BrokerError,
            "Kafka at b1:9092 refused the login of user 'alice' by PLAIN: check [kafka] "
            "sasl_mechanism, sasl_plain_username and sasl_plain_password",
        ),
        (
            kafka_errors.ProducerFencedError("epoch 3"),
            BrokerFencedError,
            "Kafka at b1:9092: another process works for this store ([Error 90] "
            "ProducerFencedError: epoch 3): stop one of the two; each store may have only one",
        ),
        (
            kafka_errors.TopicAuthorizationFailedError({"events", "bills"}),
            BrokerRightError,
            "Kafka at b1:9092: user 'alice' lacks Read on topic 'bills' 'events': grant it; "
            "docs/kafka.md, 'Security', lists every right needed",
        ),
        (
            kafka_errors.KafkaError(
                "an earlier request failed",
                kafka_errors.ClusterAuthorizationFailedError("no idempotent sends"),
            ),
            BrokerRightError,
            "Kafka at b1:9092: user 'alice' lacks a right ([Error 31] "
            "ClusterAuthorizationFailedError: no idempotent sends): grant it; docs/kafka.md, "
            "'Security', lists every right needed",
        ),
        (
            kafka_errors.UnsupportedCodecError("Libraries for snappy compression not found"),
            BrokerError,
            "Kafka at b1:9092: a record of [kafka] topics cannot be read here "
            "(UnsupportedCodecError: Libraries for snappy compression not found): install what "
            "requirements.txt locks (crc32c, lz4, python-snappy, zstandard); see docs/kafka.md, "
            "'What a topic may be'",
        ),
        (
            ValueError("odd option near open-sesame"),
            BrokerError,
            "Kafka at b1:9092: odd option near ***: correct [kafka], see docs/kafka.md",
        ),
    ],
)
def test_a_library_error_becomes_one_line(
    error: Exception, kind: type[BrokerError], line: str
) -> None:
    explanation = explained(error, OPTIONS)
    assert (type(explanation), str(explanation)) == (kind, line)


def test_our_own_error_stays_as_it_is() -> None:
    error = BrokerError("said already")
    assert explained(error, OPTIONS) is error


def test_missing_topics_are_named_with_the_setting() -> None:
    assert str(missing_topics(["a", "b"], "topics", OPTIONS)) == (
        "Kafka at b1:9092 has no topic 'a', 'b', or user 'alice' may not see it: create it, grant "
        "Read on it, or correct [kafka] topics"
    )
