"""Laws of totals: they reconcile, names mean nothing, guests and silence lower nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ledger import TOTALS, spread, totals, weigh
from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.exposure import exposure, priced
from features.pipeline import describe
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

#: Describing costs some tens of milliseconds, so these laws take a quarter of the usual examples.
EXAMPLES = max(1, settings().max_examples // 4)
FIRST_MS = int(BEGIN.timestamp()) * 1000
NOW = FIRST_MS // HOUR_MS + 500
STEP = HOUR // 4
OPERATIONS = ("operations_low", "operations_expected", "operations_high")
Row = dict[str, Any]


@st.composite
def rows(draw: st.DrawFn, vantages: Sequence[str | None] = (None, "bmc", "guest")) -> Row:
    start = draw(st.integers(0, 30)) * STEP
    typed = draw(st.sampled_from(["H100", "big", "toaster", None]))
    return usage_row(
        start,
        start + draw(st.integers(1, 30)) * STEP,
        resource_id=draw(st.sampled_from(["r1", "r2"])),
        tenant_id=draw(st.sampled_from(["t1", "t2"])),
        job_id=draw(st.sampled_from([None, "j1", "j2"])),
        data_ref=draw(st.sampled_from([None, None, "d1"])),
        cluster_id=draw(st.sampled_from([None, "c1"])),
        vantage=draw(st.sampled_from(vantages)),
        accelerator=typed,
        instance_type=None if typed else "p5.48xlarge",
        accelerator_count=draw(st.integers(1, 3)) if typed else None,
        **{
            f"telemetry.{name}": draw(st.sampled_from([None, None, 0.0, 0.4, 1.0]))
            for name in ("tensor_active", "sm_active", "gpu_util")
        },
    )


batches = st.lists(rows(), min_size=1, max_size=8)
providers = st.lists(rows((None, "bmc")), min_size=1, max_size=5)
limited = settings(max_examples=EXAMPLES)


def cells_of(usage_rows: Sequence[Row], segments: pl.DataFrame | None = None) -> pl.DataFrame:
    usage = merge([accumulate(usage_frame(usage_rows))])
    cuts = no_segments() if segments is None else segments
    return describe(usage, small_catalogue(), cuts, moments({NOW: NOW})).cells


def totals_of(
    usage_rows: Sequence[Row], holders: Sequence[tuple[str, int, str]], segments: pl.DataFrame
) -> pl.DataFrame:
    cells = cells_of(usage_rows, segments)
    likely = cells.select("as_of", "workload").unique().with_columns(training_probability=0.6)
    owned = pl.DataFrame(
        [(NOW, *holder) for holder in holders],
        {"as_of": pl.Int32, "tenant_id": pl.String, "segment": pl.Int32, "owner_id": pl.String},
        orient="row",
    )
    return totals(spread(weigh(cells, likely), owned))


FIGURES = [name for name in TOTALS if "operations" in name or name == "accelerator_hours"]


def by_scope(found: pl.DataFrame, scope: str) -> list[Any]:
    return [found.filter(scope=scope)[name].sum() for name in FIGURES]


@limited
@given(batches, st.integers(0, 40))
def test_runs_tenants_and_owners_reconcile_over_a_sale_at_any_instant(
    usage_rows: list[Row], sale: int
) -> None:
    sale_ms = FIRST_MS + sale * STEP + 1
    sold = pl.DataFrame(
        [("t1", 0, -(2**62), sale_ms), ("t1", 1, sale_ms, 2**62)],
        no_segments().schema,
        orient="row",
    )
    holders = [("t1", 0, "seller"), ("t1", 1, "buyer"), ("t2", 0, "other")]
    found = totals_of(usage_rows, holders, sold)
    hours, *operations = by_scope(found, "tenant")
    for scope in ("training_run", "owner"):
        assert by_scope(found, scope) == [pytest.approx(hours, rel=1e-14), *operations]
    sales = found.filter(scope="owner")
    seller, buyer = sales.filter(id="seller"), sales.filter(id="buyer")
    assert all(end.timestamp() * 1000 <= sale_ms for end in seller["last_end"])
    assert all(start.timestamp() * 1000 >= sale_ms - 1 for start in buyer["first_start"])


@limited
@given(batches)
def test_renaming_tenants_and_resources_changes_no_number(usage_rows: list[Row]) -> None:
    names = {"t1": "z/9", "t2": "a b", "r1": "x", "r2": "b"}
    renamed = [
        row | {field: names[row[field]] for field in ("tenant_id", "resource_id")}
        for row in usage_rows
    ]
    one = totals_of(usage_rows, [], no_segments()).filter(scope="tenant")
    other = totals_of(renamed, [], no_segments()).filter(scope="tenant")
    back = {new: old for old, new in names.items()}
    named = other.with_columns(pl.col("id", "tenant_ids").replace_strict(back)).sort("id")
    assert named.equals(one)


@limited
@given(batches, rows())
def test_more_usage_never_lowers_a_tenants_hours(usage_rows: list[Row], more: Row) -> None:
    before, after = cells_of(usage_rows), cells_of([*usage_rows, more])
    for tenant, hours in before.group_by("tenant_id").agg(pl.col("device_ms").sum()).iter_rows():
        assert after.filter(tenant_id=tenant)["device_ms"].sum() >= hours


@limited
@given(providers, rows(("guest",)))
def test_a_guest_lowers_neither_expected_nor_high(usage_rows: list[Row], guest: Row) -> None:
    before, after = cells_of(usage_rows), cells_of([*usage_rows, guest])
    for tenant in ("t1", "t2"):
        one, other = (cells.filter(tenant_id=tenant) for cells in (before, after))
        for name in OPERATIONS[1:]:
            assert float(other[name].sum()) >= float(one[name].sum()) * (1 - 1e-9)


@st.composite
def hours(draw: st.DrawFn, number: int) -> Row:
    """Give one hour of a run, metered by the provider."""
    figures = {"tensor_active": 1.0, "gpu_util": 1.0, "power_w": 700.0, "energy_j": 2_520_000.0}
    shares = st.sampled_from([None, 0.0, 0.1, 0.4, 1.0])
    shown = {name: draw(shares) for name in figures}
    return usage_row(
        number * HOUR,
        (number + 1) * HOUR,
        job_id="j",
        precision=draw(st.sampled_from([None, None, "bf16", "fp8"])),
        **{f"telemetry.{n}": None if s is None else s * figures[n] for n, s in shown.items()},
    )


runs = st.tuples(*(hours(number) for number in range(4)))
WITNESS = usage_row(9 * HOUR, 10 * HOUR, job_id="j", **{"telemetry.tensor_active": 0.4})


@limited
@given(runs, st.sets(st.integers(0, 3), min_size=1))
def test_silence_never_lowers_the_high_bound_nor_the_expected_figure_below_the_prior(
    run: Sequence[Row], silenced: set[int]
) -> None:
    silent = [
        {n: None if "." in n and number in silenced else v for n, v in row.items()}
        for number, row in enumerate(run)
    ]
    told, untold = cells_of([*run, WITNESS]), cells_of([*silent, WITNESS])
    assert told.select("strand", "bucket").equals(untold.select("strand", "bucket"))
    assert untold["device_ms"].sum() == told["device_ms"].sum()
    # Of a pipe at rest neighbours may tell that its counter is dead: silent, they tell nothing.
    leans = any(row["telemetry.tensor_active"] == 0.0 for row in run)
    first = told["bucket"].min()
    compared = (told["bucket"] - first).is_in(silenced) if leans else told["bucket"] >= first
    told, untold = told.filter(compared), untold.filter(compared)
    assert (untold["operations_high"] >= told["operations_high"]).all()
    before, after = (each["operations_expected"].cast(pl.Float64) for each in (told, untold))
    least = pl.select(pl.min_horizontal(before, told["allocation_expected"])).to_series()
    assert (after >= least * (1 - 1e-12)).all()


@limited
@given(batches)
def test_nothing_is_expected_beyond_what_exposes_a_tenant(usage_rows: list[Row]) -> None:
    usage = merge([accumulate(usage_frame(usage_rows))])
    kinds = priced(usage.strands, small_catalogue())
    bounds = {
        tenant: seconds * most for tenant, seconds, most in exposure(usage, kinds).iter_rows()
    }
    expected = cells_of(usage_rows).group_by("tenant_id").agg(pl.col("operations_expected").sum())
    for tenant, operations in expected.iter_rows():
        assert operations <= bounds[tenant] * (1 + 1e-9) + 1e3
