"""The broker of the tests, as a pytest plugin: a real one, or its protocol where none can run.

Where test files run side by side, each worker has a broker of its own and tells the main process
which kind it was.

A test that takes ``kafka_broker`` runs on whichever there is. A test that takes
``real_broker`` runs on Apache Kafka only: on a machine without Java or Maven it is deselected and
the closing summary says so; with ``CI=true`` such a machine is an error.
"""

from __future__ import annotations

import os
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from streams.settings import KafkaSettings
from tests.support.kafka_process import (
    BrokerNotUsableError,
    KafkaProcess,
    broker_version,
    tools_missing,
)
from tests.support.left_out import leave_out

# kafka-python 3.0 reads its schemas with importlib.resources.read_text, deprecated in 3.11 and
# no longer so in 3.13. Loaded here once, before warnings are errors.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import (
        ACL,
        ACLFilter,
        ACLOperation,
        ACLPermissionType,
        ACLResourcePatternType,
        MemberToRemove,
        NewTopic,
        ResourcePattern,
        ResourcePatternFilter,
        ResourceType,
    )

Record = tuple[bytes, Sequence[tuple[str, bytes]]]
#: What may be done to which resource: ``("topic", "events", "read")``; a
#: name that ends in a star stands for all that begin so.
Right = tuple[str, str, str]
#: What librdkafka's mock cluster and kafka-python can both speak.
MOCK_API_VERSION = "2.0.0"

_RAN = pytest.StashKey[str]()
_LEFT_OUT = pytest.StashKey[int]()


def rung() -> str:
    """Say which broker this machine can run: ``real`` or ``protocol``."""
    if not tools_missing() or os.environ.get("CI") == "true":
        return "real"
    return "protocol"


class Broker:
    """A broker and what tests do with it from the other side."""

    def __init__(
        self, bootstrap: str, process: KafkaProcess | None = None, *, is_mock: bool = False
    ) -> None:
        self.bootstrap = bootstrap
        self.process = process
        self.is_mock = is_mock
        self._client: dict[str, Any] = {"bootstrap_servers": bootstrap}
        if is_mock:
            self._client["api_version"] = (2, 0, 0)

    def settings(self, **changed: object) -> KafkaSettings:
        """Give settings with a fresh group; keywords are those of ``[kafka]``."""
        defaults: dict[str, object] = {
            "bootstrap_servers": self.bootstrap,
            "group_id": f"group-{uuid.uuid4().hex[:12]}",
            "api_version": MOCK_API_VERSION if self.is_mock else None,
        }
        return KafkaSettings.model_validate(defaults | changed)

    def create_topic(self, partitions: int = 1, name: str = "", **config: str) -> str:
        """Make a topic with a name of its own; config keys have ``_`` for ``.``."""
        name = name or f"topic-{uuid.uuid4().hex[:12]}"
        if self.is_mock:  # the mock makes topics as they are named
            return name
        with KafkaAdminClient(**self._client) as admin:
            configs = {key.replace("_", "."): value for key, value in config.items()}
            admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
            admin.wait_for_topics([name])
        return name

    def output_topics(self) -> dict[str, str]:
        """Make the three topics of a sink, as settings."""
        names = ("reports_topic", "findings_topic", "dead_letters_topic")
        return {name: self.create_topic() for name in names}

    def produce(self, topic: str, records: Sequence[Record], partition: int | None = None) -> None:
        """Write records as (value, headers), round robin over nothing: ``partition`` decides."""
        producer = KafkaProducer(**self._client, enable_idempotence=not self.is_mock)
        for value, headers in records:
            producer.send(topic, value=value, headers=list(headers), partition=partition)
        producer.flush(30)
        producer.close(timeout=10)

    def produce_in_transaction(self, topic: str, values: Sequence[bytes], *, commit: bool) -> None:
        """Write values in one transaction and end it."""
        producer = KafkaProducer(**self._client, transactional_id=uuid.uuid4().hex)
        producer.init_transactions()
        producer.begin_transaction()
        for value in values:
            producer.send(topic, value=value)
        producer.flush(30)
        if commit:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
        producer.close(timeout=10)

    def delete_records(self, topic: str, before: int) -> None:
        """Delete the records of partition 0 before an offset, as retention does."""
        with KafkaAdminClient(**self._client) as admin:
            admin.delete_records({TopicPartition(topic, 0): before})

    def forget_group(self, group_id: str) -> None:
        """Delete what a group without members has committed."""
        with KafkaAdminClient(**self._client) as admin:
            admin.delete_groups([group_id])

    def end_session(self, group_id: str, instance: str) -> None:
        """Take the member of a store for dead at once; by itself the group waits 45 s."""
        with KafkaAdminClient(**self._client) as admin:
            members = admin.describe_groups([group_id])[group_id]["members"]
            (name,) = (
                each["group_instance_id"]
                for each in members
                if instance in each["group_instance_id"]
            )
            admin.remove_group_members(group_id, [MemberToRemove(group_instance_id=name)])

    def grant(self, user: str, rights: Iterable[Right]) -> None:
        """Let a user do this, in place of what it was let do before."""
        anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        whose = f"User:{user}"
        with KafkaAdminClient(**self._client) as admin:
            admin.delete_acls(
                [ACLFilter(whose, "*", ACLOperation.ANY, ACLPermissionType.ANY, anything)]
            )
            made = admin.create_acls([_acl(whose, right) for right in rights])
        assert not made["failed"]

    def delete_topic(self, topic: str) -> None:
        """Delete a topic with all its records."""
        with KafkaAdminClient(**self._client) as admin:
            admin.delete_topics([topic])

    def read(self, topic: str, *, isolation: str = "read_committed") -> list[Any]:
        """Read everything that is in a topic, as a reader with this isolation sees it."""
        reader = KafkaConsumer(
            **self._client, isolation_level=isolation, auto_offset_reset="earliest"
        )
        parts = [TopicPartition(topic, number) for number in reader.partitions_for_topic(topic)]
        reader.assign(parts)
        ends = reader.end_offsets(parts)
        found: list[Any] = []
        until = time.monotonic() + 30
        while any(reader.position(part) < ends[part] for part in parts):
            assert time.monotonic() < until, f"{topic} was not read to its end in 30 s"
            for records in reader.poll(timeout_ms=200).values():
                found.extend(records)
        reader.close()
        return found


