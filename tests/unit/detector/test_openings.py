"""Opening balances as rows of the ledgers: what holds, what it comes to, whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from detector.facts import Interval, OpeningFacts
from detector.ledger import spread, totals, weigh
from detector.opening_rows import with_openings
from detector.openings import MAX_OPERATIONS, bound_of, cut_at, openings, worked
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import STATED, describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    at,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

NOW = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
COUNTED = {"telemetry.tensor_active": 0.5}
METERED = (usage_row(0, 2 * HOUR, job_id="j", **COUNTED), usage_row(2 * HOUR, 3 * HOUR, **COUNTED))
Opened = tuple[dict[str, Any], ...]
NO_HOLDERS: list[tuple[str, int, str]] = []


def opening(hours: float = 0, **fields: Any) -> dict[str, Any]:
    """Give the data of an opening of tenant t at so many hours after the tests' epoch."""
    return {"tenant_id": "t", "at": at(round(hours * HOUR)).isoformat()} | fields


def stated(*each: dict[str, Any], told: datetime = BEGIN + timedelta(days=9)) -> pl.DataFrame:
    return openings((data, told + timedelta(minutes=n)) for n, data in enumerate(each))


def ledgers(
    held: pl.DataFrame,
    chance: float = 1.0,
    rows: tuple[dict[str, Any], ...] = METERED,
    holders: list[tuple[str, int, str]] = NO_HOLDERS,
    sold: pl.DataFrame | None = None,
) -> pl.DataFrame:
    usage = merge([accumulate(usage_frame(rows))])
    who = pl.DataFrame(
        holders, {"tenant_id": pl.String, "segment": pl.Int32, "owner_id": pl.String}, orient="row"
    )
    segments, owners = cut_at(no_segments() if sold is None else sold, who, held)
    known = held.with_columns(as_of=pl.lit(NOW, pl.Int32))
    described = describe(
        usage, small_catalogue(), segments, moments({NOW: NOW}), known.select(list(STATED))
    )
    likely = described.rows.select("as_of", "workload", training_probability=pl.lit(chance))
    told = known.join(described.stated, on=("as_of", "opening"))
    cells = with_openings(weigh(described.cells, likely), told, segments, small_catalogue())
    return totals(spread(cells, owners.with_columns(as_of=pl.lit(NOW, pl.Int32))))


def figures(found: pl.DataFrame, scope: str, name: str) -> dict[str, Any]:
    return dict(found.filter(scope=scope).select("id", name).iter_rows())


def test_an_opening_joins_the_run_that_its_job_names_and_adds_to_every_ledger() -> None:
    held = stated(opening(job_id="j", accelerator_hours=100.0, operations={"expected": 1e22}))
    without, found = ledgers(stated()), ledgers(held, holders=[("t", 0, "P")])
    assert figures(found, "training_run", "opening_operations_expected") == {
        "job/t/j": 10**22,
        "unattributed": 0,
    }
    assert figures(found, "training_run", "accelerator_hours") == {
        "job/t/j": 102.0,
        "unattributed": 1.0,
    }
    before = figures(without, "tenant", "operations_expected")["t"]
    for scope in ("tenant", "owner"):
        (whole,) = figures(found, scope, "operations_expected").values()
        assert whole == before + 10**22
    assert figures(found, "tenant", "first_start") == {"t": BEGIN}
    assert figures(found, "tenant", "metered_since") == {"t": BEGIN}
    assert figures(found, "tenant", "peak_operations") == figures(
        without, "tenant", "peak_operations"
    )


def test_an_opening_of_work_that_was_never_metered_makes_its_run_and_counts_as_stated() -> None:
    held = stated(
        opening(
            data_ref="d", tenant_id="new", operations={"low": 1e24, "expected": 2e24, "high": 3e24}
        )
    )
    row = ledgers(held, chance=0.0).filter(scope="training_run", id="data/d").row(0, named=True)
    names = [f"training_operations_{bound}" for bound in ("low", "expected", "high")]
    assert [row[name] for name in names] == [int(1e24), int(2e24), int(3e24)]
    assert row["first_start"] == row["last_end"] == BEGIN
    assert (row["metered_since"], row["silent_ratio"]) == (None, None)


def test_an_opening_without_a_link_is_unattributed_and_of_its_tenant() -> None:
    found = ledgers(stated(opening(operations={"expected": 1e22})))
    assert figures(found, "training_run", "opening_operations_expected") == {
        "job/t/j": 0,
        "unattributed": 10**22,
    }


def test_an_opening_that_names_job_and_data_joins_both_works() -> None:
    rows = (usage_row(0, HOUR, job_id="j"), usage_row(0, HOUR, data_ref="d", resource_id="s"))
    held = stated(opening(job_id="j", data_ref="d", operations={"expected": 1e22}))
    found = ledgers(held, rows=rows)
    assert figures(found, "training_run", "accelerator_hours") == {"data/d": 2.0}


def test_the_latest_of_a_link_holds_and_a_customer_never_lowers_what_the_provider_says() -> None:
    told = [
        opening(job_id="j", operations={"expected": 5e23}, basis="provider_estimate"),
        opening(job_id="j", operations={"expected": 4e23}, basis="provider_estimate"),
        opening(job_id="j", operations={"expected": 1e20}, basis="customer"),
        opening(operations={"expected": 1e20}, basis="customer"),
        opening(operations={"expected": 3e20}, basis="customer"),
    ]
    held = stated(*told)
    assert held.select("job_id", "expected", "basis", "is_word").rows() == [
        ("j", 4e23, "provider_estimate", False),
        (None, 3e20, "customer", True),
    ]
    more = stated(*told, opening(job_id="j", operations={"expected": 9e23}, basis="customer"))
    assert more["expected"].to_list() == [9e23, 3e20]


