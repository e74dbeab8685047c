"""A user with the rights that docs/kafka.md lists can run; each missing one is named in a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.broker import (
    BrokerAwayError,
    BrokerError,
    KafkaEvents,
    KafkaSink,
    KafkaSource,
    describe_broker,
)
from streams.ports import Document
from streams.settings import KafkaSettings
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker, Right
from tests.support.kafka_process import LIMITED_USER, PASSWORD

pytestmark = pytest.mark.broker

#: As the store of a sidecar has one, made up at random: so rights are given to a prefix.
INSTANCE = "3f2a9c"
KINDS = ("report", "finding", "dead_letter")


def _settings(broker: Broker) -> KafkaSettings:
    assert broker.process is not None
    topic = broker.create_topic()
    broker.produce(topic, [(b"a", [])])
    return broker.settings(
        topics=[topic],
        **broker.output_topics(),
        bootstrap_servers=f"127.0.0.1:{broker.process.ports.sasl}",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username=LIMITED_USER,
        sasl_plain_password=PASSWORD,
    )


def _rights(settings: KafkaSettings) -> dict[str, Right]:
    """The table of docs/kafka.md, each right by a short name."""
    outbox = f"{settings.group_id}.outbox*"
    return {
        "read input": ("topic", settings.topics[0], "read"),
        "read group": ("group", settings.group_id, "read"),
        "write reports": ("topic", settings.reports_topic, "write"),
        "write findings": ("topic", settings.findings_topic, "write"),
        "write dead letters": ("topic", settings.dead_letters_topic, "write"),
        "read reports": ("topic", settings.reports_topic, "read"),
        "read findings": ("topic", settings.findings_topic, "read"),
        "read dead letters": ("topic", settings.dead_letters_topic, "read"),
        "read outbox": ("group", outbox, "read"),
        "write outbox": ("transactional_id", outbox, "write"),
    }


def _read(settings: KafkaSettings) -> list[bytes]:
    source = KafkaSource(settings, instance=INSTANCE)
    source.start({})
    messages, offsets = read_all(source, 1)
    source.committed(offsets)
    source.close()
    return [message.value for message in messages]


def _publish(settings: KafkaSettings) -> int:
    sink = KafkaSink(settings, instance=INSTANCE)
    sink.publish([Document(n, kind, "key", b"{}") for n, kind in enumerate(KINDS, 1)])
    sink.close()
    return sink.last_sequence_seen


def test_a_user_with_the_rights_listed_reads_publishes_and_passes_doctor(
    real_broker: Broker,
) -> None:
    settings = _settings(real_broker)
    real_broker.grant(LIMITED_USER, _rights(settings).values())
    assert (_read(settings), _publish(settings)) == ([b"a"], 3)
    assert describe_broker(settings) == (
        f"{settings.bootstrap_servers[0]} answers, 4 topics are there, and the rights to them"
    )


@pytest.mark.parametrize("version", ["2.2.0", "2.8.0"])
def test_a_broker_that_cannot_be_asked_for_every_right_is_no_broken_one(
    real_broker: Broker, version: str
) -> None:
    settings = _settings(real_broker)
    real_broker.grant(LIMITED_USER, _rights(settings).values())
    older = settings.model_copy(update={"api_version": version})
    assert describe_broker(older) == (
        f"{settings.bootstrap_servers[0]} answers, 4 topics are there, and the rights to them"
    )


@pytest.mark.parametrize(
    ("missing", "work", "met", "told"),
    [
        ("read group", _read, "Read on group '{group_id}'", "Read on group '{group_id}'"),
        (
            "write findings",
            _publish,
            "Write on topic '{findings_topic}'",
            "Write on topic '{findings_topic}'",
        ),
        (
            "read reports",
            _publish,
            "Read on topic '{reports_topic}'",
            "Read on topic '{reports_topic}'",
        ),
        (
            "read outbox",
            _publish,
            "Read on group '{group_id}.outbox.3f2a9c'",
            "Read on groups '{group_id}.outbox*'",
        ),
        (
            "write outbox",
            _publish,
            "Write on transactional id '{group_id}.outbox.3f2a9c'",
            "Write on transactional ids '{group_id}.outbox*'",
        ),
    ],
)
def test_a_right_that_is_missing_is_named_by_doctor_and_by_whoever_needs_it(
    real_broker: Broker,
    missing: str,
    work: Callable[[KafkaSettings], object],
    met: str,
    told: str,
) -> None:
    settings = _settings(real_broker)
    rights = _rights(settings)
    del rights[missing]
    real_broker.grant(LIMITED_USER, rights.values())
    lines = []
    for run in (work, describe_broker):
        with pytest.raises(BrokerError) as caught:
            run(settings)
        assert not isinstance(caught.value, BrokerAwayError)  # it does not mend itself
        lines.append(str(caught.value))
    assert lines == [
        f"Kafka at {settings.bootstrap_servers[0]}: user '{LIMITED_USER}' lacks "
        f"{right.format(**settings.model_dump())}: grant it; docs/kafka.md, 'Security', lists "
        "every right needed"
        for right in (met, told)
    ]


def test_a_topic_that_may_not_be_read_cannot_be_told_from_one_that_is_not_there(
    real_broker: Broker,
) -> None:
    settings = _settings(real_broker)
    rights = _rights(settings)
    del rights["read input"]
    real_broker.grant(LIMITED_USER, rights.values())
    lines = set()
    for run in (_read, describe_broker):
        with pytest.raises(BrokerError) as caught:
            run(settings)
        lines.add(str(caught.value))
    assert lines == {
        f"Kafka at {settings.bootstrap_servers[0]} has no topic '{settings.topics[0]}', or user "
        f"'{LIMITED_USER}' may not see it: create it, grant Read on it, or correct [kafka] topics"
    }


def test_a_recorder_needs_to_write_its_topic_and_nothing_else(real_broker: Broker) -> None:
    settings = _settings(real_broker)
    topic = settings.topics[0]
    real_broker.grant(LIMITED_USER, [("topic", topic, "write")])
    events = KafkaEvents(settings)
    events.send([("key", b"{}")])
    events.close()
    assert [record.value for record in real_broker.read(topic)] == [b"a", b"{}"]
    real_broker.grant(LIMITED_USER, [("topic", topic, "describe")])
    with pytest.raises(BrokerError, match=f"lacks Write on topic '{topic}': grant it"):
        KafkaEvents(settings).send([("key", b"{}")])
