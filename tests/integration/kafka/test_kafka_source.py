"""KafkaSource on Apache Kafka: carriers, group, gaps, missing topics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from streams.broker import BrokerError, BrokerFencedError, KafkaSource
from streams.ports import Message
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker


class Member:
    """One instance of a group: polls on a thread of its own and commits after each batch."""

    def __init__(self, source: KafkaSource) -> None:
        self.source = source
        self.values: list[bytes] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="member")
        self._thread.start()

    def _work(self) -> None:
        self.source.start({})
        while not self._stop.is_set():
            batch = self.source.poll(0.2)
            if batch is not None:
                self.values.extend(message.value for message in batch.messages)
                self.source.committed(batch.offsets)
        self.source.close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, f"waited 30 s for {what}"
        time.sleep(0.05)


def test_every_carrier_arrives_as_sent(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    sent: list[tuple[bytes, list[tuple[str, bytes]]]] = [
        (b'{"specversion":"1.0","id":"1"}', [("content-type", b"application/cloudevents+json")]),
        (b'{"tenant_id":"t"}', [("ce_specversion", b"1.0"), ("CE_ID", b"2"), ("ce_id", b"3")]),
        (b'[{"id":"4"}]', [("Content-Type", b"application/cloudevents-batch+json")]),
        (b'{"id":"5"}\n{"id":"6"}\n', [("content-type", b"application/x-ndjson")]),
        (b"\xff\xff\xff\xff\x00", [("content-type", b"application/vnd.apache.arrow.stream")]),
    ]
    real_broker.produce(topic, sent)
    source = KafkaSource(real_broker.settings(topics=[topic]))
    source.start({})
    messages, offsets = read_all(source, len(sent))
    newest = source.newest_record_at
    source.close()
    assert messages == [
        Message(topic, 0, at, value, tuple((name.lower(), text) for name, text in headers))
        for at, (value, headers) in enumerate(sent)
    ]
    assert offsets == {f"{topic}/0": 5}
    assert newest is not None
    assert timedelta(0) <= datetime.now(UTC) - newest < timedelta(minutes=1)  # noqa: TID251 - a test of a timestamp


def test_a_batch_is_no_larger_than_asked_and_lag_counts_the_rest(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(25)])
    source = KafkaSource(real_broker.settings(topics=[topic]), max_records=10)
    source.start({})
    sizes: list[int] = []
    lags: list[dict[str, int]] = []
    while sum(sizes) < 25:
        batch = source.poll(0.2)
        if batch is not None:
            sizes.append(len(batch.messages))
            lags.append(dict(source.lag()))
    source.close()
    assert sizes == [10, 10, 5]
    assert lags == [{f"{topic}/0": 15}, {f"{topic}/0": 5}, {f"{topic}/0": 0}]


def test_a_quiet_source_learns_of_new_lag_and_of_an_empty_topic(real_broker: Broker) -> None:
    topic = real_broker.create_topic(2)
    source = KafkaSource(real_broker.settings(topics=[topic]))
    source.start({})
    while not source.lag():
        source.poll(1.2)
    lag, newest, connected = source.lag(), source.newest_record_at, source.connected
    source.close()
    assert (lag, newest, connected) == ({f"{topic}/0": 0, f"{topic}/1": 0}, None, True)


def test_a_group_goes_from_one_to_two_to_one_without_loss_or_repeat(real_broker: Broker) -> None:
    topic = real_broker.create_topic(4)
    settings = real_broker.settings(topics=[topic])

    def produce(first: int) -> None:
        for partition in range(4):
            numbers = range(first + partition * 100, first + partition * 100 + 100)
            real_broker.produce(topic, [(b"%d" % n, []) for n in numbers], partition)

    produce(0)
    one = Member(KafkaSource(settings))
    wait_until(lambda: len(one.values) == 400, "the first member to read all")
    two = Member(KafkaSource(settings))
    wait_until(lambda: len(one.source.lag()) == 2 == len(two.source.lag()), "two and two")
    produce(400)
    wait_until(lambda: len(one.values) + len(two.values) >= 800, "both to read")
    shares = (len(one.values) - 400, len(two.values))
    two.stop()
    produce(800)
    wait_until(lambda: len(one.values) + len(two.values) >= 1200, "the first to take over")
    one.stop()
    read = Counter(one.values + two.values)
    assert shares == (200, 200)
    assert read == Counter(b"%d" % n for n in range(1200))


def test_close_leaves_the_group_at_once(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"a", [])])
    settings = real_broker.settings(topics=[topic])
    first = KafkaSource(settings)
    first.start({})
    _, offsets = read_all(first, 1)
    first.committed(offsets)
    began = time.monotonic()
    first.close()
    real_broker.produce(topic, [(b"b", [])])
    second = KafkaSource(settings)
    second.start({})
    messages, _ = read_all(second, 1)
    second.close()
    assert [message.value for message in messages] == [b"b"]
    assert time.monotonic() - began < 30  # a member that just vanished holds the group for 45 s


def test_a_store_that_comes_back_has_its_partitions_at_once_and_whoever_else_used_it_is_refused(
    real_broker: Broker,
) -> None:
    topic = real_broker.create_topic(2)
    real_broker.produce(topic, [(b"a", [])])
    settings = real_broker.settings(topics=[topic])
    first = KafkaSource(settings, instance="store-7")
    first.start({})
    _, offsets = read_all(first, 1)
    began = time.monotonic()
    second = KafkaSource(settings, instance="store-7")  # the first never left the group
    second.start(offsets)
    real_broker.produce(topic, [(b"b", [])])
    messages, further = read_all(second, 1)
    second.committed(further)
    assert [message.value for message in messages] == [b"b"]
    assert time.monotonic() - began < 30  # a member that just vanished holds the group for 45 s
    with pytest.raises(BrokerFencedError, match="another process works for this store"):
        first.committed(offsets)
    second.close()
    first.close()


def test_the_store_wins_over_the_group_at_start(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(5)])
    settings = real_broker.settings(topics=[topic])
    ahead = KafkaSource(settings)
    ahead.start({})
    _, offsets = read_all(ahead, 5)
    ahead.committed(offsets)
    ahead.close()
    restored = KafkaSource(settings)
    restored.start({f"{topic}/0": 2})
    messages, _ = read_all(restored, 3)
    restored.close()
    assert [message.value for message in messages] == [b"2", b"3", b"4"]


def test_only_committed_transactions_are_read(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce_in_transaction(topic, [b"undone"], commit=False)
    real_broker.produce_in_transaction(topic, [b"done"], commit=True)
    source = KafkaSource(real_broker.settings(topics=[topic]))
    source.start({})
    messages, _ = read_all(source, 1)
    while source.lag() != {f"{topic}/0": 0}:
        source.poll(0.5)
    source.close()
    assert [message.value for message in messages] == [b"done"]


def test_events_deleted_before_they_were_read_stop_the_source(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(4)])
    real_broker.delete_records(topic, before=3)
    settings = real_broker.settings(topics=[topic])
    source = KafkaSource(settings)
    source.start({f"{topic}/0": 1})
    with pytest.raises(BrokerError) as caught:
        read_all(source, 1)
    source.close()
    willing = KafkaSource(settings, skip_gaps=True)
    willing.start({f"{topic}/0": 1})
    messages, _ = read_all(willing, 1)
    willing.close()
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap} no longer has {topic}/0 at offset 1: events were "
        "deleted before they were read, or the topic was made anew: see docs/kafka.md, "
        "'Events that are gone'"
    )
    assert [message.value for message in messages] == [b"3"]


def test_events_deleted_while_it_reads_stop_the_source_or_are_passed_over_and_told(
    real_broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    topic = real_broker.create_topic()
    settings = real_broker.settings(topics=[topic])
    strict, willing = (
        KafkaSource(each, skip_gaps=skip)
        for each, skip in ((settings, False), (real_broker.settings(topics=[topic]), True))
    )
    real_broker.produce(topic, [(b"0", [])])
    for each in (strict, willing):
        each.start({})
        read_all(each, 1)
    real_broker.produce(topic, [(b"1", [])])  # taken by the fetch that is under way, if one is
    real_broker.produce(topic, [(b"%d" % n, []) for n in range(2, 9)])
    real_broker.delete_records(topic, before=8)
    read: set[bytes] = set()
    while b"8" not in read:
        batch = willing.poll(0.5)
        read |= {message.value for message in batch.messages} if batch is not None else set()
    assert read <= {b"1", b"8"}
    assert "gap_skipped" in caplog.messages
    with pytest.raises(BrokerError, match=rf"no longer has {topic}/0 at offset [12]: events were "):
        read_all(strict, 3)
    for each in (strict, willing):
        each.close()


def test_a_topic_that_does_not_exist_is_named(real_broker: Broker) -> None:
    source = KafkaSource(real_broker.settings(topics=[real_broker.create_topic(), "events.typo"]))
    with pytest.raises(BrokerError) as caught:
        source.start({})
    source.close()
    assert str(caught.value) == (
        f"Kafka at {real_broker.bootstrap} has no topic 'events.typo', or user 'anonymous' may "
        "not see it: create it, grant Read on it, or correct [kafka] topics"
    )


def test_a_topic_deleted_while_it_is_read_is_named(real_broker: Broker) -> None:
    topic = real_broker.create_topic()
    real_broker.produce(topic, [(b"a", [])])
    source = KafkaSource(real_broker.settings(topics=[topic]))
    source.start({})
    read_all(source, 1)
    real_broker.delete_topic(topic)
    with pytest.raises(BrokerError, match=f"has no topic '{topic}'"):
        read_all(source, 1)
    source.close()
