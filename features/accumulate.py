"""The fold: accepted usage becomes integers that add up, in any order and any cut.

A ``Usage`` value is the whole state. ``accumulate`` makes one from a batch, ``merge`` adds any
number of them; both return frames in canonical order, so equal states are equal byte for byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from features.compute import PPB
from features.dropped import kept_of
from features.powerless import without_dead_zeros
from features.resting import resting_of
from features.schema import (
    COVERAGE,
    STRAND_FIELDS,
    STRANDS,
    TELEMETRY_FIELDS,
    TELEMETRY_KEYS,
    conform,
)
from features.telemetry import seen, telemetry_products, wide

COVERAGE_KEY: Final = ("strand", "resource_id", "devices", "fraction_ppb", "seen", "at_ms", "hour")
#: What one step function is about; its instants are all that the rest of the key adds.
_STEPS_OF: Final = tuple(name for name in COVERAGE_KEY if name != "at_ms")
TELEMETRY_KEY: Final = ("strand", "bucket", "width_hours", "hour")


@dataclass(frozen=True)
class Usage:
    """Accumulated usage: STRANDS, COVERAGE and telemetry sums (see features.schema)."""

    strands: pl.DataFrame
    coverage: pl.DataFrame
    telemetry: pl.DataFrame


def empty() -> Usage:
    """Give the state of nothing metered, the neutral element of ``merge``."""
    return Usage(
        pl.DataFrame(schema=STRANDS),
        pl.DataFrame(schema=COVERAGE),
        pl.DataFrame(schema=TELEMETRY_KEYS),
    )


def accumulate(accepted: pl.DataFrame) -> Usage:
    """Fold accepted usage: USAGE_EVENTS columns plus ``hour`` (Int32) and ``sign`` (+1 or -1).

    ``sign`` -1 takes the contribution of a corrected event back.
    """
    if accepted.height == 0:
        return empty()
    strands, rows = _stranded(accepted)
    return Usage(strands, _coverage_of(rows), _summed(telemetry_products(rows)))


def metered_time(accepted: pl.DataFrame) -> Usage:
    """Fold accepted usage as ``accumulate`` does, but for its telemetry, which is left out."""
    if accepted.height == 0:
        return empty()
    strands, rows = _stranded(accepted)
    return Usage(strands, _coverage_of(rows), empty().telemetry)


def merge(parts: Sequence[Usage], settled_hour: int = 0, cold: int | None = None) -> Usage:
    """Add states up as ``add`` does, in canonical order: equal states are equal byte for byte.

    Telemetry sums are Int128 throughout, so that whoever sums them further cannot wrap.
    """
    total = add(parts, settled_hour, cold)
    sums = pl.exclude(TELEMETRY_KEYS.names()).cast(pl.Int128)
    return _canonical(total.strands, total.coverage, total.telemetry.with_columns(sums))


def add(parts: Sequence[Usage], settled_hour: int = 0, cold: int | None = None) -> Usage:
    """Add states up. Rows known by ``settled_hour`` lose their hour and, when old, their fineness.

    ``settled_hour`` is the whole hour through which every assessment has been made. Their
    telemetry buckets before ``cold`` (compute.cold_bucket) are merged to days. Rows come in no
    order.
    """
    strands, coverage, telemetry = _pooled(parts)
    if settled_hour > 0:
        known = pl.when(pl.col("hour") <= settled_hour).then(0).otherwise(pl.col("hour"))
        coverage = coverage.with_columns(hour=known.cast(pl.Int32))
        telemetry = telemetry.with_columns(hour=known.cast(pl.Int32))
    if cold is not None:
        telemetry = _coarsen(telemetry, cold)
    return Usage(strands, _covered(coverage), _summed(telemetry))


def restrict(usage: Usage, tenant_ids: Collection[str]) -> Usage:
    """Keep the state of some tenants; the numbers of their strands stay as they are."""
    strands = usage.strands.filter(pl.col("tenant_id").is_in(list(tenant_ids)))
    kept = strands.select("strand")
    return Usage(
        strands,
        usage.coverage.join(kept, on="strand", how="semi"),
        usage.telemetry.join(kept, on="strand", how="semi"),
    )


def branches(usage: Usage, count: int, seed: int) -> Iterator[Usage]:
    """Cut a state into ``count`` parts by its strands: the same strand, the same part.

    Another ``seed`` cuts otherwise. The numbers of strands stay as they are.
    """
    strands = usage.strands
    part = strands.select(pl.struct(STRAND_FIELDS).hash(seed) % count).to_series()
    lookup = _lookup(strands["strand"], part.cast(pl.UInt32))
    of_coverage, of_telemetry = (
        lookup.gather(frame["strand"]) for frame in (usage.coverage, usage.telemetry)
    )
    for number in range(count):
        yield Usage(
            strands.filter(part == number),
            usage.coverage.filter(of_coverage == number),
            usage.telemetry.filter(of_telemetry == number),
        )


def _stranded(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the distinct identifiers of a batch, and say which event has which."""
    strands, numbers = _numbered(events)
    return strands, without_dead_zeros(events).with_columns(numbers)


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Give the distinct identifiers as STRANDS, and the number of each row's."""
    told = [f for f in STRAND_FIELDS if rows[f].null_count() < rows.height]
    same = rows.select(pl.col(f).eq_missing(pl.col(f).first()).all() for f in told)
    leaders = _leaders(rows, [f for f in told if not same[f].item()])
    is_leader = leaders == pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    strands = rows.select(STRAND_FIELDS).filter(is_leader).with_row_index("strand")
    numbers = (is_leader.cum_sum() - 1).cast(pl.UInt32).gather(leaders).alias("strand")
    return conform(strands, STRANDS, "strands"), numbers


