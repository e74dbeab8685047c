"""What links strands to one training run, and what a run is called."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from features.accumulate import accumulate, merge
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from features.schema import STRANDS
from features.stitch import stitch
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

SIBLINGS = pl.Schema(
    {"as_of": pl.Int32(), "strand": pl.UInt32(), "sibling": pl.UInt32(), "day": pl.Int32()}
)
NO_SIBLINGS = pl.DataFrame(schema=SIBLINGS)


def stitched(*links: tuple[str, str | None, str | None]) -> list[tuple[str, bool]]:
    """Give (workload, is_run) of strands that are given as (tenant, job, data)."""
    rows = [
        dict.fromkeys(STRANDS) | {"strand": n, "tenant_id": t, "job_id": j, "data_ref": d}
        for n, (t, j, d) in enumerate(links)
    ]
    strands = pl.DataFrame(rows, schema=STRANDS)
    present = strands.select(pl.lit(1, pl.Int32).alias("as_of"), "strand")
    return stitch(present, strands, NO_SIBLINGS).select("workload", "is_run").rows()


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
    assert stitch(present, strands, NO_SIBLINGS).select("as_of", "strand", "workload").rows() == [
        (1, 0, "job/t/a"),
        (2, 0, "data/d"),
        (2, 1, "data/d"),
    ]


def beside(
    links: Sequence[tuple[str, str | None, str | None]], *pairs: tuple[int, int]
) -> list[str]:
    """Give the workloads of strands given as (vantage, job, data), all of tenant t.

    A pair (n, m) says that strand n was given time of a resource that strand m metered too; a
    strand that is only ever second has no time of its own.
    """
    rows = [
        dict.fromkeys(STRANDS) | {"strand": n, "tenant_id": "t", "vantage": v, "job_id": j}
        for n, (v, j, _) in enumerate(links)
    ]
    strands = pl.DataFrame(rows, schema=STRANDS).with_columns(
        data_ref=pl.Series([d for _, _, d in links], dtype=pl.String)
    )
    siblings = pl.DataFrame(
        [(1, n, m, day) for n, m in pairs for day in (7, 8)], SIBLINGS, orient="row"
    )
    shadowed = {m for _, m in pairs} - {n for n, _ in pairs}
    present = strands.select(pl.lit(1, pl.Int32).alias("as_of"), "strand").filter(
        ~pl.col("strand").is_in(sorted(shadowed))
    )
    return stitch(present, strands, siblings)["workload"].to_list()


def test_a_link_that_only_a_shadowed_vantage_knew_still_links() -> None:
    jobs = [("host", "j1", None), ("host", "j2", None)]
    guest = ("guest", None, "d")
    assert beside([*jobs, guest]) == ["job/t/j1", "job/t/j2", "data/d"]
    assert beside([*jobs, guest], (0, 2), (1, 2)) == ["data/d", "data/d"]
    assert beside([*jobs, ("guest", "k", None)], (0, 2), (1, 2)) == ["job/t/j1", "job/t/j1"]
    assert beside([("host", "j1", None), ("host", None, "d")], (0, 1)) == ["data/d"]


def test_the_line_joins_jobs_whose_guests_read_the_same_data() -> None:
    now = int(BEGIN.timestamp()) * 1000 // HOUR_MS + 100
    rows = [
        usage_row(0, HOUR, resource_id=name, **link)
        for name, job in (("r", "j1"), ("s", "j2"))
        for link in ({"job_id": job}, {"vantage": "guest", "data_ref": "d"})
    ]
    usage = merge([accumulate(usage_frame(rows))])
    found = describe(usage, small_catalogue(), no_segments(), moments({now: now}))
    assert found.rows.select("workload", "device_hours").rows() == [("data/d", 2.0)]


def test_two_jobs_that_one_vantage_saw_overlap_stay_two_runs() -> None:
    jobs = [("host", "j1", None), ("host", "j2", None), ("host", "j3", None)]
    assert beside(jobs, (0, 1), (1, 2)) == ["job/t/j1", "job/t/j2"]


def test_links_of_siblings_count_from_the_hour_at_which_they_were_known() -> None:
    rows = [
        dict.fromkeys(STRANDS) | {"strand": 0, "tenant_id": "t", "job_id": "j"},
        dict.fromkeys(STRANDS)
        | {"strand": 1, "tenant_id": "t", "data_ref": "d", "vantage": "guest"},
    ]
    strands = pl.DataFrame(rows, schema=STRANDS)
    present = pl.DataFrame(
        {"as_of": [1, 2], "strand": [0, 0]}, {"as_of": pl.Int32, "strand": pl.UInt32}
    )
    siblings = pl.DataFrame([(2, 0, 1, 7)], SIBLINGS, orient="row")
    assert stitch(present, strands, siblings)["workload"].to_list() == ["job/t/j", "data/d"]