def test_what_was_metered_before_counts_once() -> None:
    expected = figures(ledgers(stated()), "training_run", "operations_expected")["job/t/j"]
    half = opening(1, job_id="j", accelerator_hours=1.5, operations={"expected": expected})
    found = ledgers(stated(half))
    assert figures(found, "training_run", "accelerator_hours")["job/t/j"] == 2.5
    assert figures(found, "training_run", "opening_operations_expected")["job/t/j"] == round(
        expected - expected / 2
    )
    covered = opening(3, job_id="j", accelerator_hours=1.5, operations={"expected": expected / 2})
    assert figures(ledgers(stated(covered)), "training_run", "operations_expected") == figures(
        ledgers(stated()), "training_run", "operations_expected"
    )


def test_two_openings_of_one_run_take_the_same_metering_off_once() -> None:
    rows = (usage_row(0, 2 * HOUR, job_id="j", data_ref="d", **COUNTED),)
    expected = figures(ledgers(stated(), rows=rows), "tenant", "operations_expected")["t"]
    twice = [
        opening(2, job_id="j", operations={"expected": expected}),
        opening(2, data_ref="d", operations={"expected": expected}),
    ]
    found = ledgers(stated(*twice), rows=rows)
    assert figures(found, "tenant", "operations_expected")["t"] == 2 * expected


def test_hours_alone_are_priced_as_the_allocation_of_the_tenants_first_day() -> None:
    rows = (usage_row(0, 10 * HOUR, job_id="j"),)
    metered = ledgers(stated(), rows=rows).filter(scope="tenant").row(0, named=True)
    held = stated(opening(job_id="j", accelerator_hours=10.0, basis="provider_estimate"))
    both = ledgers(held, rows=rows).filter(scope="tenant").row(0, named=True)
    assert both["operations_expected"] == pytest.approx(2 * metered["operations_expected"])
    assert both["accelerator_hours"] == 20.0
    assert both["peak_operations"] == metered["peak_operations"]


def test_hours_of_nobody_knows_what_span_the_catalogue() -> None:
    held = stated(opening(tenant_id="new", accelerator_hours=1.0, basis="other_provider"))
    row = ledgers(held).filter(scope="tenant", id="new").row(0, named=True)
    assert 0 < row["operations_low"] < row["operations_expected"] < row["operations_high"]


def test_a_customers_word_without_a_low_vouches_for_nothing() -> None:
    said: dict[str, Any] = {"operations": {"expected": 1e24}, "job_id": "j"}
    word, figure = (
        ledgers(stated(opening(**said, basis=basis))).filter(scope="tenant").row(0, named=True)
        for basis in ("customer", "provider_estimate")
    )
    assert word["operations_expected"] == figure["operations_expected"]
    assert word["operations_low"] < 1e20 < figure["operations_low"]


def test_an_opening_follows_its_run_once_as_much_of_the_run_was_metered() -> None:
    small, large = ({"expected": 1e10}, {"expected": 1e24})
    for operations, counts in ((small, False), (large, True)):
        found = ledgers(stated(opening(job_id="j", operations=operations)), chance=0.05)
        assert (
            figures(found, "training_run", "training_operations_expected")["job/t/j"] > 0
        ) is counts


def test_whoever_held_the_tenant_just_before_the_instant_has_the_opening() -> None:
    sale = int(BEGIN.timestamp()) * 1000
    sold = pl.DataFrame(
        [("t", 0, -(2**62), sale), ("t", 1, sale, 2**62)], no_segments().schema, orient="row"
    )
    holders = [("t", 0, "seller"), ("t", 1, "buyer")]
    held = stated(opening(0, job_id="j", operations={"expected": 1e22}))
    found = figures(
        ledgers(held, holders=holders, sold=sold), "owner", "opening_operations_expected"
    )
    assert found == {"buyer": 0, "seller": 10**22}


def test_what_nobody_can_have_done_is_dropped_and_flagged() -> None:
    held = stated(opening(accelerator_hours=5.0, operations={"expected": 2 * MAX_OPERATIONS}))
    assert held.select("accelerator_hours", "expected", "is_impossible").rows() == [
        (5.0, None, True)
    ]


def test_no_opening_adds_more_than_its_bound() -> None:
    assert bound_of(opening(accelerator_hours=2.0, operations={"high": 7.0}), 10.0) == 27.0


def test_work_lasts_from_the_last_millisecond_before_what_was_stated_and_left() -> None:
    metered = (BEGIN, BEGIN + timedelta(hours=2))
    early, late = BEGIN - timedelta(days=9), BEGIN + timedelta(days=9)
    left, nothing = Interval(0.0, 1.0, 2.0), Interval(0.0, 0.0, 0.0)
    told = [OpeningFacts("t", at, None, 0.0, left, 1.0) for at in (late, early)]
    assert worked(metered, told) == (early - timedelta(milliseconds=1), late)
    assert worked(metered, [OpeningFacts("t", early, None, 0.0, nothing, 0.0)]) == metered
    assert worked(metered, ()) == metered
    first = datetime.min.replace(tzinfo=UTC)
    assert worked(metered, [OpeningFacts("t", first, None, 0.0, left, 1.0)])[0] == first
