"""What everybody could be expected to have done, kept while it is too little to matter."""

from __future__ import annotations

import json

import polars as pl
import pytest

from detector.openings import OPENING, bound_of
from features.accumulate import Usage, accumulate
from features.exposure import exposure, most_an_hour, priced
from streams import bounds
from streams.bounds import Bounds
from streams.groups import links_of
from tests.support.usage_rows import small_catalogue, usage_frame, usage_row

HOUR = 3_600_000


def hour_of(tenant: str, number: int = 0, **fields: object) -> Usage:
    """One accelerator for one hour; its bound is ``ONE``."""
    row = usage_row(
        number * HOUR, (number + 1) * HOUR, tenant_id=tenant, resource_id=f"r-{tenant}", **fields
    )
    return accumulate(usage_frame([row]))


def one() -> float:
    """The bound of one hour of one accelerator, operations."""
    return bound(hour_of("a"))


def bound(usage: Usage) -> float:
    """The bound of the only tenant of some usage, operations."""
    seconds, most = exposure(usage, priced(usage.strands, small_catalogue())).row(0)[1:]
    return float(seconds * most)


def test_hours_of_a_tenant_add_up_over_batches_also_where_nobody_asked_in_between() -> None:
    held = Bounds(small_catalogue())
    held.add(hour_of("a", 0))
    held.add(hour_of("b", 0))
    held.add(hour_of("a", 1))
    assert held.members_over(1.5 * one()) == {"a"}


def test_a_tenant_is_told_from_the_hour_on_that_reaches_the_number() -> None:
    held = Bounds(small_catalogue())
    told = []
    for number in range(4):
        held.add(hour_of("a", number))
        told.append(held.members_over(2.5 * one()))
    assert told == [set(), set(), {"a"}, {"a"}]


def test_a_large_cloud_of_small_tenants_names_nobody() -> None:
    held = Bounds(small_catalogue())
    for tenant in "abcdef":
        held.add(hour_of(tenant))
    assert held.members_over(1.5 * one()) == set()


def test_linked_tenants_and_tenants_that_share_data_count_together() -> None:
    held = Bounds(small_catalogue())
    held.add(hour_of("a"))
    held.add(hour_of("b", data_ref="d"))
    held.add(hour_of("c", data_ref="d"))
    assert held.members_over(1.5 * one()) == {"b", "c"}
    held.link("a", "record x")
    held.link("record x", "b")
    assert held.members_over(2.5 * one()) == {"a", "b", "c"}


def test_batches_that_wait_long_are_put_together_and_lose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "WAITING_MAX", 2)
    held = Bounds(small_catalogue())
    for number in range(7):
        held.add(hour_of("ab"[number % 2], number))
    assert held.members_over(3.5 * one()) == {"a"}
    assert held.members_over(2.5 * one()) == {"a", "b"}


@pytest.mark.parametrize("kinds_max", [1, 10])
def test_hardware_that_a_later_batch_names_first_counts_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, kinds_max: int
) -> None:
    monkeypatch.setattr(bounds, "KINDS_MAX", kinds_max)
    held = Bounds(small_catalogue())
    for tenant, kind in zip("abcd", ("H100", "big", "H100", "big"), strict=True):
        held.add(hour_of(tenant, accelerator=kind))
    larger = bound(hour_of("b", accelerator="big"))
    assert larger > one()
    assert held.members_over(larger) == {"b", "d"}
    assert held.members_over(one()) == {"a", "b", "c", "d"}


def test_what_was_stated_counts_with_whoever_shares_its_data_and_needs_no_usage() -> None:
    held = Bounds(small_catalogue())
    data = {"tenant_id": "never-metered", "at": "2026-03-01T00:00:00Z", "data_ref": "d"}
    text = json.dumps(data | {"operations": {"expected": one()}})
    for tenant, reference in links_of(pl.DataFrame({"type": [OPENING], "data": [text]})):
        held.link(tenant, reference)
    held.state("never-metered", bound_of(json.loads(text), most_an_hour(small_catalogue())))
    assert held.members_over(0.9 * one()) == {"never-metered"}
    held.add(hour_of("a", data_ref="d"))
    held.add(hour_of("b"))
    assert held.members_over(1.9 * one()) == {"a", "never-metered"}


def test_a_group_reaches_its_least_in_the_hour_in_which_that_much_is_known() -> None:
    held = Bounds(small_catalogue())
    row = usage_row(0, HOUR, tenant_id="a", hour=5)
    later = usage_row(HOUR, 2 * HOUR, tenant_id="b", resource_id="s", hour=7)
    usage = accumulate(usage_frame([row, later]))
    members = pl.DataFrame({"tenant_id": ["a", "b", "c"], "group": [0, 0, 1]})
    assert held.reached(usage, members, {0: one(), 1: one()}) == {0: 5}
    assert held.reached(usage, members, {0: 2 * one(), 1: one()}) == {0: 7}
    assert held.reached(usage, members, {0: 3 * one(), 1: one()}) == {}


def test_what_was_stated_reaches_a_least_from_the_beginning_on() -> None:
    held = Bounds(small_catalogue())
    held.state("a", 0.5 * one())
    held.state("c", 2 * one())
    usage = accumulate(usage_frame([usage_row(0, HOUR, tenant_id="a", hour=5)]))
    members = pl.DataFrame({"tenant_id": ["a", "c"], "group": [0, 1]})
    assert held.reached(usage, members, {0: 1.5 * one(), 1: one()}) == {0: 5, 1: 0}
