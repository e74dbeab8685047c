"""Whom to look at in which hour, and how much one pass reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import polars as pl

from features.accumulate import Usage, accumulate
from streams.looks import SINCE, grouped, looks, meant_since, numbered, passes
from tests.support.usage_rows import usage_frame, usage_row

HOUR = 3_600_000
#: a and b are connected; c stands alone.
SETS = [{"a", "b"}, {"c", "unwatched"}]


def known_at(*rows: tuple[str, int]) -> Usage:
    """One hour of a resource of its own for each (tenant, hour of knowledge)."""
    return accumulate(
        usage_frame(
            [
                usage_row(
                    number * HOUR,
                    (number + 1) * HOUR,
                    tenant_id=tenant,
                    resource_id=f"r-{tenant}",
                    hour=hour,
                    **{"telemetry.gpu_util": 0.5},
                )
                for number, (tenant, hour) in enumerate(rows)
            ]
        )
    )


def told(
    usage: Usage, since: Mapping[str, int], hours: Collection[int], for_all: Collection[int] = ()
) -> list[tuple[int, str]]:
    """``since``: by one tenant of each group that is looked at."""
    members = numbered(grouped(usage, SETS, {"a", "b", "c"}))
    number = dict(members.iter_rows())
    rows = [(number[tenant], hour) for tenant, hour in since.items()]
    frame = pl.DataFrame(rows, schema=SINCE, orient="row")
    return list(looks(usage, members, frame, hours, for_all).iter_rows())


def test_a_tenant_is_looked_at_where_its_own_rows_or_those_of_its_group_became_known() -> None:
    usage = known_at(("a", 1), ("c", 2), ("b", 3))
    assert told(usage, {"a": 0, "c": 0}, [1, 2, 3]) == [
        (1, "a"),
        (1, "b"),
        (2, "c"),
        (3, "a"),
        (3, "b"),
    ]


def test_a_row_of_an_hour_that_was_assessed_before_makes_no_look() -> None:
    assert told(known_at(("c", 1), ("c", 2)), {"c": 0}, [2]) == [(2, "c")]


def test_everybody_is_looked_at_where_everybody_may_have_changed() -> None:
    assert told(known_at(("c", 1)), {"a": 0, "c": 0}, [1, 4], [4]) == [
        (1, "c"),
        (4, "a"),
        (4, "b"),
        (4, "c"),
    ]


def test_a_group_is_looked_at_from_the_hour_on_that_it_may_be_past_a_threshold() -> None:
    usage = known_at(("a", 1), ("c", 2), ("b", 3))
    assert told(usage, {"a": 3}, [1, 2, 3], [2]) == [(3, "a"), (3, "b")]


def test_tenants_that_share_a_resource_are_one_group() -> None:
    both = [usage_row(0, HOUR, tenant_id=tenant, resource_id="r") for tenant in "ac"]
    found = grouped(accumulate(usage_frame(both)), SETS, {"a", "b", "c"})
    assert [members for members, _ in found.sets()] == [{"a", "b", "c"}]


def test_only_those_who_are_watched_are_in_a_group() -> None:
    found = grouped(known_at(("a", 1)), SETS, {"a", "b", "c", "reported"})
    assert sorted(sorted(members) for members, _ in found.sets()) == [
        ["a", "b"],
        ["c"],
        ["reported"],
    ]


def test_a_pass_reads_no_more_rows_than_it_may_and_never_cuts_an_hour() -> None:
    usage = known_at(("a", 1), ("b", 1), ("c", 2), ("c", 3))
    frame = pl.DataFrame(
        {"as_of": [1, 1, 2, 3], "tenant_id": ["a", "b", "c", "c"]},
        schema_overrides={"as_of": pl.Int32},
    )
    a_look = 12  # at a and b, or at c: rows of coverage, and four for each of telemetry
    for rows_max, stretches in (
        (1, [[1], [2], [3]]),
        (2 * a_look - 1, [[1], [2], [3]]),
        (2 * a_look, [[1, 2], [3]]),
        (10_000, [[1, 2, 3]]),
    ):
        found = [each["as_of"].unique().sort().to_list() for each in passes(usage, frame, rows_max)]
        assert found == stretches
    assert pl.concat(passes(usage, frame, 1)).equals(frame)


def test_a_group_is_meant_from_the_first_hour_on_at_which_reports_may_be_about_it() -> None:
    members = pl.DataFrame({"tenant_id": ["a", "b", "c", "d"], "group": [0, 0, 1, 2]})
    foreign = {1: {"c"}, 5: {"b"}, 9: {"d"}}
    found = meant_since(
        members,
        {0: 3, 1: 7, 2: 2},
        [1, 5, 9],
        lambda hour: lambda tenants: not foreign[hour].isdisjoint(tenants),
    )
    # c was foreign only as long as its bound was not reached: nothing can have been reported
    assert found == {0: 5, 2: 9}


def test_who_anybody_is_counts_as_known_at_the_hour_in_which_the_bound_is_reached() -> None:
    members = pl.DataFrame({"tenant_id": ["a"], "group": [0]})
    asked: list[int] = []

    def meant_at(hour: int) -> Callable[[Collection[str]], bool]:
        asked.append(hour)
        return lambda _: True

    assert meant_since(members, {0: 6}, [1, 5, 9], meant_at) == {0: 6}
    assert asked == [5]
