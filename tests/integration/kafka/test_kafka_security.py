"""SASL and TLS settings reach the broker; what is wrong with them is one clear line."""

from __future__ import annotations

import pytest

from streams.broker import BrokerError, KafkaSink, KafkaSource, describe_broker
from streams.ports import Document
from streams.settings import KafkaSettings
from tests.contract.ports_suite import read_all
from tests.support.kafka_broker import Broker
from tests.support.kafka_process import PASSWORD, USER

pytestmark = pytest.mark.broker


def _secured(broker: Broker, **changed: object) -> KafkaSettings:
    topics: dict[str, object] = {"topics": [broker.create_topic()], **broker.output_topics()}
    broker.produce(str(topics["topics"][0]), [(b"a", [])])  # type: ignore[index]  # a list
    return broker.settings(**topics | changed)


def _sasl(broker: Broker, password: str, user: str = USER) -> KafkaSettings:
    assert broker.process is not None
    return _secured(
        broker,
        bootstrap_servers=f"127.0.0.1:{broker.process.ports.sasl}",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username=user,
        sasl_plain_password=password,
    )


def _read_and_publish(settings: KafkaSettings) -> tuple[list[bytes], int]:
    source, sink = KafkaSource(settings), KafkaSink(settings)
    source.start({})
    messages, _ = read_all(source, 1)
    sink.publish([Document(1, "report", "r", b"{}")])
    last = sink.last_sequence()
    source.close()
    sink.close()
    return [message.value for message in messages], last


def test_sasl_with_the_right_password_reads_and_publishes(real_broker: Broker) -> None:
    assert _read_and_publish(_sasl(real_broker, PASSWORD)) == ([b"a"], 1)


def test_a_wrong_password_is_one_line_without_the_password(real_broker: Broker) -> None:
    settings = _sasl(real_broker, "not-the-password")
    expected = (
        f"Kafka at {settings.bootstrap_servers[0]} refused the login of user '{USER}' by PLAIN: "
        "check [kafka] sasl_mechanism, sasl_plain_username and sasl_plain_password"
    )
    with pytest.raises(BrokerError) as reading:
        KafkaSource(settings).start({})
    with pytest.raises(BrokerError) as publishing:
        KafkaSink(settings).last_sequence()
    with pytest.raises(BrokerError) as asking:
        describe_broker(settings)
    assert [str(caught.value) for caught in (reading, publishing, asking)] == [expected] * 3


def test_tls_with_the_right_authority_reads_and_publishes(real_broker: Broker) -> None:
    assert real_broker.process is not None
    settings = _secured(
        real_broker,
        bootstrap_servers=f"127.0.0.1:{real_broker.process.ports.tls}",
        security_protocol="SSL",
        ssl_cafile=str(real_broker.process.certificate),
    )
    assert _read_and_publish(settings) == ([b"a"], 1)
    assert (
        describe_broker(settings)
        == f"{settings.bootstrap_servers[0]} answers, 4 topics are there, and the rights to them"
    )


def test_tls_without_the_authority_says_which_setting_is_missing(real_broker: Broker) -> None:
    assert real_broker.process is not None
    settings = _secured(
        real_broker,
        bootstrap_servers=f"127.0.0.1:{real_broker.process.ports.tls}",
        security_protocol="SSL",
    )
    with pytest.raises(BrokerError) as caught:
        KafkaSource(settings).start({})
    line = str(caught.value)
    assert "shows a certificate that we do not trust (" in line
    assert line.endswith("set [kafka] ssl_cafile to the authority that signed it")
    assert "\n" not in line
