"""Facts of a subject: the peak of its largest cluster at one instant, and its accelerators."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from detector.facts import Scope, StatusFinding
from detector.ledger import spread, weigh
from detector.subjects import Hour, Person, View, subjects
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    at,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

FIRST_HOUR = int(BEGIN.timestamp()) * 1000 // HOUR_MS
NOW = FIRST_HOUR + 100
#: So late that the tests' hours have been merged to days.
LATE = NOW + 60 * 24
DAY_MS = 24 * HOUR
HALF = HOUR // 2


def nobody(_scope: Scope, _id: str, _tenants: tuple[str, ...], _span: object) -> Person:
    return Person(StatusFinding("undetermined", ()))


def view(
    scope: Scope,
    rows: list[dict[str, Any]],
    newest: int = NOW,
    segments: pl.DataFrame | None = None,
    owners: tuple[tuple[str, int, str], ...] = (),
) -> View:
    usage = merge([accumulate(usage_frame(rows))])
    held = no_segments() if segments is None else segments
    described = describe(usage, small_catalogue(), held, moments({newest: newest}))
    chances = described.rows.select("as_of", "workload", training_probability=pl.lit(1.0))
    holders = pl.DataFrame(
        [(newest, *owner) for owner in owners],
        {"as_of": pl.Int32, "tenant_id": pl.String, "segment": pl.Int32, "owner_id": pl.String},
        orient="row",
    )
    cells = spread(weigh(described.cells, chances), holders)[scope]
    return View(scope, cells, {newest: Hour(at(0), nobody)}, described.peaks)


def peaks(seen: View) -> dict[str, float]:
    """Give each subject's cluster peak in units of one H100, 1e15 operations per second."""
    return {f.subject_id: f.cluster_peak_operations_per_second / 1e15 for _, f in subjects(seen)}


def node(start: int, end: int, name: str, **fields: Any) -> dict[str, Any]:
    """Give a hundred accelerators of cluster c on site s."""
    placed = {"resource_id": name, "cluster_id": "c", "site_id": "s", "accelerator_count": 100}
    return usage_row(start, end, **placed | fields)


@pytest.mark.parametrize("newest", [NOW, LATE])
def test_half_an_hour_at_full_size_is_the_full_peak_in_an_hour_and_in_a_day(newest: int) -> None:
    assert peaks(view("tenant", [node(0, HALF, "a")], newest)) == {"t": 100.0}


def test_nodes_that_follow_each_other_do_not_add_up_and_nodes_side_by_side_do() -> None:
    apart = [node(0, HALF, "a", job_id="j"), node(HALF, HOUR, "b", job_id="k")]
    together = [node(0, HALF, "a", job_id="j"), node(HALF - 1, HOUR, "b", job_id="k")]
    assert peaks(view("tenant", apart)) == {"t": 100.0}
    assert peaks(view("tenant", together)) == {"t": 200.0}
    assert peaks(view("training_run", together)) == {"job/t/j": 100.0, "job/t/k": 100.0}


def test_the_largest_cluster_on_one_site_counts_and_what_names_no_cluster_does_not() -> None:
    rows = [
        node(0, HOUR, "a"),
        node(0, HOUR, "b", site_id="elsewhere"),
        node(0, HOUR, "c", cluster_id="d", accelerator_count=30),
        node(0, HOUR, "d", cluster_id="d", accelerator_count=30, accelerator="toaster"),
        node(0, HOUR, "e", cluster_id=None, accelerator_count=500),
    ]
    assert peaks(view("tenant", rows)) == {"t": 100.0}
    assert peaks(view("tenant", rows[4:])) == {"t": 0.0}


def test_a_site_that_was_not_named_is_a_site_of_its_own() -> None:
    rows = [
        node(0, HOUR, "a", site_id=None),
        node(0, HOUR, "b", site_id=None, job_id="j"),
        node(0, HOUR, "c"),
        node(0, HOUR, "d", site_id=None, tenant_id="u", accelerator_count=9),
    ]
    assert peaks(view("tenant", rows)) == {"t": 200.0, "u": 9.0}


def test_hardware_counts_by_the_word_of_the_vantage_that_is_believed() -> None:
    rows = [
        node(0, HOUR, "a", vantage="guest", accelerator="H100", data_ref="d"),
        node(0, HOUR, "a", accelerator="big"),
    ]
    assert peaks(view("tenant", rows)) == {"t": 150.0}


def test_an_owner_has_the_peak_of_its_tenants_while_it_held_them() -> None:
    change = FIRST_HOUR * HOUR_MS + HALF
    segments = pl.DataFrame(
        [("t", 0, 0, change), ("t", 1, change, 2 * change)], no_segments().schema, orient="row"
    )
    rows = [
        node(0, HOUR, "a"),
        node(HALF, HOUR, "b"),
        node(0, HALF, "c", tenant_id="u", accelerator_count=7),
    ]
    owners = (("t", 0, "old"), ("t", 1, "new"), ("u", 0, "old"))
    held = view("owner", rows, segments=segments, owners=owners)
    assert peaks(held) == {"new": 200.0, "old": 107.0}


def test_accelerator_hours_are_whole_where_the_time_is() -> None:
    rows = [usage_row(0, HOUR), usage_row(0, DAY_MS, resource_id="s", accelerator="big")]
    [(_, facts)] = subjects(view("tenant", rows))
    assert facts.accelerators == (("BIG-1 | BIG-2", 24.0), ("H100", 1.0))
    assert (facts.first_start, facts.last_end) == (at(0), at(DAY_MS))
