"""Kafka keeps the contract of the ports: reading on either rung, the rest on the real broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from streams.broker import KafkaSink, KafkaSource
from streams.settings import KafkaSettings
from tests.contract.ports_suite import SinkContract, SourceContract
from tests.support.kafka_broker import Broker

pytestmark = pytest.mark.broker


@dataclass
class _KafkaSourceRig:
    broker: Broker
    settings: KafkaSettings

    @property
    def topic(self) -> str:
        return self.settings.topics[0]

    def write(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        self.broker.produce(self.topic, [(value, headers)], partition=0)

    def source(self) -> KafkaSource:
        return KafkaSource(self.settings)


@dataclass
class _KafkaSinkRig:
    broker: Broker
    settings: KafkaSettings

    def sink(self) -> KafkaSink:
        return KafkaSink(self.settings)

    def seen(self) -> Mapping[str, Sequence[tuple[str, bytes]]]:
        topics = {
            "report": self.settings.reports_topic,
            "finding": self.settings.findings_topic,
            "dead_letter": self.settings.dead_letters_topic,
        }
        records = {kind: self.broker.read(topic) for kind, topic in topics.items()}
        return {
            kind: [(record.key.decode(), record.value) for record in found]
            for kind, found in records.items()
            if found
        }


class TestKafkaProtocol:
    """What librdkafka's mock cluster can do as well: one member, one join."""

    @pytest.fixture
    def source_rig(self, kafka_broker: Broker) -> _KafkaSourceRig:
        settings = kafka_broker.settings(topics=[kafka_broker.create_topic()])
        return _KafkaSourceRig(kafka_broker, settings)

    test_messages_arrive = SourceContract.test_messages_arrive_in_order_as_they_were_written
    test_reading_goes_on = SourceContract.test_reading_goes_on_where_the_store_says


class TestKafkaSource(SourceContract):
    @pytest.fixture
    def source_rig(self, real_broker: Broker) -> _KafkaSourceRig:
        settings = real_broker.settings(topics=[real_broker.create_topic()])
        return _KafkaSourceRig(real_broker, settings)


class TestKafkaSink(SinkContract):
    @pytest.fixture
    def sink_rig(self, real_broker: Broker) -> _KafkaSinkRig:
        settings = real_broker.settings(**real_broker.output_topics())
        return _KafkaSinkRig(real_broker, settings)
