"""Judging the state in parts gives the files that judging it whole gives."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from detector.documents import json_line
from streams.export import write_completeness, write_totals
from streams.metrics import Metrics
from streams.packaged import build_meaning, default_policies
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.simulation import build
from streams.standing import stand
from streams.store import Store
from tests.support.clocks import SetClock
from tests.support.provider import event, lines

NOW = datetime(2026, 11, 22, tzinfo=UTC)

TENANTS = ("t-00001", "t-00002", "t-00003", "never-metered")
OPENINGS = [
    event(
        f"o-{tenant}",
        "trainwatch.opening.v1",
        "2026-11-20T00:00:00Z",
        {
            "tenant_id": tenant,
            "at": "2026-11-19T12:00:00Z",
            "data_ref": "shared" if tenant != "t-00002" else None,
            "accelerator_hours": 1e4,
        },
    )
    for tenant in TENANTS
]


def test_parts_judged_one_by_one_give_the_totals_and_findings_of_the_whole(tmp_path: Path) -> None:
    meaning = build_meaning(default_policies())
    clock, options = SetClock(NOW), Options(follows_events=True)
    with Store.open(tmp_path / "store", durable=False) as store:
        service = Service(store, meaning, clock, Metrics(clock.now, "test"), options)
        for block in build("demo", days=1, tenants=12).blocks():
            service.take(Batch(blocks=(LineBlock("day.ndjson", 1, block),)))
        service.take(Batch(blocks=(LineBlock("openings.ndjson", 1, lines(OPENINGS)),)))
        whole = stand(store, meaning, NOW, rows_max=10**9)
        beats: list[None] = []
        parts = stand(store, meaning, NOW, rows_max=1, beat=lambda: beats.append(None))
    assert len(beats) > 5  # whoever waits hears from it after each part
    for name, each in (("whole", whole), ("parts", parts)):
        (tmp_path / name).mkdir()
        write_totals(tmp_path / name, each.totals)
        write_completeness(tmp_path / name, each.completeness)
    seen = [(tmp_path / name / "completeness.csv").read_text() for name in ("whole", "parts")]
    assert seen[0] == seen[1]
    assert {line.split(",")[0] for line in seen[0].splitlines()[1:]} >= {"source", "tenant"}
    written = [(tmp_path / name / "totals.csv").read_bytes() for name in ("whole", "parts")]
    assert written[0] == written[1]
    assert len(written[0].splitlines()) > 20
    opened = whole.totals.filter(scope="training_run", id="data/shared")
    assert opened["tenant_ids"].to_list() == ["never-metered;t-00001;t-00003"]
    assert opened["accelerator_hours"].to_list() == [3e4]
    assert list(map(json_line, whole.findings)) == list(map(json_line, parts.findings))
    assert whole.links == parts.links
