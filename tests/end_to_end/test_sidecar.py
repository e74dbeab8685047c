"""`trainwatch run` on Apache Kafka gives what `trainwatch replay` gives, whatever happens to it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.store import Reader
from tests.support.kafka_broker import Broker, Record
from tests.support.sidecar import STOP_SECONDS, Sidecar, trainwatch, wait_until
from tests.support.story import PACK_ID, Story, line, policy_folder, story

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PARTITIONS = 4
#: Shorter than names are kept, so that a repeat is known however the story is shuffled.
LINES = story(days=30, agreeing=True)
#: It comes after everything else, so that whatever is due is reported by then.
LAST = line(Story().told("access", "last", 24 * 31, {"tenant_id": "beta", "action": "api"}))
Start = Callable[..., Sidecar]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a replay makes of the story, each event once and in order."""
    folder = tmp_path_factory.mktemp("replayed")
    events = folder / "events.ndjson"
    events.write_bytes(b"\n".join([*LINES, LAST]) + b"\n")
    pack = policy_folder(folder / "policy") / f"{PACK_ID}.toml"
    out = folder / "out"
    ended = trainwatch("replay", str(events), "--out", str(out), "--policy", str(pack))
    assert ended.status == 0, ended.err
    return out


@pytest.fixture
def installed(tmp_path: Path, real_broker: Broker) -> Iterator[Start]:
    """Give a function that makes a sidecar with topics of its own."""
    made: list[Sidecar] = []

    def install(**options: Any) -> Sidecar:
        topic = real_broker.create_topic(PARTITIONS)
        kafka = real_broker.settings(topics=[topic], **real_broker.output_topics())
        made.append(Sidecar(tmp_path, kafka, **options))
        return made[-1]

    yield install
    for sidecar in made:
        sidecar.discard()


def shuffled() -> list[bytes]:
    """The story in no order, every fifth event twice."""
    sent = LINES + LINES[::5]
    random.Random(20261122).shuffle(sent)
    return sent


def send(broker: Broker, sidecar: Sidecar, lines: list[bytes]) -> None:
    (topic,) = sidecar.kafka.topics
    for partition in range(PARTITIONS):
        records: list[Record] = [(value, []) for value in lines[partition::PARTITIONS]]
        broker.produce(topic, records, partition)


def summary(folder: Path) -> dict[str, int]:
    found: dict[str, int] = orjson.loads((folder / "summary.json").read_bytes())
    return {name: found[name] for name in found if name.startswith("events_")}


def assert_published_once(broker: Broker, sidecar: Sidecar) -> None:
    """A reader of committed records sees the outbox, each document once and in order."""
    kafka = sidecar.kafka
    topics = {
        "report": kafka.reports_topic,
        "finding": kafka.findings_topic,
        "dead_letter": kafka.dead_letters_topic,
    }
    with Reader.open(sidecar.store) as reader:
        for kind, topic in topics.items():
            expected = [(d.sequence, d.key, d.body) for d in reader.documents_of(kind)]
            records = broker.read(topic)
            assert [
                (int(dict(r.headers)["trainwatch-sequence"]), r.key.decode(), r.value or b"")
                for r in records
            ] == expected


@pytest.mark.timeout(240)  # three processes in turn
def test_shuffled_repeated_and_killed_it_gives_the_totals_of_a_replay(
    tmp_path: Path, real_broker: Broker, installed: Start, replayed: Path
) -> None:
    sidecar, sent = installed(knowledge="events"), shuffled()
    send(real_broker, sidecar, sent)
    sidecar.start()
    wait_until(lambda: sidecar.has_read(20), "the first batch")
    sidecar.kill()
    assert 0 < sidecar.counts()["read"] < len(sent)
    sidecar.start()
    wait_until(lambda: sidecar.has_read(len(sent)), "every event")
    send(real_broker, sidecar, [LAST])
    sent.append(LAST)
    wait_until(lambda: sidecar.has_read(len(sent)), "the last event")
    wait_until(lambda: sidecar.status("/readyz") == 200, "readiness")
    wait_until(sidecar.has_published, "every document")
    beside = sidecar.export(tmp_path / "beside")
    shown = sidecar.metrics()
    status, seconds = sidecar.stop()
    assert (status, sidecar.errors.read_text()) == (0, "")
    assert seconds < STOP_SECONDS
    out = sidecar.export(tmp_path / "after")
    for folder in (beside, out):
        for name in ("totals.csv", "completeness.csv", "links.csv"):
            assert (folder / name).read_bytes() == (replayed / name).read_bytes(), name
    once = summary(replayed)
    found = summary(out)
    assert found["events_accepted"] == once["events_accepted"]
    assert found["events_read"] == len(sent)
    assert found["events_read"] == sum(found.values()) - len(sent)
    assert shown["trainwatch_accounting_difference_events"] == 0
    assert shown["trainwatch_events_read_total"] == sum(
        shown[f"trainwatch_events_{outcome}_total"]
        for outcome in ("accepted", "duplicate", "rejected", "skipped")
    )
    assert_published_once(real_broker, sidecar)
    assert (out / "reports.ndjson").read_bytes()


