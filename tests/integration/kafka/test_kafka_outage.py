"""The broker goes away and comes back: nothing is lost, nothing comes twice."""

from __future__ import annotations

import threading
import time

import pytest

from streams.broker import BrokerAwayError, KafkaSink, KafkaSource
from streams.ports import Document
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def _publish_all(sink: KafkaSink, count: int, failures: list[str]) -> None:
    """Publish one document after another, each until it is taken, as the service does."""
    for sequence in range(1, count + 1):
        document = Document(sequence, "report", "r", b"%d" % sequence)
        while True:
            try:
                sink.publish([document])
            except BrokerAwayError as away:
                failures.append(str(away))
            else:
                break


def test_consuming_and_publishing_go_on_after_a_restart(real_broker: Broker) -> None:
    assert real_broker.process is not None
    topic = real_broker.create_topic(2)
    settings = real_broker.settings(topics=[topic], **real_broker.output_topics())
    for partition in range(2):
        numbers = range(partition * 1000, partition * 1000 + 1000)
        real_broker.produce(topic, [(b"%d" % n, []) for n in numbers], partition)
    source = KafkaSource(settings, max_records=100)
    source.start({})
    before, offsets = read_all(source, 300)
    source.committed(offsets)
    sink = KafkaSink(settings, retry_seconds=1.0)
    failures: list[str] = []
    publishing = threading.Thread(target=_publish_all, args=(sink, 60, failures))
    publishing.start()
    while sink.last_sequence_seen < 10:
        time.sleep(0.01)
    real_broker.process.stop()
    while source.connected:
        batch = source.poll(0.2)
        before.extend(batch.messages if batch is not None else ())
    away = (source.connected, source.poll(0.2))
    while not failures:
        time.sleep(0.05)
    real_broker.process.start()
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(2000, 3000)], 0)
    after, offsets = read_all(source, 3000 - len(before))
    source.committed(offsets)
    connected = source.connected
    source.close()
    publishing.join(60)
    sink.close()
    assert away == (False, None)
    assert connected
    assert sorted(int(message.value) for message in before + after) == list(range(3000))
    published = [int(record.value) for record in real_broker.read(settings.reports_topic)]
    assert published == list(range(1, 61))


def test_a_broker_that_is_away_at_the_start_is_waited_for(real_broker: Broker) -> None:
    assert real_broker.process is not None
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"a", [])])
    settings = real_broker.settings(topics=[topic], **real_broker.output_topics())
    source, sink = KafkaSource(settings), KafkaSink(settings, retry_seconds=0.5)
    real_broker.process.stop()
    source.start({})
    quiet, trouble, connected = source.poll(0.1), source.trouble, source.connected
    with pytest.raises(BrokerAwayError) as caught:
        sink.last_sequence()
    real_broker.process.start()
    messages, _ = read_all(source, 1)
    last = sink.last_sequence()
    states = (source.trouble, source.connected, sink.connected)
    source.close()
    sink.close()
    assert (quiet, connected) == (None, False)
    for line in (trouble, str(caught.value)):
        assert line.startswith(f"Kafka at {real_broker.bootstrap} does not answer (")
        assert line.endswith(
            "check that it runs, and [kafka] bootstrap_servers and security_protocol"
        )
        assert "\n" not in line
    assert isinstance(caught.value, ConnectionError)  # what the service may catch by name
    assert [message.value for message in messages] == [b"a"]
    assert (last, states) == (0, ("", True, True))
