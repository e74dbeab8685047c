"""A list that changes while the sidecar runs is taken into use; one that breaks is not."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from detector.meaning import Meaning
from detector.screening.parties import Hit, Judgement
from streams.lists import judgement_line, read_lists
from streams.metrics import Metrics
from streams.packaged import build_meaning, default_policies
from streams.renewing import Renewal, lists_in_force
from streams.service import Options, Service
from streams.settings import ScreeningSettings
from streams.store import Store
from tests.screening_lists import asked

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUBJECT = asked("Kaveh Darya Shipping Lines")


class StillClock:
    def now(self) -> datetime:
        return NOW


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
            return Service(store, replace(new), StillClock(), metrics, options)

        renewal = Renewal(settings, meaning, store, StillClock(), make)
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
        write(judged, judgement_line(said))
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


def _hits(meaning: Meaning) -> list[Hit]:
    assert meaning.screener is not None
    return meaning.screener.screen([SUBJECT])
