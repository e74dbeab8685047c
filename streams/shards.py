"""Cuts the state into parts that can be judged one after the other, so that memory has a bound.

Tenants that could have an owner, a run or a resource in common stay together. What still spans
parts, clusters and unattributed work, is a sum, and is added up afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from detector.openings import OPENING
from features.accumulate import Usage
from streams.groups import Groups, links_of

#: Rows of state judged at once, some 1.7 kB each while it lasts: a strand that was metered for an
#: hour is four, and each hour more, or each gap in what was metered, is one or two.
SHARD_ROWS: Final = 200_000
_SEEDS: Final = (1, 2)


def shards(
    state: Iterable[Usage], records: pl.DataFrame, rows_max: int = SHARD_ROWS
) -> list[frozenset[str]]:
    """Give sets of tenants that together hold the whole state, each of a bounded size.

    Only a group that is larger by itself makes a larger set. Deterministic for equal states that
    are cut into equal segments; the sums printed do not depend on it.
    """
    groups = Groups()
    holders: list[pl.DataFrame] = []
    counts: list[pl.DataFrame] = []
    for segment in state:
        counts.append(_counts(segment))
        for reference, tenant in _data_of(segment.strands):
            groups.link(tenant, f"data {reference}")
        holders.append(_holders_of(segment.strands, segment.coverage))
    tenants = _added(counts)
    for tenant, rows in tenants.iter_rows():
        groups.add(tenant, float(rows))
    for tenant, resource in _shared(holders, tenants["tenant_id"]):
        groups.link(tenant, f"resource {resource}")
    for tenant in records.filter(type=OPENING)["data"].str.json_path_match("$.tenant_id"):
        groups.add(tenant, 0.0)  # it may have nothing but its opening
    for one, other in links_of(records):
        groups.link(one, other)
    return list(_packed(groups, rows_max))


def _data_of(strands: pl.DataFrame) -> Iterable[tuple[str, str]]:
    return strands.select("data_ref", "tenant_id").drop_nulls().unique().iter_rows()


def _counts(segment: Usage) -> pl.DataFrame:
    """Count the rows of each tenant in one segment."""
    own = segment.strands.select("strand", "tenant_id")
    rows = (each.select("strand") for each in (segment.coverage, segment.telemetry))
    frames = [own, *(each.join(own, on="strand") for each in rows)]
    return _added([frame.group_by("tenant_id").len() for frame in frames])


def _added(counts: list[pl.DataFrame]) -> pl.DataFrame:
    """Add the rows of each tenant up."""
    none = pl.DataFrame(schema={"tenant_id": pl.String, "len": pl.get_index_type()})
    return pl.concat([none, *counts]).group_by("tenant_id").agg(pl.col("len").sum())


def _numbers(column: str) -> list[pl.Expr]:
    """Number names by 128 bits, which take a fraction of what the names do."""
    return [
        pl.col(column).hash(seed).alias(name)
        for seed, name in zip(_SEEDS, _named(column), strict=True)
    ]


def _holders_of(strands: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Give the numbers of resources and of the tenants that meter them."""
    tenants = strands.select("strand", *_numbers("tenant_id"))
    rows = coverage.select("strand", *_numbers("resource_id")).unique()
    return rows.join(tenants, on="strand").drop("strand").unique()


def _shared(holders: list[pl.DataFrame], tenants: pl.Series) -> Iterable[tuple[str, int]]:
    """Give (tenant, number of the resource) of the resources that several tenants meter."""
    if not holders:
        return ()
    pairs = pl.concat(holders).unique()
    several = pairs.filter(pl.struct(_named("resource_id")).is_duplicated())
    named = tenants.to_frame().with_columns(_numbers("tenant_id"))
    found = several.join(named, on=_named("tenant_id"))
    return found.select("tenant_id", f"resource_id_{_SEEDS[0]}").iter_rows()


def _named(column: str) -> list[str]:
    return [f"{column}_{seed}" for seed in _SEEDS]


def _packed(groups: Groups, rows_max: int) -> Iterator[frozenset[str]]:
    """Fill sets with whole groups, in the order of their first tenant."""
    tenants: set[str] = set()
    size = 0.0
    for members, rows in sorted(groups.sets(), key=lambda each: min(each[0])):
        if tenants and size + rows > rows_max:
            yield frozenset(tenants)
            tenants, size = set(), 0.0
        tenants |= members
        size += rows
    if tenants:
        yield frozenset(tenants)
