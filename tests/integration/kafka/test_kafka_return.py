"""A source that comes back: to topics made anew, to more topics than before, from an older copy."""

from __future__ import annotations

from typing import Any

import pytest

from streams.broker import BrokerError, KafkaSource, TopicIds
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker


def test_a_topic_made_anew_stops_the_source_however_long_it_is(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    settings = real_broker.settings(topics=[topic])
    kept: dict[str, Any] = {}
    real_broker.produce(topic, [(b"old", [])] * 2)
    first = KafkaSource(settings, topic_ids=TopicIds({}, kept.update))
    first.start({})
    _, offsets = read_all(first, 2)
    first.close()
    assert (list(kept), offsets) == ([topic], {f"{topic}/0": 2})
    real_broker.delete_topic(topic)
    real_broker.create_topic(name=topic)
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(5)])
    again = KafkaSource(settings, topic_ids=TopicIds(kept))
    with pytest.raises(BrokerError) as caught:
        again.start(offsets)
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap}: topic {topic!r} was deleted and made anew since it was "
        "read last: what it held and was not read is gone: see docs/kafka.md, 'Events that are "
        "gone'"
    )
    willing = KafkaSource(settings, skip_gaps=True, topic_ids=TopicIds(kept, kept.update))
    willing.start(offsets)
    messages, _ = read_all(willing, 5)
    willing.close()
    assert [message.value for message in messages] == [b"0", b"1", b"2", b"3", b"4"]
    after = KafkaSource(settings, topic_ids=TopicIds(kept))
    after.start({f"{topic}/0": 4})
    assert [message.value for message in read_all(after, 1)[0]] == [b"4"]
    after.close()


def test_a_topic_made_anew_while_it_is_read_is_noticed_and_read_from_its_beginning(
    real_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.broker.client.METADATA_SECONDS", 2)
    topic = real_broker.create_topic()
    settings = real_broker.settings(topics=[topic])
    real_broker.produce(topic, [(b"old", [])] * 2)
    source = KafkaSource(settings)
    willing = KafkaSource(real_broker.settings(topics=[topic]), skip_gaps=True)
    for each in (source, willing):
        each.start({})
        read_all(each, 2)
    real_broker.delete_topic(topic)
    real_broker.create_topic(name=topic)
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(5)])
    with pytest.raises(BrokerError, match="was deleted and made anew since it was read last"):
        read_all(source, 9)
    read: set[bytes] = set()
    while len(read) < 5:
        batch = willing.poll(0.5)
        read |= {message.value for message in batch.messages} if batch is not None else set()
    assert read == {b"0", b"1", b"2", b"3", b"4"}
    for each in (source, willing):
        each.close()


@pytest.mark.timeout(200)  # the group waits 45 s for the member under its old name
def test_what_was_added_while_a_store_was_away_is_read_when_it_comes_back(
    real_broker: Broker,
) -> None:
    topic, added = real_broker.create_topic(), real_broker.create_topic()
    real_broker.produce(added, [(b"b", [])])
    before = real_broker.settings(topics=[topic])
    first = KafkaSource(before, instance="store-8")
    first.start({})
    while first.poll(0.5) is not None or not first.lag():
        pass  # until it has its partition
    first.close()
    after = before.model_copy(update={"topics": (topic, added)})
    second = KafkaSource(after, instance="store-8")
    second.start({f"{topic}/0": 0})
    messages, _ = read_all(second, 1)
    second.close()
    assert [(message.topic, message.value) for message in messages] == [(added, b"b")]


def test_a_store_restored_from_before_it_knew_a_partition_reads_it_again(
    real_broker: Broker,
) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(3)])
    settings = real_broker.settings(topics=[topic])
    for _ in range(2):
        source = KafkaSource(settings, instance="store-9")
        source.start({})
        messages, offsets = read_all(source, 3)
        source.committed(offsets)
        source.close()
        assert [message.value for message in messages] == [b"0", b"1", b"2"]