def _acl(whose: str, right: Right) -> ACL:
    kind, name, operation = right
    pattern = "PREFIXED" if name.endswith("*") else "LITERAL"
    resource = ResourcePattern(
        ResourceType[kind.upper()], name.removesuffix("*"), ACLResourcePatternType[pattern]
    )
    allowed = ACLPermissionType.ALLOW
    return ACL(whose, "*", ACLOperation[operation.upper()], allowed, resource)


def _start_real(folder: Path) -> Iterator[Broker]:
    if tools_missing():
        raise BrokerNotUsableError(
            f"CI=true needs a real Apache Kafka, and {', '.join(tools_missing())} cannot be found: "
            "install a Java 17 runtime, Maven and openssl"
        )
    process = KafkaProcess(folder)
    process.start()
    try:
        yield Broker(process.bootstrap, process)
    finally:
        process.stop()


def _start_mock() -> Iterator[Broker]:
    from confluent_kafka import Producer  # noqa: PLC0415 - only where this rung runs

    cluster = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1})
    brokers = cluster.list_topics(timeout=10).brokers.values()
    yield Broker(",".join(f"{broker.host}:{broker.port}" for broker in brokers), is_mock=True)


@pytest.fixture(scope="session")
def kafka_broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """Start the broker of this run once; whichever rung this machine can climb."""
    which = rung()
    folder = tmp_path_factory.mktemp("kafka")
    for broker in _start_real(folder) if which == "real" else _start_mock():
        request.config.stash[_RAN] = which
        yield broker


@pytest.fixture(scope="session")
def real_broker(kafka_broker: Broker) -> Broker:
    """Apache Kafka itself."""
    assert not kafka_broker.is_mock, "this test must have been deselected"
    return kafka_broker


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a real broker can do, where none can run. The summary says so."""
    if rung() != "real":
        config.stash[_LEFT_OUT] = leave_out(config, items, "real_broker")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the main process, where this one is a worker of it."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        stash = session.config.stash
        told["kafka"] = [stash.get(_RAN, ""), stash.get(_LEFT_OUT, 0)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker told; each of them leaves out the same tests."""
    ran, left_out = getattr(node, "workeroutput", {}).get("kafka", ("", 0))
    stash = node.config.stash
    stash[_RAN] = ran or stash.get(_RAN, "")
    stash[_LEFT_OUT] = left_out


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say which broker ran."""
    ran, left_out = config.stash.get(_RAN, ""), config.stash.get(_LEFT_OUT, 0)
    if ran == "real":
        line = f"Kafka: Apache Kafka {broker_version()} ran (KRaft, loopback)."
        terminalreporter.write_line(line)
    elif ran or left_out:
        terminalreporter.write_line(
            f"Kafka: NO REAL BROKER on this machine ({', '.join(tools_missing())} missing); "
            f"only the protocol was tested, on librdkafka's mock; {left_out} tests did not run."
        )
