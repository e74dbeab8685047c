"""Whom to look at in which hour: most hours change nothing about most of those who are watched.

What an assessment finds of tenants changes where rows of theirs, or of whoever they are connected
with, became known; where records did; and with the day, for laws and the width of old buckets
follow it. A group whose metered time could not yet reach a threshold has nothing to find, and
neither has one that no report can be about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from detector.assess import LOOKED
from features.accumulate import Usage
from streams.groups import Groups

#: Watched tenants, and the number of the group that each is judged with.
GROUPED: Final = pl.Schema({"tenant_id": pl.String(), "group": pl.Int32()})
#: A group, and the first hour of knowledge at which it could be past a threshold.
SINCE: Final = pl.Schema({"group": pl.Int32(), "since": pl.Int32()})


def grouped(usage: Usage, sets: Iterable[Collection[str]], watched: Collection[str]) -> Groups:
    """Give the groups of watched tenants: those connected, and those that share a resource."""
    groups = Groups()
    for members in sets:
        first, *others = sorted(tenant for tenant in members if tenant in watched) or [""]
        for other in others:
            groups.link(first, other)
    for tenant in watched:
        groups.add(tenant, 0.0)
    tenants = usage.strands.select("strand", "tenant_id")
    held = usage.coverage.select("strand", "resource_id").unique().join(tenants, on="strand")
    pairs = held.select("resource_id", "tenant_id").unique()
    for resource, tenant in pairs.filter(pl.col("resource_id").is_duplicated()).iter_rows():
        groups.link(tenant, f"resource {resource}")
    return groups


def numbered(groups: Groups) -> pl.DataFrame:
    """Number groups: GROUPED."""
    rows = [
        (tenant, number) for number, (members, _) in enumerate(groups.sets()) for tenant in members
    ]
    return pl.DataFrame(rows, schema=GROUPED, orient="row")


def meant_since(
    members: pl.DataFrame,
    reached: Mapping[int, int],
    versions: Sequence[int],
    meant_at: Callable[[int], Callable[[Collection[str]], bool]],
) -> dict[int, int]:
    """Give the first hour at which each group is past its bound, and reports may be about it.

    ``versions``: the hours from which on something else is known of who anybody is, ascending; the
    first is no later than any hour that is looked at. Whoever was meant once stays, since what was
    reported may have to be corrected.
    """
    tenants = {group: part["tenant_id"].to_list() for (group,), part in _parts(members)}
    found: dict[int, int] = {}
    for place, hour in enumerate(versions):
        is_last = place + 1 == len(versions)
        asked = {
            group: since
            for group, since in reached.items()
            if group not in found and (is_last or versions[place + 1] > since)
        }
        is_meant = meant_at(hour) if asked else None
        for group, since in asked.items():
            if is_meant is not None and is_meant(tenants[group]):
                found[group] = max(hour, since)
    return found


def _parts(members: pl.DataFrame) -> Iterable[tuple[tuple[int, ...], pl.DataFrame]]:
    return members.partition_by("group", as_dict=True).items()


def looks(
    usage: Usage,
    members: pl.DataFrame,
    since: pl.DataFrame,
    hours: Collection[int],
    for_all: Collection[int],
) -> pl.DataFrame:
    """Give LOOKED: which tenants to look at in which of the ``hours``.

    ``members``: GROUPED; ``since``: SINCE, without the groups that are not looked at at all.
    ``for_all``: the hours among them in which everybody may have changed.
    """
    whose = usage.strands.select("strand", "tenant_id").join(members, on="tenant_id")
    strands = whose.select("strand", "group")
    named = ("strand", "hour")
    rows = pl.concat([usage.coverage.select(named), usage.telemetry.select(named)]).unique()
    touched = (
        rows.filter(pl.col("hour").is_in(sorted(hours)))
        .join(strands, on="strand")
        .select("group", as_of=pl.col("hour").cast(pl.Int32))
    )
    always = pl.DataFrame({"as_of": sorted(for_all)}, schema={"as_of": pl.Int32})
    everybody = members.select("group").unique().join(always, how="cross")
    wanted = pl.concat([touched, everybody]).unique().join(since, on="group")
    return (
        wanted.filter(pl.col("as_of") >= pl.col("since"))
        .join(members, on="group")
        .select(list(LOOKED))
        .sort("as_of", "tenant_id")
    )


def passes(usage: Usage, looked: pl.DataFrame, rows_max: int) -> Iterator[pl.DataFrame]:
    """Cut LOOKED into stretches of hours that read no more than ``rows_max`` rows of state each.

    An hour is never cut, however much it reads.
    """
    tenants = usage.strands.select("strand", "tenant_id")
    weighed = [
        frame.group_by("strand").agg(rows=pl.len().cast(pl.Int64) * weight)
        for frame, weight in ((usage.coverage, 1), (usage.telemetry, 4))
    ]
    held = pl.concat(weighed).join(tenants, on="strand").group_by("tenant_id").agg(_rows())
    an_hour = looked.join(held, on="tenant_id", how="left").group_by("as_of").agg(_rows())
    stretch: list[int] = []
    read = 0
    for hour, rows in an_hour.sort("as_of").iter_rows():
        if stretch and read + rows > rows_max:
            yield looked.filter(pl.col("as_of").is_in(stretch))
            stretch, read = [], 0
        stretch.append(hour)
        read += rows
    if stretch:
        yield looked.filter(pl.col("as_of").is_in(stretch))


def _rows() -> pl.Expr:
    return pl.col("rows").sum()
