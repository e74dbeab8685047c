"""A list that changes while the sidecar runs is taken into use; one that breaks is not."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from detector.meaning import Meaning
from detector.screening.parties import Hit, Judgement
from streams.lists import dated_at, read_lists
from streams.metrics import Metrics
from streams.packaged import build_meaning, default_policies
from streams.renewing import Renewal, lists_in_force, stamp_of
from streams.service import Options, Service
from streams.settings import ScreeningSettings
from streams.store import Store
from tests.support.clocks import SetClock
from tests.support.screening_lists import asked

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROW = {"name": "Merlion", "source": "SDN"}
SUBJECT = asked("Kaveh Darya Shipping Lines")


def entity(party_id: str, name: str) -> str:
    properties = {"name": [name]}
    return json.dumps({"id": party_id, "schema": "Company", "properties": properties})


def write(path: Path, *lines: str) -> None:
    """Write a file, newer by a second than it was."""
    newer = path.stat().st_mtime + 1 if path.exists() else 0
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if newer:
        os.utime(path, (newer, newer))


def test_changed_lists_and_judgements_are_taken_into_use(tmp_path: Path) -> None:
    listed, judged = tmp_path / "lists" / "list.ndjson", tmp_path / "judged.ndjson"
    listed.parent.mkdir()
    write(listed, entity("1", "Northwind Bakery"))
    write(judged)
    settings = ScreeningSettings(files=(listed,), judgements=(judged,))
    meaning = build_meaning(default_policies(), None, read_lists([listed], [judged]))
    made: list[Meaning] = []
    with Store.open(tmp_path / "store") as store:
        metrics = Metrics(lambda: NOW, "test")

        def make(new: Meaning) -> Service:
            made.append(new)
            options = Options(follows_events=False)
            return Service(store, replace(new), SetClock(NOW), metrics, options)

        renewal = Renewal(settings, meaning, store, SetClock(NOW), make)
        assert meaning.screener is not None
        assert meaning.screener.screen([SUBJECT]) == []
        assert renewal.renew() is None

        write(listed, entity("1", "Northwind Bakery"), entity("2", "KAVEH DARYA SHIPPING LINES"))
        assert renewal.renew() is not None
        (hit,) = _hits(made[-1])
        assert (hit.party.party_id, hit.judgement) == ("2", None)
        assert [entry["lists"] for entry in lists_in_force(store)] == [
            list(meaning.provenance.lists),
            list(made[-1].provenance.lists),
        ]

        said = Judgement(hit.pair, "not_same", "a.analyst", "another flag", "2026-11-22")
        write(judged, json.dumps(vars(said)))
        assert renewal.renew() is not None
        assert _hits(made[-1])[0].judgement == said

        write(listed, "{broken")
        assert renewal.renew() is None
        folder = listed.parent.rename(tmp_path / "moved")
        listed.parent.write_text("a file where the folder was", encoding="utf-8")
        assert renewal.renew() is None
        listed.parent.unlink()
        folder.rename(listed.parent)
        write(listed, entity("1", "Northwind Bakery"))
        assert renewal.renew() is not None
        assert _hits(made[-1]) == []


def test_a_list_is_dated_by_what_it_states_or_else_by_its_file(tmp_path: Path) -> None:
    whole = {"search_performed_at": "2026-07-31T09:05:00+00:00", "results": [ROW]}
    stated, written = tmp_path / "csl.json", tmp_path / "list.ndjson"
    write(stated, json.dumps(whole))
    write(written, entity("1", "Northwind Bakery"))
    for path in (stated, written):
        os.utime(path, (0, 1_790_000_000))
    digests = [sha256(path.read_bytes()).hexdigest() for path in (stated, written)]
    lists = read_lists([stated, written])
    assert lists.labels == (
        f"csl.json 2026-07-31 (as stated) sha256:{digests[0]}",
        f"list.ndjson 2026-09-21 sha256:{digests[1]}",
    )
    assert lists.screener is not None
    assert [each.dated_at for each in lists.screener.snapshots] == [
        datetime(2026, 7, 31, 9, 5, tzinfo=UTC),
        datetime.fromtimestamp(1_790_000_000, UTC),
    ]
    assert [dated_at(path) for path in (stated, written)] == [
        each.dated_at for each in lists.screener.snapshots
    ]


def test_a_list_that_is_replaced_while_it_is_read_at_the_start_is_read_again(
    tmp_path: Path,
) -> None:
    listed = tmp_path / "list.ndjson"
    write(listed, entity("1", "Northwind Bakery"))
    settings = ScreeningSettings(files=(listed,))
    looked = stamp_of(settings)
    meaning = build_meaning(default_policies(), None, read_lists([listed]))
    write(listed, entity("1", "Northwind Bakery"), entity("2", "KAVEH DARYA SHIPPING LINES"))
    made: list[Meaning] = []
    with Store.open(tmp_path / "store") as store:
        metrics = Metrics(lambda: NOW, "test")

        def make(new: Meaning) -> Service:
            made.append(new)
            return Service(store, new, SetClock(NOW), metrics, Options(follows_events=False))

        renewal = Renewal(settings, meaning, store, SetClock(NOW), make, looked)
        assert renewal.renew() is not None
        assert [hit.party.party_id for hit in _hits(made[-1])] == ["2"]
        assert renewal.renew() is None


def _hits(meaning: Meaning) -> list[Hit]:
    assert meaning.screener is not None
    return meaning.screener.screen([SUBJECT])
