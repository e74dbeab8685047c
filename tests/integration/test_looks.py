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
from tests.contract_story import THRESHOLD, story
from tests.provider import Json, lines, pack

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Fixed:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


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
    metrics = Metrics(Fixed().now, "test")
    options = Options(follows_events=True)
    service = Service(store, meaning, Fixed(), metrics, options, heard.append)
    for place, batch in enumerate(batches):
        service.take(Batch(blocks=(LineBlock(f"{place}.ndjson", 1, lines(batch)),)))
    service.finish()
    return heard


@pytest.mark.parametrize(("threshold", "cut"), [(THRESHOLD, 10_000), (THRESHOLD / 20, 397)])
def test_the_versions_are_those_of_looking_at_everybody_in_every_hour(
    tmp_path: Path, threshold: float, cut: int
) -> None:
    statuses = ["foreign", "us", "undetermined"]
    meaning = build_meaning([str(pack(tmp_path, threshold, statuses))])
    events = story()
    batches = [events[start : start + cut] for start in range(0, len(events), cut)]
    with Store.open(tmp_path / "store", durable=False) as store:
        found = replayed(store, meaning, batches)
        every = all_looks(store, meaning)
    assert [each.report for each in found] == [each.report for each in every]
    assert {each.report.kind for each in found} == {"initial", "corrected"}
