"""Covered time cut into cells: one per strand, its hardware, holder segment and time bucket.

A bucket is an hour while fresh and a UTC day once 45 days older than the newest event.
A segment is a stretch of a tenant's life over which the same persons hold it.
"""

from __future__ import annotations

import polars as pl

from features.compute import DAY_HOURS, HOUR_MS, PPB
from features.schema import SEEN

_SEEN_MS = tuple(f"seen_{bit}_ms" for bit in SEEN)
CELL = ("as_of", "strand", "hardware", "segment", "bucket", "width_hours")


def cut(
    levels: pl.DataFrame,
    tenants: pl.DataFrame,
    segments: pl.DataFrame,
    known: pl.DataFrame,
    own_rate_ratio: float,
) -> pl.DataFrame:
    """Integrate levels over cells.

    ``known``: MOMENTS. ``tenants``: (strand, tenant_id). ``segments``: (tenant_id, segment,
    from_ms, to_ms), for the tenants whose holders change; any other tenant is segment 0. Returns
    the CELL key with ``device_ppb_ms`` (Int128: device milliseconds in parts per 10^9, exact),
    ``device_ms``, ``resource_ms``, ``seen_BIT_ms``, ``gap_ms``, ``dark_ms`` (Float64, exact below
    2^53) and ``start_ms``, ``end_ms``, the first and last covered instant. Gaps are time without
    telemetry in hours metered for ``own_rate_ratio`` or more, whatever the width of the cell: so
    what is lost samples and what is silence does not change when hours are merged to days. Dark is
    the time, in such hours, of resources that the provider never metered: no samples were lost.
    """
    held = _segmented(levels.join(tenants, on="strand", how="left"), segments)
    held = held.join(known, on="as_of", how="left")
    cold_ms = pl.col("cold").cast(pl.Int64) * HOUR_MS
    old = held.with_columns(
        end_ms=pl.min_horizontal("end_ms", cold_ms), width_hours=pl.lit(DAY_HOURS, pl.Int8)
    )
    fresh = held.with_columns(
        start_ms=pl.max_horizontal("start_ms", cold_ms), width_hours=pl.lit(1, pl.Int8)
    )
    pieces = pl.concat([old, fresh]).filter(pl.col("start_ms") < pl.col("end_ms"))
    return _integrate(pieces, own_rate_ratio).sort(CELL)


def numbered(named: pl.DataFrame) -> pl.DataFrame:
    """Add ``work`` to ``stitch``'s frame: a number of each (as_of, workload), in their order.

    Numbers group, join and sort faster than names; they hold within this frame alone.
    """
    return named.with_columns(work=pl.struct("as_of", "workload").rank("dense"))


