"""Hours in which nothing arrives but something else holds: a law begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
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
from tests.support.provider import MARCH, TENANT, Json, event, lines, pack

FAR = datetime(2026, 11, 22, tzinfo=UTC)
OPENING = "trainwatch.opening.v1"
DATES = "effective_from = 2025-01-01"
HELD = {"low": 2e20, "expected": 2e20, "high": 2e20}
STAYED = """
[[suspensions]]
first_day = 2026-02-20
last_day = 2026-03-02
source = "the house"
"""
FROM_THE_THIRD = ("2026-03-03T00:00:00Z", "2026-03-18")


def _passed(name: str = "t") -> Json:
    data = {"tenant_id": name, "at": "2026-03-01T00:00:00Z", "operations": HELD, "job_id": "j"}
    return event(f"opened-{name}", OPENING, 0.5, data | {"basis": "provider_estimate"})


def _speaks(hour: float) -> Json:
    """Somebody else is heard of, so that knowledge moves on."""
    return event(f"other-{hour}", TENANT, hour, {"tenant_id": "other"})


def _changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def _told(versions: Sequence[Version]) -> set[tuple[str, str]]:
    return {
        (each.report.model_dump(mode="json")["knowledge_at"], str(each.report.due_on))
        for each in versions
    }


def _service(
    store: Store, law: Path, clock: SetClock, heard: list[Version], *, follows: bool
) -> Service:
    metrics = Metrics(clock.now, "test")
    meaning = build_meaning([str(law)])
    return Service(store, meaning, clock, metrics, Options(follows_events=follows), heard.append)


def _replayed(folder: Path, law: Path, events: Sequence[Json]) -> list[Version]:
    heard: list[Version] = []
    with Store.open(folder / "store", durable=False) as store:
        service = _service(store, law, SetClock(FAR), heard, follows=True)
        service.take(Batch(blocks=(LineBlock("0.ndjson", 1, lines(events)),)))
        service.finish()
    return heard


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DATES, "effective_from = 2026-03-03"),
        ("[subject_test]", f"{STAYED}\n[subject_test]"),
        ('comparison = "gt"', 'comparison = "gt"\neffective_from = 2026-03-03'),
    ],
    ids=["an instrument begins", "a stay ends", "a number begins"],
)
def test_a_report_is_known_in_the_hour_with_which_the_law_begins_to_hold(
    tmp_path: Path, old: str, new: str
) -> None:
    law = _changed(pack(tmp_path, 1e20, ["undetermined"]), old, new)
    versions = _replayed(tmp_path, law, [_passed(), _speaks(96)])
    assert _told(versions) == {FROM_THE_THIRD}
    assert sorted(each.report.scope for each in versions) == ["tenant", "training_run"]


def test_the_sidecar_drafts_the_report_as_its_clock_passes_the_day(tmp_path: Path) -> None:
    law = _changed(pack(tmp_path, 1e20, ["foreign"]), DATES, "effective_from = 2026-03-03")
    heard: list[Version] = []
    clock = SetClock(MARCH + timedelta(hours=2))
    with Store.open(tmp_path / "store", durable=False) as store:
        service = _service(store, law, clock, heard, follows=False)
        told = lines([*customer("t", "FR"), _passed()])
        service.take(Batch(blocks=(LineBlock("0.ndjson", 1, told),)))
        clock.at = MARCH + timedelta(hours=47.9)
        service.tick()
        assert heard == []
        clock.at = MARCH + timedelta(hours=71)
        service.tick()
    assert _told(heard) == {FROM_THE_THIRD}
    assert sorted(each.report.scope for each in heard) == ["owner", "tenant", "training_run"]


def test_a_law_that_ends_before_the_threshold_is_passed_makes_no_report(tmp_path: Path) -> None:
    law = _changed(
        pack(tmp_path, 1e20, ["undetermined"]), DATES, f"{DATES}\neffective_to = 2026-02-28"
    )
    assert _replayed(tmp_path, law, [_passed(), _speaks(96)]) == []
