"""Step functions to covered device time: whose time a resource's hours are, counted once.

A resource may be metered from several vantages, by several meters, under several names. At every
instant each tenant that meters it is given it once: with the largest device count anybody metered
there for it, on the strand that names the work best (linked to a job or data first, then the most
trusted vantage). Which hardware that was is the word of the most trusted vantage that knows, so
that a guest who names a weaker chip lowers nothing. What disagreed comes out beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from features.compute import DAY_HOURS, HOUR_MS, PROVIDER_TRUST, as_known, held_ppb
from features.schema import SEEN

SEEN_COLUMNS = tuple(f"seen_{bit}" for bit in SEEN)
_DAY_MS = DAY_HOURS * HOUR_MS
_LEVEL = ("as_of", "strand", "hardware")
_LINE = ("as_of", "strand", "resource_id", "devices", "fraction_ppb", "seen")


@dataclass(frozen=True)
class Timeline:
    """Covered time. ``as_of`` is the hour of knowledge in every frame.

    ``levels``: (as_of, strand, hardware, start_ms, end_ms, devices_ppb, resources, seen_1, seen_2,
    seen_4, dark_ppb): over each interval this many accelerators (parts per 10^9) on this many
    resources, those of the accelerators whose pipes, use and power were metered (schema.SEEN), and
    those on resources of which the provider never metered any for the tenant, or
    no more for long. ``hardware`` is the strand whose word on the kind of accelerator holds, most
    often the strand itself.
    ``siblings``: (as_of, strand, sibling, day): another strand metered the same resource that day.
    ``disputes``: (as_of, kind, resource_id, tenant_ids, disputed_ms).
    """

    levels: pl.DataFrame
    siblings: pl.DataFrame
    disputes: pl.DataFrame


def lay_out(
    coverage: pl.DataFrame, specs: pl.DataFrame, known: pl.DataFrame, lost_samples_hours: float
) -> Timeline:
    """Turn COVERAGE rows into the timeline as it was at each of the MOMENTS ``known``.

    ``specs`` is ``compute.specify``'s frame of the same strands. In ``lost_samples_hours`` or more
    without telemetry no samples were lost: the meter fell silent.
    """
    lines = _lines(coverage, specs, known)
    is_sighted = pl.col("is_own") & (pl.col("seen") > 0)
    resource = ("as_of", "resource_id")
    lost_ms = lost_samples_hours * HOUR_MS
    lines = lines.with_columns(
        line_count=pl.len().over(resource),
        is_dark=~is_sighted.any().over(*resource, "tenant_id"),
        is_unseen=pl.col("is_own") & (pl.col("seen") == 0),
    )
    plain = lines.filter(pl.col("line_count") == 1)
    clustered = _clusters(lines.filter(pl.col("line_count") > 1))
    alone = clustered.filter(pl.col("cluster_size") == 1)
    contested = _elementary(clustered.filter(pl.col("cluster_size") > 1))
    held = _long_unseen(_winners(contested), lost_ms)
    columns = [
        "as_of",
        "strand",
        "hardware",
        "start_ms",
        "end_ms",
        "devices_ppb",
        "seen",
        "is_dark",
    ]
    length = pl.col("end_ms") - pl.col("start_ms")
    certain = pl.concat([plain, alone.select(plain.columns)]).with_columns(
        hardware="strand", is_dark=pl.col("is_dark") | (pl.col("is_unseen") & (length >= lost_ms))
    )
    winners = pl.concat([certain.select(columns), held.select(columns)])
    return Timeline(_levels(winners), _siblings(contested, held), _disputes(contested))


def _lines(coverage: pl.DataFrame, specs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """One row per uninterrupted stretch of one strand, device count and fraction on a resource."""
    rows = (
        as_known(coverage, known)
        .group_by(*_LINE, "at_ms")
        .agg(pl.col("delta").sum())
        .filter(pl.col("delta") != 0)
        .sort(*_LINE, "at_ms")
    )
    # Every line's deltas sum to nothing, so one running sum over the sorted rows serves them all.
    covered = rows.with_columns(
        count=pl.col("delta").cum_sum(), end_ms=pl.col("at_ms").shift(-1)
    ).filter(pl.col("count") > 0)
    doubt = pl.col("trust").cast(pl.Int32) + (~pl.col("is_known")).cast(pl.Int32) * 8
    is_own = pl.col("trust") <= PROVIDER_TRUST
    ranked = specs.select(
        "strand", "tenant_id", "catalogue_count", "rank", doubt=doubt, is_own=is_own
    )
    return covered.join(ranked, on="strand", how="left").select(
        "as_of",
        "resource_id",
        "tenant_id",
        "strand",
        "rank",
        "doubt",
        "is_own",
        start_ms="at_ms",
        end_ms="end_ms",
        devices_ppb=held_ppb(),
        seen="seen",
    )


def _clusters(lines: pl.DataFrame) -> pl.DataFrame:
    """Number the groups of lines of one resource that overlap in time."""
    resource = ("as_of", "resource_id")
    ordered = lines.sort(*resource, "start_ms", "end_ms", "strand", "devices_ppb")
    reached = pl.col("end_ms").cum_max().shift(1).over(resource)
    begins = (pl.col("start_ms") >= reached).fill_null(value=True)
    numbered = ordered.with_columns(cluster=begins.cum_sum())
    return numbered.with_columns(cluster_size=pl.len().over("cluster"))


def _elementary(lines: pl.DataFrame) -> pl.DataFrame:
    """Cut contested lines at every start, end and midnight of their cluster."""
    days = lines.with_columns(
        day=pl.int_ranges(
            pl.col("start_ms") // _DAY_MS, (pl.col("end_ms") - 1) // _DAY_MS + 1, dtype=pl.Int32
        )
    ).explode("day")
    midnight = pl.col("day").cast(pl.Int64) * _DAY_MS
    days = days.with_columns(
        start_ms=pl.max_horizontal("start_ms", midnight),
        end_ms=pl.min_horizontal("end_ms", midnight + _DAY_MS),
    )
    group = ("cluster", "day")
    points = (
        pl.concat(
            [
                days.select(*group, at="start_ms"),
                days.select(*group, at="end_ms"),
            ]
        )
        .unique()
        .sort(*group, "at")
        .with_columns(until=pl.col("at").shift(-1).over(group))
        .drop_nulls("until")
    )
    inside = (pl.col("start_ms") <= pl.col("at")) & (pl.col("at") < pl.col("end_ms"))
    return (
        days.join(points, on=group, how="inner")
        .filter(inside)
        .drop("start_ms", "end_ms")
        .rename({"at": "start_ms", "until": "end_ms"})
    )


def _winners(contested: pl.DataFrame) -> pl.DataFrame:
    """Give each tenant the resource once per elementary interval.

    Where the provider meters it, only what the provider saw counts as seen: a guest cannot speak
    for time in which the provider's counters were silent.
    """
    order = ("rank", "strand", "devices_ppb")
    own_seen = pl.when("is_own").then("seen").otherwise(pl.lit(0, pl.Int8))
    return (
        contested.sort(order)
        .group_by("cluster", "start_ms", "tenant_id")
        .agg(
            pl.col("as_of", "day", "strand", "end_ms", "is_dark").first(),
            pl.col("devices_ppb").max(),
            seen=pl.when(pl.col("is_own").any())
            .then(own_seen.bitwise_or())
            .otherwise(pl.col("seen").bitwise_or()),
            hardware=pl.col("strand").sort_by("doubt", maintain_order=True).first(),
            is_unseen=pl.col("is_own").any() & (own_seen.bitwise_or() == 0),
        )
    )


def _long_unseen(held: pl.DataFrame, lost_ms: float) -> pl.DataFrame:
    """Call dark what lies in a stretch so long of which none of the provider's meters told.

    A long event without telemetry may have samples of other events inside: between two of them the
    stretch is short, however long that event is.
    """
    whose = ("cluster", "tenant_id")
    before = pl.col("end_ms", "is_unseen").shift(1).over(whose).name.prefix("last_")
    goes_on = (
        pl.col("is_unseen")
        & pl.col("last_is_unseen")
        & (pl.col("start_ms") == pl.col("last_end_ms"))
    ).fill_null(value=False)
    stretched = (pl.col("end_ms") - pl.col("start_ms")).sum().over("stretch")
    return (
        held.sort(*whose, "start_ms")
        .with_columns(before)
        .with_columns(stretch=(~goes_on).cum_sum())
        .with_columns(is_dark=pl.col("is_dark") | (pl.col("is_unseen") & (stretched >= lost_ms)))
    )


def _siblings(contested: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    place = ("cluster", "start_ms", "tenant_id")
    pairs = held.select(*place, "as_of", "day", "strand").join(
        contested.select(*place, sibling="strand"), on=place, how="inner"
    )
    return (
        pairs.filter(pl.col("strand") != pl.col("sibling"))
        .select("as_of", "strand", "sibling", "day")
        .unique()
        .sort("as_of", "strand", "sibling", "day")
    )


def _disputes(contested: pl.DataFrame) -> pl.DataFrame:
    """Resources on which device counts or tenants disagreed, with for how long."""
    places = contested.group_by("as_of", "resource_id", "cluster", "start_ms", "end_ms").agg(
        counts=pl.col("devices_ppb").n_unique(),
        tenants=pl.col("tenant_id").unique().sort(),
    )
    length = pl.col("end_ms") - pl.col("start_ms")
    found = []
    for kind, holds in (
        ("device_count", pl.col("counts") > 1),
        ("tenant", pl.col("tenants").list.len() > 1),
    ):
        found.append(
            places.filter(holds)
            .group_by("as_of", "resource_id")
            .agg(
                tenant_ids=pl.col("tenants").explode(empty_as_null=False).unique().sort(),
                disputed_ms=length.sum(),
            )
            .select("as_of", pl.lit(kind).alias("kind"), "resource_id", "tenant_ids", "disputed_ms")
        )
    return pl.concat(found).sort("as_of", "kind", "resource_id")


def _levels(winners: pl.DataFrame) -> pl.DataFrame:
    """Add the resources of each strand up to one step function of accelerators over time."""
    held = ("devices_ppb", *SEEN_COLUMNS, "dark_ppb")
    is_dark = pl.col("is_dark") & (pl.col("seen") == 0)
    metered = winners.with_columns(
        *[
            pl.when((pl.col("seen") & bit) > 0)
            .then("devices_ppb")
            .otherwise(0)
            .alias(f"seen_{bit}")
            for bit in SEEN
        ],
        dark_ppb=pl.when(is_dark).then("devices_ppb").otherwise(0),
    )
    edges = [
        metered.select(
            *_LEVEL,
            pl.col(at).alias("at_ms"),
            *[(pl.col(c) * sign).cast(pl.Int128).alias(c) for c in held],
            pl.lit(sign, pl.Int64).alias("resources"),
        )
        for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    sums = (*held, "resources")
    return (
        pl.concat(edges)
        .group_by(*_LEVEL, "at_ms")
        .agg(pl.col(sums).sum())
        .filter(pl.any_horizontal([pl.col(c) != 0 for c in sums]))
        .sort(*_LEVEL, "at_ms")
        .with_columns(pl.col(sums).cum_sum(), end_ms=pl.col("at_ms").shift(-1))
        .filter(pl.col("resources") > 0)
        .select(
            *_LEVEL,
            start_ms="at_ms",
            end_ms="end_ms",
            devices_ppb="devices_ppb",
            resources="resources",
            **{name: name for name in (*SEEN_COLUMNS, "dark_ppb")},
        )
    )