def place(cells: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Say of each cell whose work it is, beside how many accelerators, and how far into it.

    ``cells``: ``cut``'s; ``named``: ``numbered``'s. Adds ``workload``, ``is_run``, ``work``,
    ``devices`` (mean number of accelerators that its workload held at once in the bucket) and
    ``age_hours`` (from the first start of the workload to the end of the cell). Later work changes
    neither of the last two.
    """
    whose = named.select("as_of", "strand", "workload", "is_run", "work")
    joined = cells.join(whose, on=("as_of", "strand"), how="left", maintain_order="left")
    bucket = ("work", "bucket", "width_hours")
    span_ms = pl.col("end_ms").max().over(bucket) - pl.col("start_ms").min().over(bucket)
    held = whole_first(pl.col("device_ppb_ms").sum().over(bucket))
    age_ms = pl.col("end_ms") - pl.col("start_ms").min().over("work")
    return joined.with_columns(devices=held / span_ms, age_hours=age_ms / HOUR_MS)


def _segmented(levels: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    if segments.height == 0:
        return levels.with_columns(segment=pl.lit(0, pl.Int32))
    joined = levels.join(segments, on="tenant_id", how="left").with_columns(
        segment=pl.col("segment").fill_null(0),
        start_ms=pl.max_horizontal("start_ms", "from_ms"),
        end_ms=pl.min_horizontal("end_ms", "to_ms"),
    )
    return joined.filter(pl.col("start_ms") < pl.col("end_ms")).drop("from_ms", "to_ms")


def _integrate(pieces: pl.DataFrame, own_rate_ratio: float) -> pl.DataFrame:
    width_ms = pl.col("width_hours").cast(pl.Int64) * HOUR_MS
    first = pl.col("start_ms") // width_ms
    last = (pl.col("end_ms") - 1) // width_ms
    each = pieces.with_columns(slot=pl.int_ranges(first, last + 1)).explode("slot")
    start = pl.max_horizontal("start_ms", pl.col("slot") * width_ms)
    end = pl.min_horizontal("end_ms", (pl.col("slot") + 1) * width_ms)
    clipped = each.with_columns(
        start_ms=start,
        end_ms=end,
        bucket=(pl.col("slot") * pl.col("width_hours")).cast(pl.Int32),
    )
    length = (pl.col("end_ms") - pl.col("start_ms")).cast(pl.Int128)
    sums = (
        clipped.lazy()
        .group_by(CELL)
        .agg(  # of whole numbers, in any order: lazy is faster
            device_ppb_ms=(pl.col("devices_ppb") * length).sum(),
            resource_ms=(pl.col("resources") * length).sum().cast(pl.Float64),
            **{
                f"seen_{bit}_ms": whole_first((pl.col(f"seen_{bit}") * length).sum())
                for bit in SEEN
            },
            start_ms=pl.col("start_ms").min(),
            end_ms=pl.col("end_ms").max(),
        )
    )
    whole = sums.with_columns(device_ms=whole_first(pl.col("device_ppb_ms"))).collect()
    seen = pl.max_horizontal(_SEEN_MS)
    partly = whole.filter((seen > 0) & (pl.min_horizontal(_SEEN_MS) < pl.col("device_ms")))
    gaps = _gaps(clipped.join(partly, on=CELL, how="semi"), own_rate_ratio)
    return whole.join(gaps, on=CELL, how="left").with_columns(
        pl.col("gap_ms", "dark_ms").fill_null(0.0)
    )


def _gaps(clipped: pl.DataFrame, own_rate_ratio: float) -> pl.DataFrame:
    """Add up what was not seen in the hours that were seen for the most part.

    The levels of a strand do not overlap: of one that spans hours, all but the first and the last
    are its own, and alike, so they are taken as one.
    """
    first, last = pl.col("start_ms") // HOUR_MS, (pl.col("end_ms") - 1) // HOUR_MS
    head = clipped.with_columns(end_ms=pl.min_horizontal("end_ms", (first + 1) * HOUR_MS))
    middle = clipped.filter(last - first > 1).with_columns(
        start_ms=(first + 1) * HOUR_MS, end_ms=last * HOUR_MS
    )
    tail = clipped.filter(last > first).with_columns(start_ms=last * HOUR_MS)
    length = (pl.col("end_ms") - pl.col("start_ms")).cast(pl.Int128)
    seen = pl.max_horizontal([f"seen_{bit}" for bit in SEEN])
    return (
        pl.concat([head, middle, tail])
        .group_by(*CELL, on_hour=first)
        .agg(
            held=(pl.col("devices_ppb") * length).sum(),
            seen=(seen * length).sum(),
            dark=(pl.col("dark_ppb") * length).sum(),
        )
        .filter(pl.col("seen").cast(pl.Float64) >= own_rate_ratio * pl.col("held").cast(pl.Float64))
        .group_by(CELL)
        .agg(
            gap_ms=whole_first((pl.col("held") - pl.col("seen") - pl.col("dark")).sum()),
            dark_ms=whole_first(pl.col("dark").sum()),
        )
    )


def whole_first(billionths: pl.Expr) -> pl.Expr:
    """Divide an Int128 by 10^9 so that a whole number comes out whole."""
    part = (billionths % PPB).cast(pl.Float64) / PPB
    return (billionths // PPB).cast(pl.Float64) + part
