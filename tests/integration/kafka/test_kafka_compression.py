"""Compressed batches on Apache Kafka, as librdkafka writes them: read, or refused in words."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from confluent_kafka import Producer

from streams.broker import BrokerError, KafkaSource
from tests.contract.ports_suite import read_all
from tests.kafka_broker import Broker

pytestmark = pytest.mark.broker

#: Together more than a mebibyte, so that a codec that gives no more at once is found out.
VALUES = [b'{"id":"%d","pad":"%s"}' % (n, b"x" * 700) for n in range(2_000)]


def _topic(broker: Broker, codec: str) -> str:
    topic = broker.create_topic()
    settings = {"compression.type": codec, "linger.ms": 500, "batch.num.messages": len(VALUES)}
    producer = Producer({"bootstrap.servers": broker.bootstrap, **settings})
    for value in VALUES:
        producer.produce(topic, value)
    assert producer.flush(30) == 0
    return topic


@pytest.mark.parametrize("codec", ["gzip", "lz4", "zstd"])
def test_compressed_batches_are_read_whole(real_broker: Broker, codec: str) -> None:
    source = KafkaSource(real_broker.settings(topics=[_topic(real_broker, codec)]))
    source.start({})
    messages, _ = read_all(source, len(VALUES))
    source.close()
    assert [message.value for message in messages] == VALUES


def test_snappy_without_its_library_ends_in_one_line(real_broker: Broker) -> None:
    assert find_spec("snappy") is None, "snappy can be read now: move it to the test above"
    source = KafkaSource(real_broker.settings(topics=[_topic(real_broker, "snappy")]))
    source.start({})
    with pytest.raises(BrokerError) as caught:
        read_all(source, 1)
    source.close()
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap}: a record of [kafka] topics cannot be read here "
        "(UnsupportedCodecError: Libraries for snappy compression codec not found): for snappy, "
        "install python-snappy beside trainwatch; else see docs/kafka.md, 'What a topic may be'"
    )
