"""A sidecar that was stopped looks at everybody again where it is judged by something else now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from detector.versions import Version
from streams.doctor import run_checks
from streams.logs import Log
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.store import Store
from streams.unasked import tell_unasked, unasked_check
from tests.support.clocks import SetClock
from tests.support.contract_story import customer
from tests.support.provider import MARCH, Json, event, lines, pack

OPENING = "trainwatch.opening.v1"
HELD = {"low": 2e20, "expected": 2e20, "high": 2e20}
THRESHOLD = 'id = "operations-small"'
PACKS = ("house-small", "house-other")
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


def _replaced(law: Path, before: str, after: str) -> Path:
    text = law.read_text()
    assert before in text
    law.write_text(text.replace(before, after))
    return law


def _raised(folder: Path) -> Path:
    return _law(folder, 1e21, "foreign")


def _renamed(folder: Path) -> Path:
    law = _law(folder, 1e20, "foreign")
    return _replaced(law, THRESHOLD, THRESHOLD.replace('id = "', 'id = "other-'))


def _silenced(folder: Path) -> Path:
    law = _law(folder, 1e20, "foreign")
    return _replaced(law, "reports = true", "reports = false")


@pytest.mark.parametrize("changed", [_raised, _renamed, _silenced])
def test_a_law_that_asks_for_a_report_no_more_withdraws_it_with_the_next_hour(
    tmp_path: Path, changed: Callable[[Path], Path]
) -> None:
    before, after = _law(tmp_path / "before", 1e20, "foreign"), changed(tmp_path / "after")
    clock = SetClock(MARCH + timedelta(hours=2.5))
    heard: list[Version] = []
    with Store.open(tmp_path / "store", durable=False) as store:
        _fed(store, before, clock, heard)
        clock.at = MARCH + timedelta(hours=5.5)
        _started(store, before, clock, heard).tick()
        assert sorted(each.report.scope for each in heard) == DRAFTED
        first = {each.report.report_id for each in heard}
        clock.at = MARCH + timedelta(hours=6.5)
        _started(store, after, clock, heard).tick()
    again = [each.report for each in heard[len(DRAFTED) :]]
    withdrawn = [r for r in again if r.report_id in first]
    assert sorted(r.scope for r in withdrawn) == DRAFTED
    assert {(r.kind, r.version, r.standing) for r in withdrawn} == {("corrected", 2, False)}


def _loaded(pack_id: str) -> tuple[list[str], list[str]]:
    return [pack_id], []


def test_a_pack_that_is_loaded_no_more_withdraws_nothing_and_a_person_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = _law(tmp_path / "before", 1e20, "foreign")
    other = _replaced(_law(tmp_path / "other", 1e27, "foreign"), "house-small", "house-other")
    clock = SetClock(MARCH + timedelta(hours=2.5))
    heard: list[Version] = []
    with Store.open(tmp_path / "store", durable=False) as store:
        _fed(store, before, clock, heard)
        clock.at = MARCH + timedelta(hours=5.5)
        _started(store, before, clock, heard).tick()
        drafted = len(heard)
        clock.at = MARCH + timedelta(hours=6.5)
        _started(store, other, clock, heard).tick()
        assert len(heard) == drafted == len(DRAFTED)
        caplog.set_level("WARNING", "trainwatch")
        tell_unasked(store.reported(), ["house-small"], Log("sidecar"))
        assert caplog.messages == []
        tell_unasked(store.reported(), ["house-other"], Log("sidecar"))
        assert caplog.messages == ["reports_without_pack"]
    looked = [unasked_check(tmp_path / "store", partial(_loaded, each)) for each in PACKS]
    assert [(each.level, each.found) for each in run_checks(looked)] == [
        ("ok", "each has its pack"),
        ("warn", "no pack judges 3 of house-small; they keep their last version"),
    ]
