"""Telemetry of accepted usage as integers that add up: value x time, time, and squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from features.compute import BYTE_FIELDS, HOUR_MS, possible, quantum
from features.dropped import dropped
from features.resting import at_rest, with_rest
from features.schema import (
    SEEN,
    SQUARED_FIELDS,
    TELEMETRY_AMOUNTS,
    TELEMETRY_FIELDS,
    TELEMETRY_KEYS,
)

#: No sum that stays below this can pass 64 bits.
SAFE: Final = 2**62


def seen(rows: pl.DataFrame) -> pl.Expr:
    """Sum the bits of the kinds of telemetry that an event brought, possible figures only."""
    bits = [pl.lit(0, pl.Int8)]
    for bit, fields in SEEN.items():
        present = [f for f in fields if rows[f"telemetry.{f}"].null_count() < rows.height]
        if present:
            is_seen = pl.any_horizontal([possible(f).fill_null(value=False) for f in present])
            bits.append(is_seen.cast(pl.Int8) * bit)
    return pl.sum_horizontal(bits).cast(pl.Int8)


def telemetry_products(rows: pl.DataFrame) -> pl.DataFrame:
    """Give what each hour of each event adds to the telemetry of its strand.

    ``rows``: USAGE_EVENTS with ``hour``, ``sign`` and ``strand``. Columns: see TELEMETRY_KEYS; a
    key comes as often as it was metered, and a figure that was not metered is null.
    """
    present = [f for f in TELEMETRY_FIELDS if rows[f"telemetry.{f}"].null_count() < rows.height]
    if not present:
        return pl.DataFrame(schema=TELEMETRY_KEYS)
    ok = {f: possible(f) for f in present}
    failed = [(~ok[f]).fill_null(value=False).cast(pl.Int64) for f in present]
    steps = {f: (pl.col(f"telemetry.{f}") * quantum(f)).round() for f in present}
    whole = rows.select(
        "hour",
        "strand",
        "sign",
        *[pl.when(ok[f]).then(steps[f]).alias(f) for f in present],
        start_ms=pl.col("start").dt.epoch("ms"),
        end_ms=pl.col("end").dt.epoch("ms"),
        devices=pl.col("accelerator_count").fill_null(1),
        impossible_count=pl.sum_horizontal(failed),
    )
    whole = whole.with_columns(whole[f].cast(wide(whole[f])) for f in present)
    pieces = _pieces(whole, [f for f in present if f in TELEMETRY_AMOUNTS])
    span = (pl.col("to_ms") - pl.col("from_ms")) * pl.col("sign")
    pieces = pieces.with_columns(span=span, units=span * pl.col("devices"))
    products = pieces.select(
        "hour",
        "strand",
        "bucket",
        pl.lit(1, pl.Int8).alias("width_hours"),
        pl.col("impossible_count") * pl.col("sign") * pl.col("is_first"),
        *[expression for f in present for expression in _products(f, pieces)],
    ).pipe(with_rest, at_rest(pieces))
    if not (whole["impossible_count"] > 0).any():
        return products
    return pl.concat([products, dropped(rows, present)], how="diagonal")


def wide(column: pl.Series, times: int = 1) -> pl.DataType:
    """Give the narrowest integer that holds so many times any of these whole numbers."""
    return pl.Int64() if _largest(column) * times < SAFE else pl.Int128()


def _largest(column: pl.Series) -> int:
    """Give the largest magnitude in a column of whole numbers, 0 where it is empty."""
    bounds = (column.min(), column.max())
    return max((abs(int(b)) for b in bounds if isinstance(b, int | float)), default=0)


def _pieces(rows: pl.DataFrame, amounts: Sequence[str]) -> pl.DataFrame:
    """Cut every interval at whole hours; ``from_ms``/``to_ms`` bound the piece in its interval.

    An amount is cut in proportion to time, so that the pieces sum to the whole exactly.
    """
    first = pl.col("start_ms") // HOUR_MS
    last = (pl.col("end_ms") - 1) // HOUR_MS
    single = rows.filter(first == last).with_columns(
        bucket=first.cast(pl.Int32), from_ms=pl.col("start_ms"), to_ms=pl.col("end_ms")
    )
    parted = rows.filter(first != last)
    if parted.height:
        split = (
            parted.with_columns(bucket=pl.int_ranges(first, last + 1, dtype=pl.Int32))
            .explode("bucket")
            .with_columns(
                from_ms=pl.max_horizontal("start_ms", pl.col("bucket").cast(pl.Int64) * HOUR_MS),
                to_ms=pl.min_horizontal("end_ms", (pl.col("bucket").cast(pl.Int64) + 1) * HOUR_MS),
            )
            .with_columns(_part(name) for name in amounts)
        )
        single = pl.concat([single, split])
    return single.with_columns(is_first=(pl.col("from_ms") == pl.col("start_ms")).cast(pl.Int64))


def _part(amount: str) -> pl.Expr:
    """Cut one amount: value x time // length, but for its remainder so that 64 bits hold it.

    An interval has at most 31 days, so that a remainder times its milliseconds is below 2^63.
    """
    start, value = pl.col("start_ms"), pl.col(amount)
    length = pl.col("end_ms") - start
    passed = [pl.col(c) - start for c in ("to_ms", "from_ms")]
    upto = [value // length * ms + value % length * ms // length for ms in passed]
    return (upto[0] - upto[1]).alias(amount)


def _products(field: str, pieces: pl.DataFrame) -> list[pl.Expr]:
    """Weigh one field: in 64 bits where no product can pass them, which is much faster."""
    value = pl.col(field)
    weight = "span" if field in BYTE_FIELDS else "units"
    factor = "sign" if field in BYTE_FIELDS else "devices" if field == "energy_j" else weight
    signed = value * pl.col("sign") if field == "energy_j" else value
    largest = _largest(pieces[field])
    kind = wide(pieces[factor], largest)
    products = [
        (signed.cast(kind) * pl.col(factor)).alias(f"{field}.sum"),
        pl.when(value.is_not_null()).then(weight).alias(f"{field}.weight"),
    ]
    if field in SQUARED_FIELDS:
        kind = wide(pieces[weight], largest**2)
        square = value.cast(kind) * value.cast(kind) * pl.col(weight)
        products.append(square.alias(f"{field}.square"))
    return products
