"""A wall clock that jumps loses nothing, moves no total, and never takes knowledge back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from streams.memory import MemorySource, MemoryTopic
from streams.metrics import Metrics
from streams.service import Options, Service
from streams.standing import stand
from streams.store import Store
from tests.integration.service_driver import NOW, meaning
from tests.support.clocks import SetClock
from tests.support.story import story

CUT = 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def told(folder: Path, jumps: Sequence[timedelta]) -> tuple[str, dict[tuple[str, str], int]]:
    """Tell the story, the clock set by one jump before each batch; give totals and counters."""
    topic = MemoryTopic()
    for value in story():
        topic.append(value)
    clock, known = SetClock(NOW), [NOW]
    with Store.open(folder / "store", durable=False) as store:
        options = Options(follows_events=False)
        metrics = Metrics(clock.now, "0")
        service = Service(store, meaning(folder), clock, metrics, options)
        source = MemorySource(topic, max_records=CUT, finite=True)
        source.start({})
        for jump in jumps:
            clock.at += jump
            batch = source.poll(0.0)
            assert batch is not None
            service.take(batch)
            service.tick()
            assert service.knowledge_at is not None
            known.append(service.knowledge_at)
        assert source.poll(0.0) is None
        assert known == sorted(known)
        totals = stand(store, meaning(folder), clock.now()).totals.write_csv()
        return totals, store.counts()


def test_jumps_of_the_clock_change_no_total_and_lose_no_event(tmp_path: Path) -> None:
    jumps = (DAY, -DAY, -HOUR, 20 * DAY, -20 * DAY, HOUR, DAY)
    steady = told(tmp_path / "steady", [HOUR] * len(jumps))
    assert steady[1]["events", "read"] == 126
    assert told(tmp_path / "jumping", jumps) == steady


@pytest.mark.parametrize("days", [100, 3650])
def test_a_clock_far_ahead_and_put_right_lets_names_go_and_accounts_for_every_event(
    tmp_path: Path, days: int
) -> None:
    _, counts = told(tmp_path / "steady", [HOUR] * 7)
    jumps = [HOUR, days * DAY, -days * DAY, *[HOUR] * 4]
    _, counted = told(tmp_path / "jumping", jumps)
    again = counted["events", "accepted"] - counts["events", "accepted"]
    assert again == 2  # a repeat of a name that was let go is no repeat any more
    assert counted["events", "duplicate"] == counts["events", "duplicate"] - again
    assert counted["events", "read"] == counts["events", "read"]
    assert counted["events", "rejected"] == counts["events", "rejected"]
