"""Telemetry sums to rates: what a strand's counters said per bucket, from the vantage to trust.

A rate is the quotient of two integer sums, so metering twice adds weight and never hours.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import (
    BYTE_FIELDS,
    DAY_HOURS,
    PROVIDER_TRUST,
    WALL_TRUST,
    as_known,
    quantum,
)
from features.resting import PIPE, resting_rates
from features.resting import RATES as RESTING
from features.schema import SQUARED_FIELDS, TELEMETRY_FIELDS

PLACE: Final = ("as_of", "strand", "bucket", "width_hours")
#: Fields of which the least and the most that the provider's vantages saw are kept.
BOUNDED: Final = ("tensor_active", "sm_active", "gpu_util")
#: Two vantages further apart than this do not describe the same work (ratios; power as a share).
DISAGREEMENT: Final = 0.2


def rates(
    telemetry: pl.DataFrame, specs: pl.DataFrame, siblings: pl.DataFrame, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give rates per PLACE and the places where vantages disagree.

    For every field X the rates have X (contract units; joules and bytes per second), ``X.weight``
    (as in the state), ``X.trust`` (of the vantage it came from), ``X.square`` (mean square, for
    SQUARED_FIELDS) and, for BOUNDED, ``X.least`` and ``X.most`` (over the provider's vantages);
    null where never metered. ``impossible_count`` counts dropped figures. The second frame is
    (as_of, strand, bucket, field).
    """
    own = _quotients(_known(telemetry, known)).join(
        specs.select("strand", "trust"), on="strand", how="left"
    )
    own = own.with_columns(
        *[pl.col("trust").alias(f"{f}.trust") for f in TELEMETRY_FIELDS],
        *[pl.col(f).alias(f"{f}.{bound}") for f in BOUNDED for bound in ("least", "most")],
        origin=pl.col("strand"),
    )
    if siblings.height == 0:
        return own.drop("trust", "origin"), _no_disagreement()
    borrowed = (
        siblings.join(own.rename({"strand": "sibling"}), on=("as_of", "sibling"), how="inner")
        .filter(pl.col("bucket") // DAY_HOURS == pl.col("day"))
        .with_columns(impossible_count=pl.lit(0, pl.Int64))
        .select(own.columns)
    )
    shared = borrowed.select(PLACE).unique()
    alone = own.join(shared, on=PLACE, how="anti").drop("trust", "origin")
    several = pl.concat([own.join(shared, on=PLACE, how="semi"), borrowed])
    together = pl.concat([alone, _most_trusted(several).select(alone.columns)])
    return together, _disagreements(several)


def _known(telemetry: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Sum the telemetry known at each of the MOMENTS, old buckets merged to days."""
    is_old = pl.col("bucket") < pl.col("cold")
    day = pl.col("bucket") // DAY_HOURS * DAY_HOURS
    columns = ("impossible_count", *(c for c in telemetry.columns if "." in c))
    rows = (
        as_known(telemetry, known)
        .with_columns(
            bucket=pl.when(is_old).then(day).otherwise("bucket").cast(pl.Int32),
            width_hours=pl.when(is_old).then(DAY_HOURS).otherwise("width_hours").cast(pl.Int8),
        )
        .select(*PLACE, *columns)
    )
    repeats = rows.select(pl.struct(PLACE).is_duplicated()).to_series()
    if not repeats.any():  # as where merged state is read at one settled moment
        return rows
    several = rows.filter(repeats).group_by(PLACE).agg(pl.col(columns).sum())
    return pl.concat([rows.filter(~repeats), several])


def _quotients(sums: pl.DataFrame) -> pl.DataFrame:
    columns = []
    for field in TELEMETRY_FIELDS:
        squares = field in SQUARED_FIELDS
        if f"{field}.weight" not in sums.columns:
            columns += [pl.lit(None, pl.Float64).alias(c) for c in _names(field, squares=squares)]
            continue
        weight = pl.col(f"{field}.weight").cast(pl.Float64)
        metered = pl.when(weight > 0)
        per_second = 1000.0 if field == "energy_j" or field in BYTE_FIELDS else 1.0
        total = pl.col(f"{field}.sum").cast(pl.Float64) * per_second / quantum(field)
        columns += [
            metered.then(total / weight).alias(field),
            metered.then(weight).alias(f"{field}.weight"),
        ]
        if squares:
            square = pl.col(f"{field}.square").cast(pl.Float64) / float(quantum(field)) ** 2
            columns.append(metered.then(square / weight).alias(f"{field}.square"))
    return sums.select(*PLACE, "impossible_count", *columns, *resting_rates(sums))


def _names(field: str, *, squares: bool) -> list[str]:
    return [field, f"{field}.weight", *([f"{field}.square"] if squares else [])]


def _most_trusted(everything: pl.DataFrame) -> pl.DataFrame:
    ordered = everything.sort("trust", "origin")
    chosen = []
    for field in TELEMETRY_FIELDS:
        for name in (*_names(field, squares=field in SQUARED_FIELDS), f"{field}.trust"):
            chosen.append(pl.col(name).filter(pl.col(field).is_not_null()).first())
    chosen += [pl.col(name).filter(pl.col(PIPE).is_not_null()).first() for name in RESTING]
    for field in BOUNDED:
        own = pl.col(field).filter(pl.col("trust") <= PROVIDER_TRUST)
        chosen += [own.min().alias(f"{field}.least"), own.max().alias(f"{field}.most")]
    return ordered.group_by(PLACE).agg(pl.col("impossible_count").sum(), *chosen)


def _disagreements(everything: pl.DataFrame) -> pl.DataFrame:
    found = [
        everything.group_by("as_of", "strand", "bucket")
        .agg(is_apart=_is_apart(field))
        .filter("is_apart")
        .select("as_of", "strand", "bucket", field=pl.lit(field))
        for field in ("tensor_active", "gpu_util", "sm_active", "power_w")
    ]
    return pl.concat(found).sort("as_of", "strand", "bucket", "field")


def _is_apart(field: str) -> pl.Expr:
    """Say that a field's figures differ by more than DISAGREEMENT.

    Power at the plug holds more than power at the board: each is compared with its like, and a
    board that draws more than its plug gives is wrong.
    """
    if field != "power_w":
        return pl.col(field).max() - pl.col(field).min() > DISAGREEMENT
    is_wall = pl.col("trust") == WALL_TRUST
    board, wall = pl.col(field).filter(~is_wall), pl.col(field).filter(is_wall)
    pairs = ((board, board), (wall, wall), (board, wall))
    return pl.any_horizontal(
        one.max() - other.min() > DISAGREEMENT * one.max() for one, other in pairs
    )


def _no_disagreement() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"as_of": pl.Int32, "strand": pl.UInt32, "bucket": pl.Int32, "field": pl.String}
    )
