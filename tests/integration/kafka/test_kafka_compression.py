"""Compressed batches on Apache Kafka, as librdkafka writes them, are read whole."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer

from streams.broker import KafkaSource
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker

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


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
def test_compressed_batches_are_read_whole(real_broker: Broker, codec: str) -> None:
    source = KafkaSource(real_broker.settings(topics=[_topic(real_broker, codec)]))
    source.start({})
    messages, _ = read_all(source, len(VALUES))
    source.close()
    assert [message.value for message in messages] == VALUES
