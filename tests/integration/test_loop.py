"""The loop reads a backlog before it makes findings of it."""

from __future__ import annotations

from pathlib import Path

from streams.loop import Ends, Loop
from streams.memory import MemorySource, MemoryTopic
from streams.metrics import Metrics
from streams.service import Options, Service
from streams.store import Store
from tests.integration.service_driver import FixedClock, FolderSink, meaning
from tests.story import story


def kinds(store: Store) -> set[str]:
    return {document.kind for document in store.documents(0, 10_000)}


def test_findings_of_a_backlog_are_made_once_it_is_read(tmp_path: Path) -> None:
    topic = MemoryTopic()
    for value in story():
        topic.append(value)
    metrics = Metrics(FixedClock().now, "0")
    with Store.open(tmp_path / "store", durable=False) as store:
        options = Options(follows_events=True)
        service = Service(store, meaning(tmp_path), FixedClock(), metrics, options)
        source = MemorySource(topic, max_records=50)
        source.start({})
        sink = FolderSink(tmp_path / "sink")
        loop = Loop(service, store, Ends(source, sink, lambda: None), metrics, poll_seconds=0.0)
        told = []
        for _ in range(4):
            loop.step()
            told.append("finding" in kinds(store))
        assert store.counts()["events", "read"] == len(story())
    assert told == [False, False, False, True]