def test_by_the_wall_clock_with_a_broker_that_goes_away_nothing_is_lost(
    tmp_path: Path, real_broker: Broker, installed: Start, replayed: Path
) -> None:
    assert real_broker.process is not None
    sidecar, sent = installed(knowledge="wall"), [*shuffled(), LAST]
    half = len(sent) // 2
    send(real_broker, sidecar, sent[:half])
    sidecar.start()
    wait_until(lambda: sidecar.has_read(half), "the first half")
    wait_until(lambda: sidecar.status("/readyz") == 200, "readiness")
    real_broker.process.stop()
    try:
        wait_until(lambda: sidecar.status("/readyz") == 503, "no readiness without a broker")
        assert sidecar.status("/healthz") == 200
    finally:
        real_broker.process.start()
    send(real_broker, sidecar, sent[half:])
    wait_until(lambda: sidecar.has_read(len(sent)), "every event")
    wait_until(sidecar.has_published, "every document")
    wait_until(lambda: sidecar.status("/readyz") == 200, "readiness again")
    assert sidecar.stop()[0] == 0
    out = sidecar.export(tmp_path / "out")
    assert (out / "totals.csv").read_bytes() == (replayed / "totals.csv").read_bytes()
    assert summary(out)["events_read"] == len(sent)
    assert_published_once(real_broker, sidecar)
    sidecar.start()  # nothing new comes, and yet it knows how long that has been so
    wait_until(lambda: sidecar.status("/readyz") == 200, "readiness once more")
    shown = sidecar.metrics()
    assert shown["trainwatch_lag_seconds"] > 0
    assert 0 <= shown["trainwatch_loop_idle_seconds"] < STOP_SECONDS
    aged = re.findall(
        r'^trainwatch_input_age_seconds{input="(\w+)"}', sidecar.page("/metrics")[1], re.M
    )
    assert aged == ["catalogue", "pack"]


def test_it_stops_in_time_while_the_broker_is_away(real_broker: Broker, installed: Start) -> None:
    assert real_broker.process is not None
    sidecar = installed(knowledge="events")
    send(real_broker, sidecar, LINES[:40])
    sidecar.start()
    wait_until(lambda: sidecar.has_read(40), "some events")
    real_broker.process.stop()
    try:
        wait_until(lambda: sidecar.status("/readyz") == 503, "no readiness without a broker")
        status, seconds = sidecar.stop()
    finally:
        real_broker.process.start()
    assert (status, sidecar.errors.read_text()) == (0, "")
    assert seconds < STOP_SECONDS


def test_a_topic_that_does_not_exist_is_one_line_and_status_one(
    tmp_path: Path, real_broker: Broker
) -> None:
    kafka = real_broker.settings(topics=["no-such-topic"], **real_broker.output_topics())
    ended = trainwatch("run", "--config", str(Sidecar(tmp_path, kafka).config))
    assert ended.status == 1
    assert ended.err == (
        f"trainwatch: Kafka at {real_broker.bootstrap} has no topic 'no-such-topic', or user "
        "'anonymous' may not see it: create it, grant Read on it, or correct [kafka] topics\n"
    )


def test_an_output_topic_that_does_not_exist_is_one_line_and_status_one(
    tmp_path: Path, real_broker: Broker
) -> None:
    topic = real_broker.create_topic()
    outputs = {**real_broker.output_topics(), "findings_topic": "no-such-findings"}
    sidecar = Sidecar(tmp_path, real_broker.settings(topics=[topic], **outputs))
    ended = trainwatch("run", "--config", str(sidecar.config))
    assert ended.status == 1
    assert ended.err == (
        f"trainwatch: Kafka at {real_broker.bootstrap} has no topic 'no-such-findings', or user "
        "'anonymous' may not see it: create it, grant Read on it, or correct [kafka] "
        "findings_topic\n"
    )


def test_a_key_that_is_not_known_is_one_line_and_status_two(
    tmp_path: Path, real_broker: Broker
) -> None:
    config = Sidecar(tmp_path, real_broker.settings()).config
    config.write_text(config.read_text("utf-8") + "comit_interval = 1\n", "utf-8")
    ended = trainwatch("run", "--config", str(config))
    assert ended.status == 2
    assert ended.err.startswith(f'trainwatch: {config} [service]: unknown key "comit_interval"; ')
    assert ended.err.count("\n") == 1
