"""Telemetry figures that physics does not allow: which, how many, what they read, and where.

They are dropped and enter no figure. What is kept of them are whole numbers that add up, apart for
readings below the least and above the limit, so that a mean of readings is itself impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from features.compute import HOUR_MS, as_known, least, limit, possible
from features.schema import TELEMETRY_AMOUNTS, TELEMETRY_FIELDS, TELEMETRY_KEYS

#: Sides of what is possible; for each dropped field X the state has ``X.SIDE_count`` and
#: ``X.SIDE_sum`` (readings in parts per READING; amounts per second).
SIDES: Final = ("low", "high")
READING: Final = 1_000
#: A reading is cut here, so that 64 bits hold the sum of a thousand.
MOST_READING: Final = 1e12

#: Readings that were dropped: a row per hour of knowledge, tenant, field, side and meter.
DROPPED: Final = pl.Schema(
    {
        "as_of": pl.Int32(),
        "tenant_id": pl.String(),
        "field": pl.String(),
        "side": pl.String(),
        "vantage": pl.String(),
        "figure_count": pl.Int64(),
        "mean_reading": pl.Float64(),
        "limit": pl.Float64(),
        "first_hour": pl.Int32(),
        "last_hour": pl.Int32(),
        "accelerators": pl.List(pl.String()),
        "places": pl.List(pl.String()),
        "job_ids": pl.List(pl.String()),
    }
)


def kept_of(field: str) -> tuple[tuple[str, str], ...]:
    """Give the columns of the state that tell of the dropped figures of a field, side by side."""
    return tuple((f"{field}.{side}_count", f"{field}.{side}_sum") for side in SIDES)


def dropped(rows: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Give what each event with an impossible figure adds to the telemetry of its strand.

    ``rows``: as ``telemetry_products`` takes them. It counts in the hour in which the event starts.
    """
    impossible = {f: (~possible(f)).fill_null(value=False) for f in fields}
    bad = rows.filter(pl.any_horizontal(list(impossible.values())))
    found = [f for f in fields if bad.select(impossible[f].any()).item()]
    return bad.select(
        "hour",
        "strand",
        (pl.col("start").dt.epoch("ms") // HOUR_MS).cast(pl.Int32).alias("bucket"),
        pl.lit(1, pl.Int8).alias("width_hours"),
        pl.lit(0, pl.Int64).alias("impossible_count"),
        *[column for f in found for column in _kept(f, impossible[f])],
    )


def _kept(field: str, impossible: pl.Expr) -> list[pl.Expr]:
    value = pl.col(f"telemetry.{field}")
    seconds = (pl.col("end") - pl.col("start")).dt.total_milliseconds() / 1000
    reading = value / seconds if field in TELEMETRY_AMOUNTS else value
    whole = (reading.fill_nan(MOST_READING).clip(-MOST_READING, MOST_READING) * READING).round()
    is_low = reading < least(field)
    columns = []
    for side in SIDES:
        is_here = impossible & (is_low if side == "low" else ~is_low)
        sign = pl.when(is_here).then("sign").otherwise(0).cast(pl.Int64)
        columns += [
            sign.alias(f"{field}.{side}_count"),
            (sign * pl.when(is_here).then(whole.cast(pl.Int64)).otherwise(0)).alias(
                f"{field}.{side}_sum"
            ),
        ]
    return columns


def impossible(telemetry: pl.DataFrame, strands: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Give DROPPED where it was metered: a strand that lost its time keeps its readings."""
    pairs = [pair for field in TELEMETRY_FIELDS for pair in kept_of(field)]
    kept = [column for pair in pairs for column in pair if column in telemetry.columns]
    if not kept:
        return pl.DataFrame(schema=DROPPED)
    places = pl.concat_list("site_id", "region", "cluster_id").list.drop_nulls().list.join(" ")
    meters = strands.select(
        "strand",
        "tenant_id",
        vantage=pl.col("vantage").fill_null("host"),
        accelerator=pl.coalesce("accelerator", "instance_type"),
        place=places,
        job_id="job_id",
    )
    rows = (
        telemetry.select(*TELEMETRY_KEYS, *kept)
        .filter(pl.any_horizontal(pl.col(c) != 0 for c in kept))
        .pipe(as_known, known)
        .join(meters, on="strand", how="left")
    )
    parts = [
        _told(rows, field, side)
        for field in TELEMETRY_FIELDS
        for side in SIDES
        if f"{field}.{side}_count" in kept
    ]
    return pl.concat(parts).sort("as_of", "tenant_id", "field", "side", "vantage")


def _told(rows: pl.DataFrame, field: str, side: str) -> pl.DataFrame:
    count, total = pl.col(f"{field}.{side}_count"), pl.col(f"{field}.{side}_sum")
    names = {"accelerators": "accelerator", "places": "place", "job_ids": "job_id"}
    last = pl.col("bucket") + pl.col("width_hours") - 1
    return (
        rows.filter(count != 0)
        .group_by("as_of", "tenant_id", "vantage")
        .agg(
            figure_count=count.sum().cast(pl.Int64),
            total=total.cast(pl.Int128).sum(),
            first_hour=pl.col("bucket").min(),
            last_hour=last.max().cast(pl.Int32),
            **{
                plural: pl.col(name).filter(pl.col(name).fill_null("") != "").unique().sort()
                for plural, name in names.items()
            },
        )
        .filter(pl.col("figure_count") > 0)
        .with_columns(
            field=pl.lit(field),
            side=pl.lit(side),
            limit=pl.lit(limit(field) if side == "high" else least(field)),
            mean_reading=pl.col("total").cast(pl.Float64) / READING / pl.col("figure_count"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in DROPPED.items())
    )
