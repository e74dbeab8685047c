"""KafkaSink on Apache Kafka: each document once, whoever dies when."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from kafka import KafkaProducer

from streams.broker import BrokerError, BrokerFencedError, KafkaSink
from streams.ports import Document
from streams.settings import KafkaSettings
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker


def reports(first: int, last: int) -> list[Document]:
    return [Document(n, "report", f"report-{n % 3}", b'{"n":%d}' % n) for n in range(first, last)]


def seen(broker: Broker, settings: KafkaSettings) -> list[bytes]:
    return [record.value for record in broker.read(settings.reports_topic)]


def bodies(documents: Sequence[Document]) -> list[bytes]:
    return [document.body for document in documents]


@pytest.fixture
def settings(real_broker: Broker) -> KafkaSettings:
    return real_broker.settings(**real_broker.output_topics())


def test_a_document_carries_key_sequence_and_outbox(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    sink = KafkaSink(settings, instance="store-7")
    sink.publish([Document(41, "dead_letter", "events/0/12/0", b'{"reason":"not_json"}')])
    sink.close()
    record = real_broker.read(settings.dead_letters_topic)[0]
    assert (record.key, record.value) == (b"events/0/12/0", b'{"reason":"not_json"}')
    assert list(record.headers) == [
        ("content-type", b"application/json"),
        ("trainwatch-sequence", b"41"),
        ("trainwatch-outbox", f"{settings.group_id}.outbox.store-7".encode()),
    ]


def test_a_finding_that_holds_no_more_is_a_tombstone(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    sink = KafkaSink(settings)
    sink.publish([Document(1, "finding", "f-1", b"{}"), Document(2, "finding", "f-1", b"")])
    sink.close()
    assert [r.value for r in real_broker.read(settings.findings_topic)] == [b"{}", None]


def test_a_transaction_left_open_by_a_dead_process_is_undone(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    documents = reports(1, 4)
    dead = KafkaProducer(
        bootstrap_servers=real_broker.bootstrap, transactional_id=KafkaSink(settings).outbox
    )
    dead.init_transactions()
    dead.begin_transaction()
    for document in documents[:2]:
        dead.send(settings.reports_topic, key=document.key.encode(), value=document.body)
    dead.flush(10)
    sink = KafkaSink(settings)
    before = sink.last_sequence()
    sink.publish(documents)
    sink.close()
    dead.close(timeout=5)
    uncommitted = real_broker.read(settings.reports_topic, isolation="read_uncommitted")
    assert before == 0
    assert seen(real_broker, settings) == bodies(documents)
    assert len(uncommitted) == 5


def test_documents_that_one_refused_document_stops_are_all_unseen(
    real_broker: Broker,
) -> None:
    small = real_broker.create_topic(max_message_bytes="2000")
    settings = real_broker.settings(**real_broker.output_topics() | {"reports_topic": small})
    sink = KafkaSink(settings)
    noise = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(3000))  # incompressible
    large = Document(2, "report", "large", noise)
    with pytest.raises(BrokerError) as caught:
        sink.publish([Document(1, "finding", "f", b"{}"), large])
    last = sink.last_sequence()
    sink.close()
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap}: topic '{small}' refuses a document of 96000 bytes "
        "(key 'large', sequence 2): raise max.message.bytes of the topic"
    )
    assert (last, real_broker.read(settings.findings_topic)) == (0, [])


def test_a_zombie_is_fenced_and_its_successor_goes_on(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    zombie = KafkaSink(settings)
    zombie.publish(reports(1, 3))
    successor = KafkaSink(settings)
    successor.publish(reports(1, 5))
    with pytest.raises(BrokerFencedError) as caught:
        zombie.publish(reports(3, 9))
    successor.publish(reports(5, 7))
    zombie.close()
    successor.close()
    assert str(caught.value).startswith(
        f"Kafka at {real_broker.bootstrap}: another process works for this store"
    )
    assert seen(real_broker, settings) == bodies(reports(1, 7))


def test_a_zombie_that_comes_back_from_an_outage_gives_way(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    zombie = KafkaSink(settings)
    zombie.publish(reports(1, 3))
    successor = KafkaSink(settings)
    successor.publish(reports(3, 5))
    successor.close()
    zombie.close()  # as after an outage: the next call connects anew
    with pytest.raises(BrokerFencedError) as caught:
        zombie.publish(reports(3, 9))
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap}: outbox '{settings.group_id}.outbox' is at 4, this "
        "instance only got to 2: another one publishes for the same store; stop one of the two"
    )
    assert seen(real_broker, settings) == bodies(reports(1, 5))


def test_two_stores_of_one_group_do_not_disturb_each_other(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    one, two = KafkaSink(settings, instance="one"), KafkaSink(settings, instance="two")
    one.publish(reports(1, 3))
    two.publish(reports(1, 2))
    one.publish(reports(3, 4))
    lasts = (one.last_sequence(), two.last_sequence())
    one.close()
    two.close()
    assert lasts == (3, 1)
    assert sorted(seen(real_broker, settings)) == sorted(bodies(reports(1, 4) + reports(1, 2)))


def test_a_sequence_that_the_broker_forgot_is_read_from_the_documents(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    another = KafkaSink(settings, instance="another")
    another.publish(reports(1, 40))
    sink = KafkaSink(settings)
    sink.publish(reports(1, 4))
    sink.close()
    another.publish([Document(90, "finding", "f", b"{}")])
    another.close()
    real_broker.forget_group(sink.outbox)  # as after offsets.retention.minutes
    successor = KafkaSink(settings)
    last = successor.last_sequence()
    successor.close()
    assert last == 3


def test_a_missing_output_topic_is_named(real_broker: Broker) -> None:
    topics = real_broker.output_topics() | {"findings_topic": "findings.typo"}
    sink = KafkaSink(real_broker.settings(**topics))
    with pytest.raises(BrokerError) as caught:
        sink.last_sequence()
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap} has no topic 'findings.typo', or user 'anonymous' may "
        "not see it: create it, grant Read on it, or correct [kafka] findings_topic"
    )


PUBLISH_FOR_EVER = """
import sys
from streams.broker import KafkaSink
from streams.ports import Document
from streams.settings import KafkaSettings

sink = KafkaSink(KafkaSettings.model_validate_json(sys.argv[1]))
known = sink.last_sequence()
print(known, flush=True)
while True:  # what a store holds: an outbox without gaps, in batches of seven
    known += 7
    sink.publish([Document(n, "report", f"k{n}", b"%d" % n) for n in range(known - 13, known + 1)
                  if n > 0])
"""


def test_killed_at_any_point_each_document_is_seen_once(
    real_broker: Broker, settings: KafkaSettings
) -> None:
    for milliseconds in (0, 300, 600, 650, 700, 1000):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISH_FOR_EVER, settings.model_dump_json()],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait(10)
        process.stdout.close()
    sink = KafkaSink(settings)
    last = sink.last_sequence()
    sink.close()
    assert last > 0
    assert last % 7 == 0
    assert [int(value) for value in seen(real_broker, settings)] == list(range(1, last + 1))
