"""A sidecar that was stopped looks at everybody again where it is judged by something else now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from detector.versions import Version
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.store import Store
from tests.support.clocks import SetClock
from tests.support.contract_story import customer
from tests.support.provider import MARCH, Json, event, lines, pack

OPENING = "trainwatch.opening.v1"
HELD = {"low": 2e20, "expected": 2e20, "high": 2e20}
DRAFTED = ["owner", "tenant", "training_run"]


def _known() -> list[Json]:
    data = {"tenant_id": "t", "at": "2026-03-01T00:00:00Z", "operations": HELD, "job_id": "j"}
    opening = event("opened", OPENING, 0.5, data | {"basis": "provider_estimate"})
    return [*customer("t", "FR"), opening]


def _started(store: Store, law: Path, clock: SetClock, heard: list[Version]) -> Service:
    options = Options(follows_events=False)
    metrics = Metrics(clock.now, "test")
    return Service(store, build_meaning([str(law)]), clock, metrics, options, heard.append)


def _fed(store: Store, law: Path, clock: SetClock, heard: list[Version]) -> Service:
    service = _started(store, law, clock, heard)
    service.take(Batch(blocks=(LineBlock("0.ndjson", 1, lines(_known())),)))
    return service


def _law(folder: Path, operations: float, status: str) -> Path:
    folder.mkdir()
    return pack(folder, operations, [status])


@pytest.mark.parametrize(
    ("operations", "status"), [(1e21, "foreign"), (1e20, "us")], ids=["a number", "a person"]
)
def test_a_law_that_changed_while_the_sidecar_was_down_is_judged_by_with_the_next_hour(
    tmp_path: Path, operations: float, status: str
) -> None:
    before = _law(tmp_path / "before", operations, status)
    after = _law(tmp_path / "after", 1e20, "foreign")
    clock = SetClock(MARCH + timedelta(hours=2.5))
    heard: list[Version] = []
    with Store.open(tmp_path / "store", durable=False) as store:
        service = _fed(store, before, clock, heard)
        clock.at = MARCH + timedelta(hours=5.5)
        service.tick()
        assert heard == []
        clock.at = MARCH + timedelta(hours=5.9)
        service = _started(store, after, clock, heard)
        service.tick()
        assert heard == []
        clock.at = MARCH + timedelta(hours=6.1)
        service.tick()
        assert sorted(each.report.scope for each in heard) == DRAFTED
        told = {each.report.model_dump(mode="json")["knowledge_at"] for each in heard}
        assert told == {"2026-03-01T06:00:00Z"}
        clock.at = MARCH + timedelta(hours=9.5)
        _started(store, after, clock, heard).tick()
        assert sorted(each.report.scope for each in heard) == DRAFTED


def test_a_law_that_changed_during_a_longer_stop_is_judged_by_at_the_first_look(
    tmp_path: Path,
) -> None:
    before = _law(tmp_path / "before", 1e21, "foreign")
    after = _law(tmp_path / "after", 1e20, "foreign")
    clock = SetClock(MARCH + timedelta(hours=2.5))
    heard: list[Version] = []
    with Store.open(tmp_path / "store", durable=False) as store:
        _fed(store, before, clock, heard)
        clock.at = MARCH + timedelta(hours=8.5)
        _started(store, after, clock, heard).tick()
    assert sorted(each.report.scope for each in heard) == DRAFTED
