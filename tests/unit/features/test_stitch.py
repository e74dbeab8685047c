"""What links strands to one training run, and what a run is called."""

from __future__ import annotations

import polars as pl

from features.schema import STRANDS
from features.stitch import stitch


def stitched(*links: tuple[str, str | None, str | None]) -> list[tuple[str, bool]]:
    """Give (workload, is_run) of strands that are given as (tenant, job, data)."""
    rows = [
        dict.fromkeys(STRANDS) | {"strand": n, "tenant_id": t, "job_id": j, "data_ref": d}
        for n, (t, j, d) in enumerate(links)
    ]
    strands = pl.DataFrame(rows, schema=STRANDS)
    present = strands.select(pl.lit(1, pl.Int32).alias("as_of"), "strand")
    return stitch(present, strands).select("workload", "is_run").rows()


def test_a_run_is_named_by_its_data_else_by_tenant_and_job() -> None:
    assert stitched(("t", "j", "d"), ("t", "k", None), ("t", None, None)) == [
        ("data/d", True),
        ("job/t/k", True),
        ("unattributed/t", False),
    ]


def test_the_same_job_of_two_tenants_is_two_runs_and_the_same_data_is_one() -> None:
    assert stitched(("t", "j", None), ("u", "j", None)) == [("job/t/j", True), ("job/u/j", True)]
    assert stitched(("t", "j", "d"), ("u", "j", "d")) == [("data/d", True), ("data/d", True)]


def test_jobs_of_tenants_with_slashes_in_their_names_are_not_taken_for_one_another() -> None:
    assert stitched(("a", "b/c", None), ("a/b", "c", None), ("a%2Fb", "c", None)) == [
        ("job/a/b/c", True),
        ("job/a%2Fb/c", True),
        ("job/a%252Fb/c", True),
    ]


def test_links_reach_along_a_chain_and_the_smallest_name_stays() -> None:
    chain = [("t", f"j{n}", f"d{n}") for n in range(9)]
    bridges = [("t", f"j{n + 1}", f"d{n}") for n in range(8)]
    assert set(stitched(*chain, *bridges)) == {("data/d0", True)}


def test_an_empty_link_links_nothing() -> None:
    assert stitched(("t", "", ""), ("u", "", "")) == [
        ("unattributed/t", False),
        ("unattributed/u", False),
    ]


def test_a_link_counts_from_the_hour_at_which_it_was_known() -> None:
    rows = [
        dict.fromkeys(STRANDS) | {"strand": n, "tenant_id": "t", "job_id": j, "data_ref": d}
        for n, (j, d) in enumerate([("a", None), ("a", "d")])
    ]
    strands = pl.DataFrame(rows, schema=STRANDS)
    present = pl.DataFrame(
        {"as_of": [1, 2, 2], "strand": [0, 0, 1]}, {"as_of": pl.Int32, "strand": pl.UInt32}
    )
    assert stitch(present, strands).select("as_of", "strand", "workload").rows() == [
        (1, 0, "job/t/a"),
        (2, 0, "data/d"),
        (2, 1, "data/d"),
    ]