def _leaders(rows: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Give for each row the number of the first row with the same key."""
    if not key:
        return pl.repeat(0, rows.height, dtype=pl.UInt32, eager=True).alias("leader")
    numbered = rows.select(key).with_row_index("leader")
    return numbered.select(pl.col("leader").first().over(key)).to_series()


def _pooled(parts: Sequence[Usage]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Put parts together under one numbering of their strands; rows are not added up yet."""
    strands, numbers = _numbered(pl.concat([part.strands for part in parts]))
    coverage: list[pl.DataFrame] = []
    telemetry: list[pl.DataFrame] = []
    begin = 0
    for part in parts:
        lookup = _lookup(part.strands["strand"], numbers.slice(begin, part.strands.height))
        begin += part.strands.height
        for frame, renumbered in ((part.coverage, coverage), (part.telemetry, telemetry)):
            renumbered.append(frame.with_columns(lookup.gather(frame["strand"])))
    return strands, pl.concat(coverage), pl.concat(telemetry, how="diagonal_relaxed")


def _lookup(old: pl.Series, new: pl.Series) -> pl.Series:
    """Give the new number of every old one, at the place that the old one counts."""
    last = old.max()
    count = last + 1 if isinstance(last, int) else 0
    return pl.repeat(None, count, dtype=pl.UInt32, eager=True).scatter(old, new).alias(old.name)


def lines_of(rows: pl.DataFrame) -> tuple[pl.Expr, ...]:
    """Give what of its step function each row of USAGE_EVENTS tells, besides the strand."""
    share = (pl.col("partition_fraction").fill_null(1.0) * PPB).round().cast(pl.Int64)
    return (
        pl.col("resource_id"),
        pl.col("accelerator_count").alias("devices"),
        share.alias("fraction_ppb"),
        seen(rows).alias("seen"),
    )


def _coverage_of(rows: pl.DataFrame) -> pl.DataFrame:
    lines = rows.select("hour", "strand", *lines_of(rows))
    leaders = _leaders(lines, _STEPS_OF)
    edges = [
        rows.select(leaders, pl.col(at).dt.epoch("ms").alias("at_ms"), delta.alias("delta"))
        for at, delta in (("start", pl.col("sign")), ("end", -pl.col("sign")))
    ]
    return _stepped(lines, pl.concat(edges))


def _coarsen(telemetry: pl.DataFrame, cold: int) -> pl.DataFrame:
    old = (pl.col("hour") == 0) & (pl.col("bucket") < cold)
    return telemetry.with_columns(
        bucket=pl.when(old).then(pl.col("bucket") // 24 * 24).otherwise("bucket").cast(pl.Int32),
        width_hours=pl.when(old).then(24).otherwise("width_hours").cast(pl.Int8),
    )


def _covered(coverage: pl.DataFrame) -> pl.DataFrame:
    """Sum the edges of the step functions; what cancels is gone."""
    edges = coverage.select(_leaders(coverage, _STEPS_OF), "at_ms", "delta")
    return _stepped(coverage, edges)


def _stepped(lines: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Sum edges (leader, at_ms, delta), of which ``lines`` tell at the leader what they are of."""
    added = edges.lazy().group_by("leader", "at_ms").agg(pl.col("delta").sum())  # lazy is faster
    sums = added.filter(pl.col("delta") != 0).collect()
    steps = lines[sums["leader"]].with_columns(sums["at_ms"], sums["delta"])
    return conform(steps, COVERAGE, "coverage")


def _canonical(strands: pl.DataFrame, coverage: pl.DataFrame, telemetry: pl.DataFrame) -> Usage:
    """Number the strands still in use by their identifiers, and order every frame by its key."""
    used = pl.concat([coverage.select("strand"), telemetry.select("strand")])
    kept = strands.join(used, on="strand", how="semi").sort(STRAND_FIELDS)
    ordered = kept.drop("strand").with_row_index("strand")
    lookup = _lookup(kept["strand"], ordered["strand"])
    return Usage(
        _plain(conform(ordered, STRANDS, "strands")),
        _plain(coverage.with_columns(lookup.gather(coverage["strand"])).sort(COVERAGE_KEY)),
        _plain(telemetry.with_columns(lookup.gather(telemetry["strand"])).sort(TELEMETRY_KEY)),
    )


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Write every value of every column out.

    Rows that came one by one with the same value are a constant to polars, and a division by a
    constant ends in another last digit than the same division by a column.
    """
    return pl.DataFrame(frame.get_columns())


def _summed(telemetry: pl.DataFrame) -> pl.DataFrame:
    """Sum per key, drop rows and fields that came to nothing, order the columns.

    A correction that changes figures and no time adds to sums what it does not add to weights.
    """
    sums = [c for c in telemetry.columns if c not in TELEMETRY_KEYS]
    repeats = telemetry.select(pl.struct(TELEMETRY_KEY).is_duplicated()).to_series()
    several = telemetry.filter(repeats)
    safe = {c: wide(several[c], several.height) for c in sums}
    added = (
        several.lazy()
        .with_columns(pl.col(c).cast(kind) for c, kind in safe.items())
        .group_by(TELEMETRY_KEY)
        .agg(pl.col("impossible_count", *sums).sum())
        .collect()
    )
    once = telemetry.filter(~repeats).with_columns(pl.col(sums).fill_null(0))
    total = pl.concat([once.select(added.columns), added], how="vertical_relaxed")
    total = total.filter(pl.any_horizontal(pl.col("impossible_count", *sums) != 0))
    changed = {c for c in sums if (total[c] != 0).any()}
    columns = [
        [c for c in own if c in sums]
        for f in TELEMETRY_FIELDS
        for own in ((f"{f}.sum", f"{f}.weight", f"{f}.square"), *kept_of(f), *resting_of(f))
    ]
    order = [c for own in columns if not changed.isdisjoint(own) for c in own]
    narrow = [pl.col(c).cast(wide(total[c])) for c in order]
    return total.select(*TELEMETRY_KEYS, *narrow)
