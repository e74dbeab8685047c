"""Explaining any subject of a store: its figures are those of totals.csv, its parts make them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from detector.classifier.kinds import CLASSES, TRAINING_CLASSES
from detector.explain.document import Explanation
from detector.explain.scene import scene
from detector.explain.text import render_text
from detector.meaning import Meaning
from streams.explain import Asked, SubjectError, explain_subject, open_for
from streams.metrics import Metrics
from streams.packaged import build_meaning, read_classifier
from streams.ports import Batch, LineBlock
from streams.service import Options, Service
from streams.standing import stand
from streams.store import Reader, Store
from tests.support.clocks import SetClock
from tests.support.story import BUSY, PACK_ID, Story, line, policy_folder, story

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _more() -> Iterator[bytes]:
    """Work without a job; a tenant, a run and a cluster of one name; a chip with two meanings."""
    teller = Story()
    for number, hours in enumerate((1, 2, 3)):
        more: dict[str, Any] = {"job_id": None, "service_class": None, "telemetry": {}}
        yield line(teller.usage("loose", number, 5, hours, **more))
    stated = {"low": 1e20, "expected": 2e20, "high": 5e20}
    before = {"tenant_id": "alpha", "at": teller.at(0), "operations": stated, "basis": "customer"}
    yield line(teller.told("opening", "opening", 1, before | {"job_id": "alpha-job"}))
    unmet = {"tenant_id": "unmet", "data_ref": "moved", "accelerator_hours": 9, "at": teller.at(0)}
    yield line(teller.told("opening", "unmet", 1, unmet))
    yield line(teller.usage("same", 1, 0, 2, cluster_id="same"))
    yield line(
        teller.usage(
            "doubt",
            1,
            0,
            8,
            instance_type=None,
            accelerator="gfx90a",
            accelerator_count=8,
            precision=None,
            telemetry={**BUSY, "power_w": 260.0},  # what the smallest of its kinds can draw
        )
    )


@pytest.fixture(scope="module")
def meaning(tmp_path_factory: pytest.TempPathFactory) -> Meaning:
    folder = policy_folder(tmp_path_factory.mktemp("policy"))
    return build_meaning([str(folder / f"{PACK_ID}.toml")])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, meaning: Meaning) -> Iterator[Reader]:
    with _filled(tmp_path_factory.mktemp("store"), meaning) as filled:
        yield filled


@contextmanager
def _filled(folder: Path, meaning: Meaning) -> Iterator[Store]:
    lines = b"\n".join([*story(days=20), *_more()]) + b"\n"
    with Store.open(folder / "store", durable=False) as filled:
        clock, options = SetClock(NOW), Options(follows_events=True)
        service = Service(filled, meaning, clock, Metrics(clock.now, "test"), options)
        service.take(Batch(blocks=(LineBlock("story.ndjson", 1, lines),)))
        yield filled


def told(store: Reader, meaning: Meaning, subject: str, scope: Any = None) -> Explanation:
    return explain_subject(store, meaning, NOW, Asked(subject, scope)).explanation


def test_the_figures_of_every_subject_are_those_of_its_line_in_totals(
    store: Reader, meaning: Meaning
) -> None:
    rows = stand(store, meaning, NOW).totals.rows(named=True)
    assert {row["scope"] for row in rows} == {"tenant", "training_run", "owner", "cluster"}
    assert "unattributed" in {row["id"] for row in rows}
    for row in rows:
        opened, scope = open_for(store, meaning, NOW, Asked(row["id"], row["scope"]))
        shown = scene(opened, scope, row["id"])
        assert shown is not None
        facts = shown.facts
        assert ";".join(facts.tenant_ids) == row["tenant_ids"]
        assert (facts.first_start, facts.last_end) == (row["first_start"], row["last_end"])
        assert facts.accelerator_hours == pytest.approx(row["accelerator_hours"], rel=1e-12)
        for kind, each in (("operations", facts.operations), ("training", facts.training)):
            name = "operations" if kind == "operations" else "training_operations"
            expected = [row[f"{name}_{bound}"] for bound in ("low", "expected", "high")]
            assert [each.low, each.expected, each.high] == pytest.approx(expected, rel=1e-9)


def test_the_timeline_the_methods_and_the_parts_make_the_whole(
    store: Reader, meaning: Meaning
) -> None:
    for subject in ("gamma", "owner-a", "doubt", "unattributed"):
        shown = told(store, meaning, subject)
        figures = shown.figures
        by_period = [each.accelerator_hours for each in shown.periods]
        assert sum(by_period) == pytest.approx(figures.metered_hours)
        stated = sum(each.operations.expected for each in shown.openings)
        assert (stated > 0) == bool(shown.openings)
        expected = sum(each.operations.expected for each in shown.periods)
        assert expected + stated == pytest.approx(figures.operations.expected)
        assert shown.periods[-1].cumulated.model_dump() == pytest.approx(
            figures.training_operations.model_dump()
        )
        for before, after in pairwise(shown.periods):
            assert before.end <= after.start
            assert before.cumulated.expected <= after.cumulated.expected
        assert sum(each.ratio for each in shown.bases) == pytest.approx(1)
        by_run = sum(each.operations.expected for each in shown.runs.lines)
        assert by_run + stated == pytest.approx(figures.operations.expected)
        hours = sum(each.accelerator_hours for each in shown.hardware)
        assert hours == pytest.approx(figures.metered_hours)


def test_the_classes_of_each_run_are_numbers_that_sum_to_one(
    store: Reader, meaning: Meaning
) -> None:
    lines = told(store, meaning, "gamma").runs.lines
    assert {each.class_probabilities for each in lines} == {None}
    judged = replace(meaning, classifier=read_classifier())
    for run in told(store, judged, "gamma").runs.lines:
        assert run.class_probabilities is not None
        assert tuple(run.class_probabilities) == CLASSES
        assert sum(run.class_probabilities.values()) == pytest.approx(1, abs=1e-3)
        trains = sum(run.class_probabilities[name] for name in TRAINING_CLASSES)
        assert trains == pytest.approx(run.training_probability, abs=1e-3)


@pytest.mark.parametrize("subject", ["unmet", "data/moved"])
def test_a_subject_that_was_never_metered_is_explained_by_what_was_stated(
    store: Reader, meaning: Meaning, subject: str
) -> None:
    explained = told(store, meaning, subject)
    assert (explained.metered_since, explained.runs.count, explained.hardware) == (None, 0, ())
    assert [each.accelerator_hours for each in explained.openings] == [9]
    assert explained.unseen == ("Nothing was ever metered; what is counted was stated.",)
    text = render_text(explained)
    assert "Never metered: every figure is of what" in text
    assert "Nothing of it was metered, so no method speaks for it." in text


def test_what_was_stated_can_be_what_binds(store: Reader, meaning: Meaning) -> None:
    explained = told(store, meaning, "unmet")
    (without,) = (each for each in explained.what_if if each.id == "no-opening")
    assert without.training_operations.high == 0
    assert explained.binding is not None
    assert explained.binding.assumption == "opening"


def test_what_if_computes_the_whole_line_again(store: Reader, meaning: Meaning) -> None:
    shown = told(store, meaning, "alpha")
    rows = {each.id: each for each in shown.what_if}
    allocation = next(each for each in shown.methods if each.method == "allocation")
    blind = rows["allocation-alone"]
    (stated,) = shown.openings
    metered = shown.figures.training_operations.expected - stated.training_expected
    assert rows["no-opening"].training_operations.expected == pytest.approx(metered)
    expected = allocation.operations.expected + stated.training_expected
    # What was metered before the opening is taken off it, and that is less here.
    assert blind.training_operations.expected == pytest.approx(expected, rel=0.02)
    lower = rows["catalogue-row-lower"].training_operations
    assert lower.expected == pytest.approx(0.9 * metered + stated.training_expected, rel=0.02)
    (threshold,) = shown.thresholds
    flipped = blind.training_operations.expected <= threshold.operations
    assert threshold.is_likely
    assert blind.flips == ((f"no longer passes operations-4e20 of {PACK_ID}",) if flipped else ())


def test_a_name_of_two_kinds_is_tried_as_each_of_them(store: Reader, meaning: Meaning) -> None:
    shown = told(store, meaning, "doubt")
    candidates = {each.id: each for each in shown.what_if if each.id.startswith("hardware-")}
    assert len(candidates) >= 2
    expected = [each.training_operations.expected for each in candidates.values()]
    whole = shown.figures.training_operations
    assert min(expected) < whole.expected < max(expected)
    assert all(each.training_operations.high <= whole.high * 1.001 for each in candidates.values())


def test_rows_in_another_order_explain_alike(
    tmp_path: Path, store: Reader, meaning: Meaning
) -> None:
    with _filled(tmp_path, meaning) as again:
        first = told(store, meaning, "owner-a")
        assert told(again, meaning, "owner-a") == first


def test_an_id_of_two_scopes_asks_for_the_scope(store: Reader, meaning: Meaning) -> None:
    with pytest.raises(SubjectError) as raised:
        told(store, meaning, "same")
    assert str(raised.value) == (
        "same: expected an id of one scope, got one of tenant, cluster; choose with --scope"
    )
    assert told(store, meaning, "same", "cluster").scope == "cluster"


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        (Asked("alpha-job"), "did you mean job/alpha/alpha-job?"),
        (Asked("alphq"), "did you mean alpha?"),
        (Asked("nothing like it"), "see the ids in totals.csv"),
        (Asked("alpha", "cluster"), "did you mean "),
    ],
)
def test_an_id_that_is_not_there_offers_near_ones(
    store: Reader, meaning: Meaning, asked: Asked, advice: str
) -> None:
    with pytest.raises(SubjectError, match="found nothing metered for it") as raised:
        explain_subject(store, meaning, NOW, asked)
    assert advice in str(raised.value)


def test_the_name_of_a_job_that_is_part_of_a_larger_run_leads_to_it(
    store: Reader, meaning: Meaning
) -> None:
    with pytest.raises(SubjectError, match="a part of data/shared; ask for data/shared"):
        told(store, meaning, "job/gamma/gamma-job")


def test_an_empty_store_says_that_there_is_nothing(tmp_path: Path, meaning: Meaning) -> None:
    with (
        Store.open(tmp_path / "empty", durable=False) as empty,
        pytest.raises(SubjectError, match="found nothing metered"),
    ):
        told(empty, meaning, "alpha")


def test_without_a_classifier_the_rules_are_not_offered_as_a_change(
    store: Reader, meaning: Meaning
) -> None:
    shown = told(store, replace(meaning, classifier=None), "alpha")
    assert "rules-alone" not in {each.id for each in shown.what_if}


def test_totals_of_the_story_hold_a_run_shared_by_tenants(store: Reader, meaning: Meaning) -> None:
    totals = stand(store, meaning, NOW).totals
    assert totals.filter(
        (pl.col("scope") == "training_run") & (pl.col("id") == "data/shared")
    ).height
