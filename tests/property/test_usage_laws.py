"""Laws of the accumulated state and of covered time, against a count made instant by instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from features.accumulate import Usage, accumulate, branches, empty, merge
from features.compute import cold_bucket, moments
from features.pipeline import Described, describe
from features.schema import STRAND_FIELDS
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

#: Describing costs some tens of milliseconds, so those laws take a quarter of the usual examples.
limited = settings(max_examples=max(1, settings().max_examples // 4))
STEP = 600_000
EPOCH_HOUR = int(BEGIN.timestamp()) // 3600


def same(one: Usage, other: Usage) -> bool:
    return (
        one.strands.equals(other.strands)
        and one.coverage.equals(other.coverage)
        and one.telemetry.equals(other.telemetry)
    )


@st.composite
def usage_rows(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.integers(0, 60)) * STEP
    length = draw(st.integers(1, 40)) * STEP
    return usage_row(
        start,
        start + length,
        resource_id=draw(st.sampled_from(["r1", "r2"])),
        tenant_id=draw(st.sampled_from(["t1", "t2"])),
        job_id=draw(st.sampled_from([None, "j1", "j2"])),
        data_ref=draw(st.sampled_from([None, None, "d1"])),
        vantage=draw(st.sampled_from([None, "bmc", "guest"])),
        accelerator_count=draw(st.integers(1, 3)),
        partition_fraction=draw(st.sampled_from([None, 0.5])),
        hour=EPOCH_HOUR + 200,
        **{
            "telemetry.tensor_active": draw(st.sampled_from([None, 0.0, 0.25, 1.0, 7.0])),
            "telemetry.sm_active": draw(st.sampled_from([None, 0.5])),
            "telemetry.power_w": draw(st.sampled_from([None, 300.0, 500.0])),
            "telemetry.nvlink_bytes": draw(st.sampled_from([None, 1e6, 3.0])),
        },
    )


batches = st.lists(usage_rows(), min_size=1, max_size=12)


@given(batches, st.randoms(use_true_random=False), st.integers(0, 12))
def test_order_and_cuts_of_the_input_change_nothing(
    rows: list[dict[str, Any]], random: Any, cut: int
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    whole = merge([accumulate(usage_frame(rows))])
    parts = merge(
        [accumulate(usage_frame(shuffled[:cut])), accumulate(usage_frame(shuffled[cut:])), empty()]
    )
    assert same(whole, parts)


@given(batches, batches)
def test_what_is_taken_back_was_never_there(
    kept: list[dict[str, Any]], voided: list[dict[str, Any]]
) -> None:
    alone = merge([accumulate(usage_frame(kept))])
    undone = merge(
        [
            accumulate(usage_frame(voided, sign=-1)),
            accumulate(usage_frame(kept)),
            accumulate(usage_frame(voided)),
        ]
    )
    assert same(alone, undone)


@given(batches, st.sampled_from([0.125, 0.5, 1.0]))
def test_a_correction_of_figures_alone_gives_the_state_of_the_corrected_figures(
    told: list[dict[str, Any]], figure: float
) -> None:
    meant = [row | {"telemetry.tensor_active": figure} for row in told]
    both = pl.concat([usage_frame(told, sign=-1), usage_frame(meant)])
    corrected = merge([accumulate(both), accumulate(usage_frame(told))])
    assert same(corrected, merge([accumulate(usage_frame(meant))]))


@limited
@given(batches)
def test_settling_before_or_after_a_merge_is_the_same(rows: list[dict[str, Any]]) -> None:
    late = EPOCH_HOUR + 24 * 80
    parts = [accumulate(usage_frame([row])) for row in rows]
    cold = cold_bucket(late)
    settled = [merge([part], late, cold) for part in parts]
    assert same(merge(settled, late, cold), merge(parts, late, cold))


@given(batches, st.integers(1, 8), st.integers(0, 3))
def test_a_state_dealt_out_by_its_strands_is_the_same_state(
    rows: list[dict[str, Any]], count: int, seed: int
) -> None:
    whole = accumulate(usage_frame(rows))
    parts = list(branches(whole, count, seed))
    assert len(parts) == count
    assert same(merge(parts), merge([whole]))
    strands = pl.concat([part.strands for part in parts]).select(STRAND_FIELDS)
    assert strands.height == strands.n_unique() == whole.strands.height


def covered_by_hand(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Count device milliseconds per tenant, ten minutes at a time."""
    covered: dict[str, float] = {}
    for tenant in {row["tenant_id"] for row in rows}:
        total = 0.0
        for resource in {row["resource_id"] for row in rows}:
            mine = [r for r in rows if (r["tenant_id"], r["resource_id"]) == (tenant, resource)]
            for slot in range(101):
                instant = BEGIN.timestamp() * 1000 + slot * STEP
                sizes = [
                    r["accelerator_count"] * (r["partition_fraction"] or 1.0)
                    for r in mine
                    if r["start"].timestamp() * 1000 <= instant < r["end"].timestamp() * 1000
                ]
                total += max(sizes, default=0.0) * STEP
        covered[tenant] = total
    return covered


