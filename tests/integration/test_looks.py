"""To look only at those whom an hour may have changed makes the versions that all looks make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.assess import Moment, assess_hours
from detector.meaning import Meaning
from detector.versions import Version
from features.accumulate import empty, merge
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.standing import last_moment, usages
from streams.store import Reader, Store
from streams.watch import Registry, hour_instant
from tests.support.clocks import SetClock
from tests.support.contract_story import THRESHOLD, customer, story, trained
from tests.support.provider import (
    TENANT,
    Json,
    event,
    hour,
    lines,
    pack,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def all_looks(store: Reader, meaning: Meaning) -> list[Version]:
    """Assess everybody at every hour at which anything became known."""
    usage = merge([empty(), *usages(store)])
    registry = Registry(store.records(), meaning)
    until, last = last_moment(store, NOW)
    hours = {*usage.coverage["hour"], *usage.telemetry["hour"], *registry.hours_between(0, until)}
    moments = {hour: Moment(hour_instant(hour), hour - 1) for hour in hours} | {until: last}
    return assess_hours(usage, moments, registry.parties_at, meaning, {})


def replayed(store: Store, meaning: Meaning, batches: Sequence[list[Json]]) -> list[Version]:
    heard: list[Version] = []
    metrics = Metrics(SetClock(NOW).now, "test")
    options = Options(follows_events=True)
    service = Service(store, meaning, SetClock(NOW), metrics, options, heard.append)
    for place, batch in enumerate(batches):
        service.take(Batch(blocks=(LineBlock(f"{place}.ndjson", 1, lines(batch)),)))
    service.finish()
    return heard


def turned() -> list[Json]:
    """A tenant that was taken for French, was reported, and turns out to be American."""
    *statements, _ = customer("american", "US", since=33.2)
    record = {"tenant_id": "turned", "customer_record_id": "american-inc", "valid_from": hour(0)}
    return [
        *customer("turned", "FR"),
        *trained("turned", 36),
        *statements,
        event("turned-again", TENANT, 33.2, record),
    ]


@pytest.mark.parametrize(
    ("threshold", "cut", "statuses"),
    [
        (THRESHOLD / 20, 397, ["foreign", "us", "undetermined"]),
        (THRESHOLD, 10_000, ["foreign"]),
    ],
)
def test_the_versions_are_those_of_looking_at_everybody_in_every_hour(
    tmp_path: Path, threshold: float, cut: int, statuses: list[str]
) -> None:
    meaning = build_meaning([str(pack(tmp_path, threshold, statuses))])
    events = sorted([*story(), *turned()], key=lambda each: str(each["time"]))
    batches = [events[start : start + cut] for start in range(0, len(events), cut)]
    with Store.open(tmp_path / "store", durable=False) as store:
        found = replayed(store, meaning, batches)
        every = all_looks(store, meaning)
    assert [each.report for each in found] == [each.report for each in every]
    assert {each.report.kind for each in found} == {"initial", "corrected"}
    fates = {
        (e.report.version, e.report.standing) for e in found if e.report.subject_id == "turned"
    }
    assert fates == ({(1, True), (2, False)} if statuses == ["foreign"] else {(1, True), (2, True)})
