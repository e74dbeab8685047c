"""Usage events of a recorder through Kafka, as the detector reads them."""

from __future__ import annotations

import json

import pytest

from streams.broker import BrokerAwayError, KafkaEvents
from streams.settings import KafkaSettings
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker


def test_events_arrive_whole_in_order_and_keyed_by_tenant(kafka_broker: Broker) -> None:
    topic = kafka_broker.create_topic()
    sender = KafkaEvents(kafka_broker.settings(topics=(topic,)))
    events = [json.dumps({"id": str(number)}).encode() for number in range(3)]
    sender.send([("t-1", event) for event in events[:2]])
    sender.send([("t-1", events[2])])
    sender.close()
    found = kafka_broker.read(topic)
    assert [record.value for record in found] == events
    assert {record.key for record in found} == {b"t-1"}
    assert {tuple(record.headers) for record in found} == {
        (("content-type", b"application/cloudevents+json"),)
    }


def test_a_broker_that_is_away_is_told_in_seconds() -> None:
    nobody = KafkaSettings(bootstrap_servers=("127.0.0.1:9",))
    with pytest.raises(BrokerAwayError, match=r"Kafka at 127\.0\.0\.1:9 does not answer"):
        KafkaEvents(nobody).send([("t-1", b"{}")])
