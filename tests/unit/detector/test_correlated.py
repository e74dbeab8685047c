"""Distances of workloads summed: one error within a workload, part of one between them."""

from __future__ import annotations

import polars as pl
import pytest

from detector.correlated import (
    ONE_ERROR,
    UNIT_OPERATIONS,
    Correlations,
    cumulated,
    spared,
    squares,
)

WIDE = {"id": pl.String, "workload": pl.String, "home": pl.String, "d": pl.Int128}


def distance(rows: list[tuple[str, int]], correlations: Correlations) -> float:
    """Give the correlated distance, in units, of (home, units) rows, one a workload."""
    frame = pl.DataFrame(
        [("x", f"w{n}", home, units * UNIT_OPERATIONS) for n, (home, units) in enumerate(rows)],
        WIDE,
        orient="row",
    )
    summed = squares(frame, ["id"], ["d"])
    left = summed.select(pl.col("d") - spared("d", correlations)).item()
    return float(left) / UNIT_OPERATIONS


def test_within_one_workload_distances_add() -> None:
    assert distance([("t", 5000)], Correlations(0.2, 0.1)) == 5000


def test_between_workloads_of_a_tenant_they_add_in_part() -> None:
    rows = [("t", 3000), ("t", 4000)]
    assert distance(rows, ONE_ERROR) == 7000
    assert distance(rows, Correlations(0.0, 0.0)) == pytest.approx(5000)
    half = (0.5 * 7000**2 + 0.5 * 5000**2) ** 0.5
    assert distance(rows, Correlations(0.5, 0.5)) == pytest.approx(half)
    assert distance(rows, Correlations(0.5, 0.0)) == pytest.approx(half)


def test_between_tenants_they_add_less() -> None:
    rows = [("t", 3000), ("t", 4000), ("u", 1000)]
    expected = 0.2 * 8000**2 + 0.3 * (7000**2 + 1000**2) + 0.5 * (3000**2 + 4000**2 + 1000**2)
    assert distance(rows, Correlations(0.5, 0.2)) == pytest.approx(expected**0.5)


def test_whoever_shares_a_tenant_shares_an_owner() -> None:
    rows = [("t", 3000), ("u", 4000)]
    assert distance(rows, Correlations(0.1, 0.9)) == distance(rows, Correlations(0.1, 0.1))


def test_what_is_less_than_a_unit_is_added_as_one_error() -> None:
    frame = pl.DataFrame([("x", "w1", "t", 3), ("x", "w2", "t", 4)], WIDE, orient="row")
    summed = squares(frame, ["id"], ["d"])
    assert summed.select("d", left=spared("d", Correlations(0.0, 0.0))).row(0) == (7, 0)


def test_what_is_cumulated_ends_at_the_sum_of_squares() -> None:
    rows = [
        ("x", 1, "a", "t", 3), ("x", 1, "b", "t", 5), ("x", 2, "a", "t", 4),
        ("x", 2, "c", "u", 6), ("x", 3, "c", "u", 1), ("y", 3, "a", "t", 2),
    ]  # fmt: skip
    steps = pl.DataFrame(
        [(i, end, work, tenant, units * UNIT_OPERATIONS) for i, end, work, tenant, units in rows],
        {
            "id": pl.String,
            "end": pl.Int64,
            "workload": pl.String,
            "tenant_id": pl.String,
            "d": pl.Int128,
        },
        orient="row",
    )
    grown = cumulated(steps, ["id", "end"], ["d"])
    columns = ["id", "end", "d.units", "d.workloads", "d.homes"]
    assert grown.select(columns).rows() == [
        ("x", 1, 8, 9 + 25, 64),
        ("x", 2, 18, 49 + 25 + 36, 144 + 36),
        ("x", 3, 19, 49 + 25 + 49, 144 + 49),
        ("y", 3, 2, 4, 4),
    ]
