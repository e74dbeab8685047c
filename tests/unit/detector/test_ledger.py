"""Four ledgers of the same cells: what counts, for whom, and how it grew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from detector.ledger import TOTALS, curves, spread, totals, weigh
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

FIRST_HOUR = int(BEGIN.timestamp()) * 1000 // HOUR_MS
NOW = FIRST_HOUR + 100
START_MS = FIRST_HOUR * HOUR_MS
COUNTED = {"telemetry.tensor_active": 0.5}
#: Operations expected of one counted hour: half of 1e15 a second, four fifths of it the AI model's.
EXPECTED = 3600 * 1e15 * 0.4
ROWS = (
    usage_row(0, 2 * HOUR, job_id="j", **COUNTED),
    usage_row(2 * HOUR, 3 * HOUR, **COUNTED),
    usage_row(0, HOUR, tenant_id="u", resource_id="s", data_ref="d", cluster_id="c", **COUNTED),
)


def spread_out(
    chances: dict[str, float], holders: list[tuple[str, int, str]], segments: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    usage = merge([accumulate(usage_frame(ROWS))])
    cells = describe(usage, small_catalogue(), segments, moments({NOW: NOW})).cells
    likely = pl.DataFrame(
        [(NOW, workload, chance) for workload, chance in chances.items()],
        {"as_of": pl.Int32, "workload": pl.String, "training_probability": pl.Float64},
        orient="row",
    )
    held = pl.DataFrame(
        [(NOW, *holder) for holder in holders],
        {"as_of": pl.Int32, "tenant_id": pl.String, "segment": pl.Int32, "owner_id": pl.String},
        orient="row",
    )
    return spread(weigh(cells, likely), held)


CHANCES = {"job/t/j": 0.95, "data/d": 0.5, "unattributed/t": 0.1}


def test_totals_have_the_columns_of_the_contract_in_its_order() -> None:
    assert ",".join(TOTALS) == (
        "scope,id,tenant_ids,accelerator_hours,peak_operations,operations_low,"
        "operations_expected,operations_high,hardware_operations_expected,training_probability,"
        "training_operations_low,training_operations_expected,training_operations_high,"
        "first_start,last_end,metered_since,opening_operations_expected,silent_ratio"
    )


def test_each_scope_has_its_rows_and_what_is_no_run_is_unattributed() -> None:
    holders = [("t", 0, "P"), ("u", 0, "P"), ("u", 0, "Q")]
    found = totals(spread_out(CHANCES, holders, no_segments()))
    assert found.columns == list(TOTALS)
    assert found.select("scope", "id", "tenant_ids", "accelerator_hours").rows() == [
        ("cluster", "c", "u", 1.0),
        ("owner", "P", "t;u", 4.0),
        ("owner", "Q", "u", 1.0),
        ("tenant", "t", "t", 3.0),
        ("tenant", "u", "u", 1.0),
        ("training_run", "data/d", "u", 1.0),
        ("training_run", "job/t/j", "t", 2.0),
        ("training_run", "unattributed", "t", 1.0),
    ]


def test_a_probability_counts_a_run_or_not_and_never_multiplies() -> None:
    found = totals(spread_out(CHANCES, [], no_segments())).filter(scope="training_run")
    names = [f"training_operations_{bound}" for bound in ("low", "expected", "high")]
    counted = [[value > 0 for value in row] for row in found.select(names).rows()]
    assert dict(zip(found["id"], counted, strict=True)) == {
        "data/d": [False, True, True],
        "job/t/j": [True, True, True],
        "unattributed": [False, False, True],
    }
    assert found.select(names[1]).to_series().to_list() == pytest.approx(
        [EXPECTED, 2 * EXPECTED, 0]
    )


def test_the_runs_and_what_is_unattributed_add_up_to_the_tenants() -> None:
    found = totals(spread_out(CHANCES, [], no_segments()))
    figures = [c for c in TOTALS if "operations" in c or c == "accelerator_hours"]
    sums = found.group_by("scope").agg(pl.col(figures).sum())
    tenants, runs = (
        sums.filter(scope=s).select(figures).row(0) for s in ("tenant", "training_run")
    )
    assert runs == pytest.approx(tenants, rel=1e-14)


def test_a_buyer_gets_the_work_from_the_sale_on_and_the_seller_keeps_what_came_before() -> None:
    sale_ms = START_MS + HOUR // 2
    sold = pl.DataFrame(
        [("t", 0, -(2**62), sale_ms), ("t", 1, sale_ms, 2**62)],
        no_segments().schema,
        orient="row",
    )
    holders = [("t", 0, "seller"), ("t", 1, "buyer"), ("u", 0, "buyer")]
    owners = totals(spread_out(CHANCES, holders, sold)).filter(scope="owner")
    assert owners.select("id", "accelerator_hours", "first_start", "last_end").rows() == [
        ("buyer", 3.5, BEGIN, datetime(2026, 3, 2, 3, tzinfo=UTC)),
        ("seller", 0.5, BEGIN, datetime(2026, 3, 2, 0, 30, tzinfo=UTC)),
    ]
    assert owners["operations_expected"].to_list() == pytest.approx(
        [3.5 * EXPECTED, 0.5 * EXPECTED]
    )


def test_a_curve_grows_to_the_sum_and_ends_with_the_work() -> None:
    by_scope = spread_out(CHANCES, [], no_segments())
    grown = curves(by_scope["training_run"]).filter(id="job/t/j")
    rows: list[dict[str, Any]] = grown.select("start_ms", "end_ms", "expected").to_dicts()
    assert rows == [
        {
            "start_ms": START_MS + n * HOUR,
            "end_ms": START_MS + (n + 1) * HOUR,
            "expected": pytest.approx((n + 1) * EXPECTED),
        }
        for n in range(2)
    ]


def test_nothing_metered_gives_the_header_alone() -> None:
    usage = merge([accumulate(usage_frame([]))])
    cells = describe(usage, small_catalogue(), no_segments(), moments({NOW: NOW})).cells
    none = pl.DataFrame(
        schema={"as_of": pl.Int32, "workload": pl.String, "training_probability": pl.Float64}
    )
    held = pl.DataFrame(
        schema={
            "as_of": pl.Int32,
            "tenant_id": pl.String,
            "segment": pl.Int32,
            "owner_id": pl.String,
        }
    )
    by_scope = spread(weigh(cells, none), held)
    assert totals(by_scope).rows() == []
    grown = curves(by_scope["owner"])
    assert (grown.height, str(grown.schema["id"])) == (0, "String")
