"""Which workloads are linked, how strongly, and what says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from detector.rules.linking import parse_link_figures
from features.evidence import LinkFigures
from features.links import links
from features.signatures import COMMONS, SIGNATURES
from tests.support.subjects import ROOT

HOUR = 3_600_000
DAY = 24 * HOUR


def figures() -> LinkFigures:
    return parse_link_figures((ROOT / "detector/rules/links.toml").read_text(encoding="utf-8"))


def piece(tenant: str, first: int, last: int, **fields: Any) -> dict[str, Any]:
    """Give the signature of a workload that runs in one go; override by keyword."""
    given: dict[str, Any] = {
        "workload": f"job/{tenant}/j",
        "tenant_ids": [tenant],
        "image_ids": [],
        "cluster_ids": [],
        "regions": [],
        "hardware": "H100",
        "devices_max": 512.0,
        "first_ms": first,
        "last_ms": last,
        "grain_ms": 1,
        "starts_ms": [first],
        "stops_ms": [last],
        "pauses_ms": [],
        "step_period_s": None,
    }
    return given | fields


def crowd(count: int, **fields: Any) -> list[dict[str, Any]]:
    """Give tenants that have nothing to do with each other, spread evenly over sixty days."""
    return [
        piece(
            f"c{n}",
            n * 7919 * 60_011 % (50 * DAY),
            n * 7919 * 60_011 % (50 * DAY) + (8 + n % 60) * HOUR + n * 977,
            **({"devices_max": float(8 * 2 ** (n % 8))} | fields),
        )
        for n in range(count)
    ]


def scored(signatures: Sequence[dict[str, Any]]) -> dict[tuple[str, str], float]:
    """Link signatures, their images counted among them alone."""
    frame = pl.DataFrame(signatures, schema=SIGNATURES)
    used = frame.select("tenant_ids", "image_ids").explode("image_ids", empty_as_null=False)
    used = used.drop_nulls().with_columns(pl.col("tenant_ids").list.first())
    each = used.group_by(image_id="image_ids").agg(tenant_count=pl.col("tenant_ids").n_unique())
    all_ = pl.DataFrame({"image_id": [None], "tenant_count": [used["tenant_ids"].n_unique()]})
    commons = pl.concat([all_.cast(COMMONS), each.cast(COMMONS)])
    found = links(frame, commons, figures())
    return {(a, b): s for a, b, s in found.select("run_a", "run_b", "score").iter_rows()}


def test_a_training_cut_over_four_tenants_is_found_among_two_thousand_strangers() -> None:
    cut = [
        piece(f"s{n}", 9 * DAY + n * 20_000, 30 * DAY + n * 9_000, image_ids=["private"])
        for n in range(4)
    ]
    found = scored([*crowd(2_000, image_ids=["public"]), *cut])
    pairs = {(f"job/s{a}/j", f"job/s{b}/j") for a in range(4) for b in range(a + 1, 4)}
    assert set(found) == pairs
    assert min(found.values()) > 0.99


def test_an_image_that_everybody_runs_links_nobody() -> None:
    assert scored(crowd(2_000, image_ids=["public"])) == {}


def test_a_rare_image_alone_links_nobody() -> None:
    two = [
        piece("a", 0, 9 * DAY, image_ids=["rare"]),
        piece("b", DAY, 19 * DAY, image_ids=["rare"]),
    ]
    assert scored([*crowd(200, image_ids=["public"]), *two]) == {}


def test_restarts_at_the_same_instants_link_two_tenants_without_an_image() -> None:
    stops = [3 * DAY + 4_000_000, 5 * DAY + 70_000_000, 12 * DAY]
    starts = [at + 1_234_567 for at in stops]
    two = [
        piece(
            t,
            lag,
            12 * DAY + lag,
            starts_ms=[lag, *(s + lag for s in starts[:2])],
            stops_ms=[s + lag for s in stops],
        )
        for t, lag in (("a", 0), ("b", 30_000))
    ]
    (score,) = scored([*crowd(100), *two]).values()
    assert score > 0.9


def test_pauses_at_the_same_hours_link_two_tenants_that_keep_their_nodes() -> None:
    hours = [n * 41 * HOUR for n in range(1, 7)]
    two = [
        piece("a", 0, 12 * DAY, pauses_ms=hours),
        piece("b", 5 * HOUR, 13 * DAY, pauses_ms=hours),
    ]
    (score,) = scored([*crowd(100), *two]).values()
    assert score > 0.9
    unmetered = [two[0], two[1] | {"pauses_ms": []}]
    assert scored([*crowd(100), *unmetered]) == {}


def test_a_whole_region_that_restarts_at_once_links_nobody() -> None:
    stop, start = 6 * DAY + 4_000_000, 6 * DAY + 9_000_000
    region = [
        piece(
            f"r{n}",
            n * 977_011,
            12 * DAY + n * 5_077_003,
            devices_max=float(8 * (n + 1)),
            starts_ms=[n * 977_011, start + n * 100],
            stops_ms=[stop, 12 * DAY + n * 5_077_003],
        )
        for n in range(60)
    ]
    assert scored([*crowd(40), *region]) == {}


def test_two_timetables_at_the_same_hour_of_every_day_are_one_coincidence() -> None:
    def nightly(tenant: str, size: float, lag: int) -> dict[str, Any]:
        starts = [d * DAY + 2 * HOUR + lag for d in range(20)]
        stops = [at + HOUR + size * 100_000 for at in starts]
        return piece(
            tenant,
            starts[0],
            int(stops[-1]),
            devices_max=size,
            starts_ms=starts,
            stops_ms=[int(s) for s in stops],
        )

    assert scored([*crowd(100), nightly("a", 64.0, 0), nightly("b", 128.0, 9_000)]) == {}


def test_jobs_of_one_tenant_that_continue_one_another_are_linked_and_its_others_are_not() -> None:
    chain = [
        piece("t", n * 10 * DAY, (n + 1) * 10 * DAY - 300_000, workload=f"job/t/part-{n}")
        for n in range(3)
    ]
    other = piece("t", 4 * DAY + 7, 6 * DAY + 9, workload="job/t/other", devices_max=8.0)
    found = scored([*crowd(100), *chain, other])
    assert set(found) == {("job/t/part-0", "job/t/part-1"), ("job/t/part-1", "job/t/part-2")}


def test_steps_of_another_length_speak_against_a_link() -> None:
    def cut(second: float) -> list[dict[str, Any]]:
        return [
            piece("a", 0, 9 * DAY + 77, step_period_s=6.0),
            piece("b", 9_000, 9 * DAY, step_period_s=second),
        ]

    same, other = (scored([*crowd(400), *cut(second)]) for second in (6.05, 9.0))
    key = ("job/a/j", "job/b/j")
    assert same[key] > other.get(key, 0.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    cut = [piece(f"s{n}", 9 * DAY + n, 30 * DAY, image_ids=["private"]) for n in range(3)]
    frame = pl.DataFrame([*crowd(50), *cut], schema=SIGNATURES)
    commons = pl.DataFrame([(None, 3), ("private", 3)], schema=COMMONS, orient="row")
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    assert links(frame, commons, figures()).equals(links(shuffled, commons, figures()))


def test_nothing_to_compare_gives_no_link() -> None:
    empty = pl.DataFrame(schema=SIGNATURES)
    assert links(empty, pl.DataFrame(schema=COMMONS), figures()).height == 0
