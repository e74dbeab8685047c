"""A party that leaves a list takes its findings with it, in files and in the topic of findings."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.cli import main
from streams.lists import read_lists
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Batch, LineBlock
from streams.renewing import Renewal
from streams.service import Options, Service
from streams.settings import ScreeningSettings
from streams.store import Store
from tests.support.clocks import SetClock
from tests.support.provider import BODS, TENANT, USAGE, Json, event, lines, metered
from tests.support.screening_lists import FOLDER
from tests.support.statements import entity, holding

DAY = "2026-11-12T00:00:00Z"
BLOCKED = "KAVEH DARYA SHIPPING LINES"
PACKS = ("us-bis-affiliates-50", "us-ofac-50")
RULES = ("listed-ownership", "listed-party")


def story() -> list[Json]:
    """A company in Norway of which a blocked party has 60 %, and an hour of its work."""
    owner = dict(entity("kaveh", "IR"))
    owner["recordDetails"] = {**owner["recordDetails"], "name": BLOCKED}
    hours = {"start": "2026-11-11T22:00:00Z", "end": "2026-11-11T23:00:00Z"}
    return [
        event("e1", BODS, DAY, owner),
        event("e2", BODS, DAY, entity("T", "NO")),
        event("e3", BODS, DAY, holding("kaveh", "T", 60)),
        event("t", TENANT, DAY, {"tenant_id": "t", "customer_record_id": "T"}),
        event("u", USAGE, DAY, metered(0, 1, tenant_id="t", **hours)),
    ]


def write_list(path: Path, *, is_listed: bool) -> None:
    """Write the list as a new snapshot, with the party or without it."""
    with (FOLDER / "csl.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    name = rows[0].index("name")
    with path.open("w", encoding="utf-8", newline="") as stream:
        kept = (row for row in rows if is_listed or row[name] != BLOCKED)
        csv.writer(stream).writerows(kept)


@pytest.mark.parametrize(("is_listed", "rules"), [(True, RULES), (False, ())])
def test_a_replay_with_the_next_snapshot_finds_the_party_no_more(
    tmp_path: Path,
    is_listed: bool,
    rules: tuple[str, ...],  # noqa: FBT001 - a column of the table
) -> None:
    listed, events, out = tmp_path / "csl.csv", tmp_path / "events.ndjson", tmp_path / "out"
    write_list(listed, is_listed=is_listed)
    events.write_bytes(lines(story()))
    asked = [each for pack in PACKS for each in ("--policy", pack)]
    assert main(["replay", str(events), "--out", str(out), *asked, "--screening", str(listed)]) == 0
    found = map(json.loads, (out / "findings.ndjson").read_text("utf-8").splitlines())
    told = [each for each in found if each["rule_id"].startswith("listed")]
    assert tuple(sorted({each["rule_id"] for each in told})) == rules
    label = read_lists([listed]).labels
    assert all(each["evidence"]["snapshots"] == list(label) for each in told)


def test_a_sidecar_withdraws_the_finding_with_the_look_after_the_list_changed(
    tmp_path: Path,
) -> None:
    listed, clock = tmp_path / "csl.csv", SetClock(datetime(2026, 11, 12, 1, tzinfo=UTC))
    write_list(listed, is_listed=True)
    meaning = build_meaning(PACKS, None, read_lists([listed]))
    with Store.open(tmp_path / "store", durable=False) as store:

        def make(judged_by: object) -> Service:
            assert isinstance(judged_by, type(meaning))
            metrics = Metrics(clock.now, "test")
            return Service(store, judged_by, clock, metrics, Options(follows_events=False))

        renewal = Renewal(ScreeningSettings(files=(listed,)), meaning, store, clock, make)
        service = make(meaning)
        service.take(Batch(blocks=(LineBlock("events.ndjson", 1, lines(story())),)))
        clock.at += timedelta(hours=2)
        service.find()
        first = {each.key: each.body for each in store.documents_of("finding")}
        named = {json.loads(body)["rule_id"]: key for key, body in first.items()}
        assert set(RULES) <= set(named)

        write_list(listed, is_listed=False)
        renewed = renewal.renew()
        assert renewed is not None
        clock.at += timedelta(hours=1)
        renewed.find()
        last = {each.key: each.body for each in store.documents_of("finding")}
        assert {rule: last[named[rule]] for rule in RULES} == dict.fromkeys(RULES, b"")
