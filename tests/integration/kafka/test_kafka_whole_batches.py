"""Whole batches from Apache Kafka are what a plain kafka-python consumer reads."""

from __future__ import annotations

from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from streams.broker import KafkaSink, KafkaSource
from streams.ports import Message, MessageBlocks
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker

HEADERS = [("Content-Type", b"application/json")]


@pytest.fixture(scope="module")
def topic(real_broker: Broker) -> str:
    """Write batches of every compression, tombstones, an aborted and a committed transaction."""
    name = real_broker.create_topic()
    for number, compression in enumerate((None, "gzip", "lz4", "zstd")):
        producer = KafkaProducer(
            bootstrap_servers=real_broker.bootstrap, compression_type=compression, linger_ms=500
        )
        headers = HEADERS if number % 2 else []
        for n in range(60):
            value = None if n % 20 == 7 else b"%s %d\n" % (str(compression).encode(), n)
            key = b"%d" % n if value is None or n % 3 else None
            producer.send(name, key=key, value=value, headers=headers)
        producer.flush(10)
        producer.close(timeout=10)
    producer = KafkaProducer(
        bootstrap_servers=real_broker.bootstrap, transactional_id=name, linger_ms=500
    )
    producer.init_transactions()
    for word in (b"aborted", b"committed"):
        producer.begin_transaction()
        for n in range(40):
            producer.send(name, value=b"%s %d" % (word, n))
        producer.flush(10)
        if word == b"aborted":
            producer.abort_transaction()
        else:
            producer.commit_transaction()
    producer.close(timeout=10)
    real_broker.produce(name, [(b"last", [])])
    return name


def plainly_read(broker: Broker, topic: str, first: int) -> list[Message]:
    """Read with the library alone, as far as the last message."""
    consumer: Any = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, isolation_level="read_committed"
    )
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek(partition, first)
    found: list[Message] = []
    while not found or found[-1].value != b"last":
        for record in consumer.poll(timeout_ms=500).get(partition, []):
            headers = tuple((name.lower(), value) for name, value in record.headers)
            found.append(Message(topic, 0, record.offset, record.value or b"", headers))
    consumer.close()
    return found


@pytest.mark.parametrize(("first", "max_records"), [(0, 20_000), (0, 7), (101, 33), (283, 500)])
def test_it_reads_what_a_plain_consumer_reads(
    real_broker: Broker, topic: str, first: int, max_records: int
) -> None:
    source = KafkaSource(real_broker.settings(topics=[topic]), max_records=max_records)
    source.start({f"{topic}/0": first})
    found: list[Message] = []
    kinds, sizes, offsets = set(), [], {}
    while not found or found[-1].value != b"last":
        batch = source.poll(0.5)
        if batch is not None:
            found.extend(batch.messages)
            kinds.add(type(batch.messages))
            sizes.append(len(batch.messages))
            offsets = dict(batch.offsets)
    source.close()
    assert found == plainly_read(real_broker, topic, first)
    assert MessageBlocks in kinds
    assert max(sizes) <= max_records
    assert offsets == {f"{topic}/0": found[-1].offset + 1}


def test_looking_for_the_outbox_leaves_no_question_open(
    real_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending: list[bool] = []
    close = KafkaConsumer.close

    def closed(consumer: Any, **options: Any) -> None:  # noqa: ANN401 - the library has no types
        pending.append(consumer._cluster.need_update)  # noqa: SLF001 - logged as an error if cut off
        close(consumer, **options)

    monkeypatch.setattr(KafkaConsumer, "close", closed)
    sink = KafkaSink(real_broker.settings(**real_broker.output_topics()))
    assert sink.last_sequence() == 0
    sink.close()
    assert pending == [False]
