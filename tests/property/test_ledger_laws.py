"""Laws of sums of intervals: order and parts change no digit, bounds never fall or cross."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.correlated import Correlations
from detector.ledger import SCOPES, added, curves, parts_of, spread, sums, totals, weigh
from detector.workload_sums import by_workload, pieces, pieces_by_workload
from features.compute import HOUR_MS, PPB
from features.describe import BASES, FIGURES, SAID

BOUNDS = ("low", "expected", "high")
HALF = Correlations(0.5, 0.25)
CHANCES = {"d": 0.95, "w0": 0.95, "w1": 0.6, "w2": 0.2}
Cell = dict[str, Any]


@st.composite
def cells_of(draw: st.DrawFn, works: Sequence[str] = tuple(CHANCES)) -> Cell:
    """Give one cell; workload ``d`` spans the tenants, the others are one tenant's."""
    tenant = draw(st.sampled_from(["t1", "t2"]))
    work = draw(st.sampled_from(works))
    bucket = draw(st.integers(0, 6))
    low, above, beyond = (draw(st.integers(0, 10**19)) for _ in range(3))
    length = draw(st.integers(1, HOUR_MS))
    return {
        "strand": draw(st.integers(0, 9)),
        "tenant_id": tenant,
        "workload": work if work == "d" else f"{work}/{tenant}",
        "chance": CHANCES[work],
        "is_run": work != "w2",
        "cluster_id": draw(st.sampled_from([None, "c"])),
        "bucket": bucket,
        "start_ms": bucket * HOUR_MS,
        "end_ms": bucket * HOUR_MS + length,
        "device_ppb_ms": length * draw(st.integers(1, 3 * PPB)),
        "operations_low": low,
        "operations_expected": low + above,
        "operations_high": low + above + beyond,
    }


def weighed(drawn: Sequence[Cell]) -> pl.DataFrame:
    """Give the frame of weighed cells."""
    whole = {name: pl.Int128 for name in ("device_ppb_ms", *FIGURES)}
    columns = [c for c in drawn[0] if c not in whole]
    frame = pl.DataFrame([{c: cell[c] for c in columns} for cell in drawn])
    exact = [
        pl.Series(name, [cell.get(name, 1) for cell in drawn], dtype=kind)
        for name, kind in whole.items()
    ]
    rest = [f"seconds_{basis}" for basis in BASES]
    full = frame.with_columns(
        *exact,
        as_of=pl.lit(9, pl.Int32),
        segment=pl.lit(0, pl.Int32),
        width_hours=pl.lit(1, pl.Int8),
        **{name: pl.col("end_ms") / 7.0 for name in ("device_ms", "resource_ms", *rest, *SAID)},
    )
    chances = full.select("as_of", "workload", training_probability="chance").unique()
    return weigh(full.drop("chance"), chances)


def scopes(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give the scopes where one person owns everybody."""
    owners = frame.select("as_of", "tenant_id", "segment").unique()
    return spread(frame, owners.with_columns(owner_id=pl.lit("P")))


#: Summing costs some milliseconds, so these laws take half of the usual examples.
limited = settings(max_examples=max(1, settings().max_examples // 2))
batches = st.lists(cells_of(), min_size=1, max_size=12)


@limited
@given(batches)
def test_runs_tenants_and_owner_agree_to_the_last_integer(drawn: list[Cell]) -> None:
    found = totals(scopes(weighed(drawn)), HALF)
    exact = ["peak_operations", "operations_expected", "hardware_operations_expected"]
    exact += ["training_operations_expected"]
    sums_ = found.group_by("scope").agg(pl.col(exact).sum())
    rows = [sums_.filter(scope=s).select(exact).row(0) for s in ("tenant", "training_run", "owner")]
    assert rows[0] == rows[1] == rows[2]
    assert rows[0][1] == sum(cell["operations_expected"] for cell in drawn)


@limited
@given(batches)
def test_parts_that_share_no_tenant_give_the_totals_of_the_whole(drawn: list[Cell]) -> None:
    frame = weighed([cell for cell in drawn if cell["workload"] != "d"] or drawn[:1])
    parts = [parts_of(scopes(part)) for part in frame.partition_by("tenant_id")]
    by_scope = scopes(frame)
    for order in (parts, parts[::-1]):
        together = added(order, HALF)
        assert together.equals(totals(by_scope, HALF))


@limited
@given(batches, st.randoms(use_true_random=False))
def test_the_order_of_cells_changes_no_digit(drawn: list[Cell], random: Random) -> None:
    frame = weighed(drawn)
    mixed = scopes(frame[random.sample(range(frame.height), frame.height)])
    assert totals(mixed, HALF).equals(totals(scopes(frame), HALF))
    for scope, cells in scopes(frame).items():
        assert curves(mixed[scope], HALF).equals(curves(cells, HALF))


@limited
@given(batches)
def test_no_bound_of_a_curve_falls_and_each_ends_at_its_sum(drawn: list[Cell]) -> None:
    for cells in scopes(weighed(drawn)).values():
        if cells.is_empty():
            continue
        grown = curves(cells, HALF)
        steps = grown.select(pl.col(BOUNDS).diff().over("id").fill_null(0))
        assert all(step >= 0 for row in steps.rows() for step in row)
        assert all(low <= middle <= high for low, middle, high in grown.select(BOUNDS).rows())
        ends = grown.group_by("id").agg(pl.col(BOUNDS).last()).sort("id")
        total = sums(cells, HALF).sort("id")
        for bound in BOUNDS:
            reached = total[f"training_operations_{bound}"].to_list()
            assert ends[bound].to_list() == pytest.approx(reached, rel=1e-12)


@limited
@given(batches)
def test_agreement_in_part_narrows_a_sum_and_moves_no_expected_figure(drawn: list[Cell]) -> None:
    by_scope = scopes(weighed(drawn))
    wide, narrow = totals(by_scope), totals(by_scope, HALF)
    for kind in ("operations", "training_operations"):
        low, middle, high = (f"{kind}_{bound}" for bound in BOUNDS)
        assert wide[middle].equals(narrow[middle])
        for one, other in ((wide[low], narrow[low]), (narrow[low], narrow[middle])):
            assert (one <= other).all()
        for one, other in ((narrow[middle], narrow[high]), (narrow[high], wide[high])):
            assert (one <= other).all()


@limited
@given(batches, cells_of(("w0", "w1", "w2")))
def test_more_work_never_lowers_a_high_bound(drawn: list[Cell], more: Cell) -> None:
    before = totals(scopes(weighed(drawn)), HALF).filter(pl.col("scope") != "training_run")
    after = totals(scopes(weighed([*drawn, more])), HALF)
    pairs = before.join(after, on=("scope", "id"), suffix="_after")
    assert pairs.height == before.height
    assert (pairs["operations_high_after"] >= pairs["operations_high"]).all()


@limited
@given(batches)
def test_pieces_give_every_ledger_what_its_cells_give(drawn: list[Cell]) -> None:
    frame = weighed(drawn)
    whose = frame.select("as_of", "tenant_id", "segment").unique()
    holders = whose.join(pl.DataFrame({"owner_id": ["P", "Q"]}), how="cross")
    own, cells = spread(pieces(frame), holders), spread(frame, holders)
    for scope in SCOPES:
        by_cell, by_piece = (
            rows.with_columns(pl.col("tenant_ids").list.sort()).sort("id", "workload")
            for rows in (by_workload(cells[scope]), pieces_by_workload(own[scope]))
        )
        assert by_piece.select(by_cell.columns).equals(by_cell)
