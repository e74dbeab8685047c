"""The fold: accepted usage becomes integers that add up, in any order and any cut.

A ``Usage`` value is the whole state. ``accumulate`` makes one from a batch, ``merge`` adds any
number of them; both return frames in canonical order, so equal states are equal byte for byte.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from features.compute import PPB
from features.schema import (
    COVERAGE,
    STRAND_FIELDS,
    STRANDS,
    TELEMETRY_FIELDS,
    TELEMETRY_KEYS,
    conform,
)
from features.telemetry import seen, telemetry_sums

COVERAGE_KEY: Final = ("strand", "resource_id", "devices", "fraction_ppb", "seen", "at_ms", "hour")
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
    return Usage(strands, _covered(_coverage_of(rows)), _summed(telemetry_sums(rows)))


def merge(parts: Sequence[Usage], settled_hour: int = 0, cold: int | None = None) -> Usage:
    """Add states up as ``add`` does, in canonical order: equal states are equal byte for byte."""
    total = add(parts, settled_hour, cold)
    return _canonical(total.strands, total.coverage, total.telemetry)


def add(parts: Sequence[Usage], settled_hour: int = 0, cold: int | None = None) -> Usage:
    """Add states up. Rows known by ``settled_hour`` lose their hour and, when old, their fineness.

    ``settled_hour`` is the whole hour through which every assessment has been made. Their
    telemetry buckets before ``cold`` (compute.cold_bucket) are merged to days. Rows come in no
    order.
    """
    strands = pl.concat([part.strands.drop("strand") for part in parts]).unique()
    strands = strands.with_row_index("strand")
    renamed = [_renumber(part, strands) for part in parts]
    coverage = pl.concat([coverage for coverage, _ in renamed])
    telemetry = pl.concat([telemetry for _, telemetry in renamed], how="diagonal")
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


def _stranded(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the distinct identifiers of a batch, and say which event has which."""
    named = [f for f in STRAND_FIELDS if events[f].null_count() < events.height]
    rows = events.with_row_index("row")
    if named:
        groups = rows.select("row", *named).group_by(named).agg("row").with_row_index("strand")
    else:
        groups = rows.select(pl.col("row").implode()).with_row_index("strand")
    absent = [pl.lit(None, pl.String).alias(f) for f in STRAND_FIELDS if f not in named]
    strands = groups.with_columns(absent).select(list(STRANDS))
    numbers = groups.select("strand", "row").explode("row", empty_as_null=False).sort("row")
    return strands, events.with_columns(numbers["strand"])


def _coverage_of(rows: pl.DataFrame) -> pl.DataFrame:
    key = [
        pl.col("hour"),
        pl.col("strand"),
        pl.col("resource_id"),
        pl.col("accelerator_count").alias("devices"),
        (pl.col("partition_fraction").fill_null(1.0) * PPB)
        .round()
        .cast(pl.Int64)
        .alias("fraction_ppb"),
        seen(rows).alias("seen"),
    ]
    edges = [
        rows.select(*key, pl.col(at).dt.epoch("ms").alias("at_ms"), delta.alias("delta"))
        for at, delta in (("start", pl.col("sign")), ("end", -pl.col("sign")))
    ]
    return pl.concat(edges)


def _renumber(part: Usage, strands: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = part.strands.rename({"strand": "old"}).join(
        strands, on=STRAND_FIELDS, how="left", nulls_equal=True
    )
    renamed = []
    for frame in (part.coverage, part.telemetry):
        moved = frame.rename({"strand": "old"}).join(
            names.select("old", "strand"), on="old", how="left"
        )
        renamed.append(moved.select(frame.columns))
    return renamed[0], renamed[1]


def _coarsen(telemetry: pl.DataFrame, cold: int) -> pl.DataFrame:
    old = (pl.col("hour") == 0) & (pl.col("bucket") < cold)
    return telemetry.with_columns(
        bucket=pl.when(old).then(pl.col("bucket") // 24 * 24).otherwise("bucket").cast(pl.Int32),
        width_hours=pl.when(old).then(24).otherwise("width_hours").cast(pl.Int8),
    )


def _covered(edges: pl.DataFrame) -> pl.DataFrame:
    """Sum the edges of the step functions; what cancels is gone."""
    sums = edges.group_by(COVERAGE_KEY).agg(pl.col("delta").sum()).filter(pl.col("delta") != 0)
    return conform(sums, COVERAGE, "coverage")


def _canonical(strands: pl.DataFrame, coverage: pl.DataFrame, telemetry: pl.DataFrame) -> Usage:
    """Number the strands still in use by their identifiers, and order every frame by its key."""
    used = pl.concat([coverage.select("strand"), telemetry.select("strand")]).unique()
    kept = strands.join(used, on="strand", how="semi").sort(STRAND_FIELDS)
    numbers = kept.select(old="strand").with_row_index("strand")
    return Usage(
        conform(kept.drop("strand").with_row_index("strand"), STRANDS, "strands"),
        _remap(coverage, numbers).sort(COVERAGE_KEY),
        _remap(telemetry, numbers).sort(TELEMETRY_KEY),
    )


def _remap(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    renamed = frame.rename({"strand": "old"}).join(numbers, on="old", how="left")
    return renamed.select(frame.columns)


def _summed(telemetry: pl.DataFrame) -> pl.DataFrame:
    """Sum per key, drop rows and fields that came to nothing, order the columns."""
    sums = [c for c in telemetry.columns if c not in TELEMETRY_KEYS]
    total = telemetry.group_by(TELEMETRY_KEY).agg(pl.col("impossible_count", *sums).sum())
    weights = [c for c in sums if c.endswith(".weight")]
    total = total.filter(
        pl.any_horizontal([pl.col("impossible_count") != 0, *(pl.col(w) != 0 for w in weights)])
    )
    metered = [
        f
        for f in TELEMETRY_FIELDS
        if f"{f}.weight" in weights and total.select((pl.col(f"{f}.weight") != 0).any()).item()
    ]
    order = [c for f in metered for c in (f"{f}.sum", f"{f}.weight", f"{f}.square") if c in sums]
    return total.select(*TELEMETRY_KEYS, *order)
