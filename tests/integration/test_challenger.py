"""A challenger beside the classifier: it is counted in metrics, and changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from detector.classifier.challenger import ANSWERS
from detector.classifier.manifest import ManifestError
from detector.documents import json_line
from detector.meaning import Meaning
from detector.whole import Whole
from streams.doctor import run_checks
from streams.metrics import Metrics
from streams.packaged import (
    ARTEFACT,
    MANIFEST,
    build_meaning,
    default_policies,
    read_challenger,
    read_classifier,
)
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.simulation import build
from streams.standing import stand
from streams.store import Store
from streams.wiring import checks
from tests.support.clocks import SetClock

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def standing(store: Store, meaning: Meaning, rows_max: int) -> Whole:
    return stand(store, meaning, NOW, rows_max=rows_max)


def documents(whole: Whole) -> list[bytes]:
    return [json_line(finding) for finding in whole.findings]


def test_a_challenger_is_watched_alike_in_parts_and_changes_no_total_and_no_finding(
    tmp_path: Path,
) -> None:
    classifier = read_classifier()
    alone = build_meaning(default_policies(), classifier=classifier)
    beside = replace(alone, challenger=classifier)
    metrics = Metrics(SetClock(NOW).now, "test")
    with Store.open(tmp_path / "store", durable=False) as store:
        service = Service(store, beside, SetClock(NOW), metrics, Options(follows_events=True))
        for block in build("demo", days=1, tenants=12).blocks():
            service.take(Batch(blocks=(LineBlock("day.ndjson", 1, block),)))
        whole, parts = (standing(store, beside, size) for size in (10**9, 1))
        without = standing(store, alone, 10**9)
        service.find()
    assert whole.watched.counts.equals(parts.watched.counts)
    assert whole.watched.agreement.equals(parts.watched.agreement)
    workloads = int(whole.watched.agreement["workload_count"].sum())
    assert workloads > 5
    assert without.watched.agreement.is_empty()
    assert whole.totals.equals(without.totals)
    assert documents(whole) == documents(without)
    told = [
        metrics.registry.get_sample_value(
            "trainwatch_challenger_workloads", {"answer": one, "challenger_answer": one}
        )
        for one in ANSWERS
    ]
    assert sum(count or 0 for count in told) == workloads
    assert metrics.registry.get_sample_value("trainwatch_challenger_distance_ratio") == 0.0


def test_a_challenger_is_read_from_a_folder_and_refused_where_a_file_is_missing_or_differs(
    tmp_path: Path,
) -> None:
    shipped = files("detector.classifier") / "artefact"
    assert read_challenger(None) is None
    with pytest.raises(ManifestError, match=r"found no manifest.json; check \[classifier\]"):
        read_challenger(tmp_path)
    (tmp_path / MANIFEST).write_text((shipped / MANIFEST).read_text("utf-8"), "utf-8")
    with pytest.raises(ManifestError, match="found no classifier.skops"):
        read_challenger(tmp_path)
    (tmp_path / ARTEFACT).write_bytes((shipped / ARTEFACT).read_bytes() + b" ")
    with pytest.raises(ManifestError, match="expected an artefact with sha256"):
        read_challenger(tmp_path)
    (tmp_path / ARTEFACT).write_bytes((shipped / ARTEFACT).read_bytes())
    first, second = read_classifier(), read_challenger(tmp_path)
    assert first is not None
    assert second is not None
    assert second.manifest == first.manifest


@pytest.mark.parametrize("kept", [MANIFEST, ARTEFACT])
def test_half_of_the_shipped_classifier_is_refused_and_none_of_it_means_rules_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    monkeypatch.setattr("streams.packaged.files", lambda _: tmp_path)
    assert read_classifier() is None
    (tmp_path / "artefact").mkdir()
    (tmp_path / "artefact" / kept).write_bytes(b"")
    lost = ({MANIFEST, ARTEFACT} - {kept}).pop()
    with pytest.raises(ManifestError, match=f"found no {lost}; restore both files or"):
        read_classifier()
    (looked,) = run_checks([each for each in checks(None) if each.name == "classifier"])
    assert looked.line() == (
        f"fail classifier: {tmp_path / 'artefact'}: expected manifest.json and {ARTEFACT} of a "
        f"classifier, found no {lost}; restore both files or run `make train`"
    )