def described(usage: Usage, hour: int = EPOCH_HOUR + 200) -> Described:
    return describe(merge([usage]), small_catalogue(), no_segments(), moments({hour: hour}))


@limited
@given(batches)
def test_a_tenant_is_given_a_resource_once_with_its_largest_size(
    rows: list[dict[str, Any]],
) -> None:
    cells = described(accumulate(usage_frame(rows))).cells
    found = dict(cells.group_by("tenant_id").agg(pl.col("device_ms").sum()).iter_rows())
    assert found == covered_by_hand(rows)


@limited
@given(batches)
def test_day_buckets_cover_what_hour_buckets_covered(rows: list[dict[str, Any]]) -> None:
    late = EPOCH_HOUR + 24 * 80
    usage = accumulate(usage_frame(rows))
    fine = described(usage).cells["device_ms"].sum()
    coarse = described(merge([usage], late, cold_bucket(late)), late).cells
    assert coarse["device_ms"].sum() == fine
    assert set(coarse["width_hours"]) == {24}


@limited
@given(batches)
def test_low_expected_and_high_are_in_order_and_under_the_peak(
    rows: list[dict[str, Any]],
) -> None:
    cells = described(accumulate(usage_frame(rows))).cells
    low, expected, high = (cells[f"operations_{b}"] for b in ("low", "expected", "high"))
    assert (low <= expected).all()
    assert (expected <= high).all()
    ceiling = cells["device_ms"] / 1000 * 2e15
    assert (high <= ceiling * (1 + 1e-9)).all()


@limited
@given(batches)
def test_metering_everything_twice_changes_no_operation(rows: list[dict[str, Any]]) -> None:
    once = described(accumulate(usage_frame(rows))).cells
    twice = described(accumulate(usage_frame([*rows, *rows]))).cells
    assert once.equals(twice)


@limited
@given(batches, st.integers(0, 12))
def test_a_view_as_of_an_hour_sees_what_was_known_by_it(
    rows: list[dict[str, Any]], known: int
) -> None:
    early = [row | {"hour": EPOCH_HOUR + 100} for row in rows[:known]]
    late = [row | {"hour": EPOCH_HOUR + 150} for row in rows[known:]]
    both = accumulate(usage_frame([*early, *late]))
    then = described(both, EPOCH_HOUR + 120).cells
    alone = described(accumulate(usage_frame(early)), EPOCH_HOUR + 120).cells
    assert then.drop("strand", "hardware").equals(alone.drop("strand", "hardware"))


def test_an_uninterrupted_resource_is_two_rows_however_long() -> None:
    rows = [usage_row(i * HOUR, (i + 1) * HOUR) for i in range(2000)]
    assert merge([accumulate(usage_frame(rows))]).coverage["delta"].to_list() == [1, -1]
