"""Two sidecars with a store each share one group: nothing is lost, and what doubles is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from streams.store import Reader
from tests.support.kafka_broker import Broker, Record
from tests.support.sidecar import Sidecar, wait_until
from tests.support.story import Story, line

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PARTITIONS = 4
#: Events of one load, and the most that one commit holds: what a kill between a commit to the
#: store and the commit to the group can bring to both stores.
LOAD, BATCH = 40, 20


@pytest.fixture
def both(tmp_path: Path, real_broker: Broker) -> Iterator[tuple[Sidecar, Sidecar]]:
    """Two installations of one group, with the same topics."""
    topic = real_broker.create_topic(PARTITIONS)
    kafka = real_broker.settings(topics=[topic], **real_broker.output_topics())
    made = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(Sidecar(folder, kafka, batch_events=BATCH))
    yield made[0], made[1]
    for sidecar in made:
        sidecar.discard()


class Load:
    """Sends one event each of ever more tenants, so that totals tell which events a store has."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self.sent = 0
        self._broker, self._topic = broker, topic

    def send(self) -> None:
        numbers = range(self.sent, self.sent + LOAD)
        told = [line(Story().usage(f"t{n:04}", n, 1.0, 1.0)) for n in numbers]
        for partition in range(PARTITIONS):
            records: list[Record] = [(value, []) for value in told[partition::PARTITIONS]]
            self._broker.produce(self._topic, records, partition)
        self.sent += LOAD

    def totals(self) -> dict[str, float]:
        """The accelerator-hours of every tenant sent so far."""
        return dict.fromkeys((f"t{n:04}" for n in range(self.sent)), 8.0)


def _tenants(sidecar: Sidecar, out: Path) -> dict[str, float]:
    totals = pl.read_csv(sidecar.export(out) / "totals.csv")
    rows = totals.filter(pl.col("scope") == "tenant").select("id", "accelerator_hours")
    return dict(rows.iter_rows())


def _read(*sidecars: Sidecar) -> int:
    return sum(each.counts().get("read", 0) for each in sidecars)


@pytest.mark.timeout(200)  # two processes and a broker
def test_a_group_of_two_stores_loses_nothing_when_one_joins_under_load_and_one_is_killed(
    tmp_path: Path, real_broker: Broker, both: tuple[Sidecar, Sidecar]
) -> None:
    first, second = both
    load = Load(real_broker, first.kafka.topics[0])
    first.start()
    second.start()

    def has_joined() -> bool:
        load.send()
        return all(each.counts().get("read", 0) > 0 for each in both)

    wait_until(has_joined, "both to read")
    wait_until(lambda: _read(*both) >= load.sent, "all loads")
    joined = load.sent
    load.send()
    first.kill()
    with Reader.open(first.store) as reader:
        real_broker.end_session(first.kafka.group_id, str(reader.value("instance")))
    wait_until(lambda: _read(*both) >= load.sent, "what the other takes over")
    assert second.stop()[0] == 0
    totals = _tenants(first, tmp_path / "a"), _tenants(second, tmp_path / "b")
    assert totals[0] | totals[1] == load.totals()
    doubled = set(totals[0]) & set(totals[1])
    assert len(doubled) <= BATCH
    assert doubled <= {f"t{n:04}" for n in range(joined, load.sent)}  # a rebalance doubles nothing
