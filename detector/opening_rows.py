"""Openings as rows of the ledgers: operations and hours that were stated, beside what was metered.

An opening says what was done before ``at``. What was metered before ``at`` of the same work is
taken off it, bound by bound, so nothing counts twice and nothing metered is ever lowered. Hours
without operations are priced with what the allocation alone says of the tenant's first metered
day, else with the whole catalogue. Every amount is whole operations, as in any other cell.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from detector.ledger import COUNTS_FROM, UNATTRIBUTED
from features.compute import DAY_HOURS, HOUR_MS, PPB, Catalogue
from features.prior import PRIOR_COLUMNS, shares

_BOUNDS: Final = ("low", "expected", "high")
_WHOSE: Final = ("as_of", "tenant_id", "workload")
_NOTHING: Final = pl.lit(0, pl.Int128)


def with_openings(
    weighed: pl.DataFrame, stated: pl.DataFrame, segments: pl.DataFrame, catalogue: Catalogue
) -> pl.DataFrame:
    """Add the openings to weighed cells (``ledger.weigh``), as rows of their own.

    ``stated``: OPENINGS with ``as_of``, ``workload`` and ``is_run``. Their rows have
    ``opening_ppb_ms`` (device time that was stated), ``opening_operations`` (expected) and
    ``opened_ms``, the instant they speak of, and ``job_id`` where one was stated; ``known_ppb_ms``
    is what was metered before it.
    """
    if stated.height == 0:
        return weighed
    priced = _completed(stated, _rates(weighed), widest_rates(catalogue))
    rows = _placed(_weighed(_remaining(priced, weighed), weighed), segments)
    place = ("as_of", "tenant_id")
    since = weighed.group_by(place).agg(pl.col("since_ms").first())
    return pl.concat([weighed, rows.join(since, on=place, how="left")], how="diagonal")


def _rates(cells: pl.DataFrame) -> pl.DataFrame:
    """Operations a device second by the allocation alone, per tenant: over its first metered day.

    That day does not change as the tenant goes on to other hardware. Sums are of whole numbers.
    """
    day = pl.col("bucket") // DAY_HOURS
    priced = cells.filter(pl.col("allocation_seconds") > 0, pl.col("allocation_high") > 0)
    first = priced.filter(day == day.min().over("as_of", "tenant_id"))
    seconds = (pl.col("allocation_seconds") * 1000).round().cast(pl.Int128).sum()
    return first.group_by("as_of", "tenant_id").agg(
        (
            pl.col(f"allocation_{bound}").round().cast(pl.Int128).sum()
            / seconds.cast(pl.Float64)
            * 1000
        ).alias(f"rate_{bound}")
        for bound in _BOUNDS
    )


def widest_rates(catalogue: Catalogue) -> dict[str, float]:
    """Give low, expected and high operations a second of some accelerator, nobody knows which."""
    kinds = catalogue.accelerators.unique("sku").sort("sku").filter(pl.col("peak_16bit") > 0)
    blank = {"generation": pl.String, "service_class": pl.String, "is_eight_bit_open": pl.Boolean}
    unknown = kinds.select(
        "peak_16bit",
        **{c: pl.lit(None, blank.get(c, pl.Float64)) for c in PRIOR_COLUMNS},
    )
    priced = unknown.with_columns(**shares(catalogue.prior)).select(
        low=(pl.col("peak_16bit") * pl.col("prior_low")).min(),
        expected=(pl.col("peak_16bit") * pl.col("prior_expected")).mean(),
        high=(pl.col("peak_16bit") * pl.col("prior_high")).max(),
    )
    return {name: float(value or 0.0) for name, value in priced.row(0, named=True).items()}


def _completed(stated: pl.DataFrame, rates: pl.DataFrame, widest: dict[str, float]) -> pl.DataFrame:
    """Give each opening ``whole_low``, ``whole_expected``, ``whole_high``: operations, all in all.

    A bound that was not stated lies as far off as the allocation's; a customer who states no low
    vouches for nothing. A customer's word never lies below what its own hours come to.
    """
    priced = stated.join(rates, on=("as_of", "tenant_id"), how="left").with_columns(
        pl.col(f"rate_{bound}").fill_null(widest[bound]) for bound in _BOUNDS
    )
    spent = pl.col("accelerator_hours") * 3600.0
    by_hours = {bound: spent * pl.col(f"rate_{bound}") for bound in _BOUNDS}
    told = pl.coalesce("expected", (pl.col("low") + pl.col("high")) / 2, "low", "high")
    is_word = pl.col("is_word")
    least = pl.when(is_word).then(by_hours["expected"])
    expected = pl.max_horizontal(pl.coalesce(told, by_hours["expected"]), least).fill_null(0.0)
    wide = {bound: pl.col(f"rate_{bound}") / pl.col("rate_expected") for bound in _BOUNDS}
    low = pl.coalesce(
        "low",
        pl.when(is_word).then(0.0),
        pl.when(told.is_null()).then(by_hours["low"]),
        pl.col("whole_expected") * wide["low"],
    )
    high = pl.coalesce(
        "high",
        pl.when(told.is_null()).then(by_hours["high"]),
        pl.col("whole_expected") * wide["high"],
    )
    most = pl.when(is_word).then(by_hours["high"])
    return priced.with_columns(whole_expected=expected).with_columns(
        whole_low=pl.min_horizontal(low.fill_null(0.0), "whole_expected"),
        whole_high=pl.max_horizontal(high, most, "whole_expected"),
    )


def _remaining(priced: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Take off each opening what was metered of the same work before it, once.

    Openings of one work follow each other in time: what the first has taken off is taken off no
    other. Adds ``left_BOUND`` (whole operations, in order), ``opening_ppb_ms`` (what is left of the
    hours) and ``known_ppb_ms`` (device time that was metered before).
    """
    place = (*_WHOSE, "at_ms", "opening")
    told = priced.sort(place).with_columns(
        *[
            pl.col(f"whole_{bound}").round().cast(pl.Int128).alias(f"whole_{bound}")
            for bound in _BOUNDS
        ],
        whole_time=(pl.col("accelerator_hours").fill_null(0.0) * HOUR_MS).round().cast(pl.Int128)
        * PPB,
    )
    figures = {f"operations_{bound}": bound for bound in _BOUNDS} | {"device_ppb_ms": "time"}
    before = (
        told.select(place)
        .join(cells.select(*_WHOSE, "end_ms", *figures), on=_WHOSE, how="left")
        .filter(pl.col("end_ms") <= pl.col("at_ms"))
        .group_by(place)
        .agg(pl.col(c).sum().alias(f"known_{name}") for c, name in figures.items())
    )
    both = told.join(before, on=place, how="left").sort(place)
    left = both.with_columns(
        (
            (
                pl.col(f"whole_{name}").cum_sum().over(_WHOSE)
                - pl.col(f"known_{name}").fill_null(_NOTHING)
            )
            .clip(lower_bound=0)
            .cum_max()
            .over(_WHOSE)
        ).alias(f"left_{name}")
        for name in figures.values()
    ).with_columns(
        (
            pl.col(f"left_{name}")
            - pl.col(f"left_{name}").shift(1).over(_WHOSE).fill_null(_NOTHING)
        ).alias(f"left_{name}")
        for name in figures.values()
    )
    return left.with_columns(
        left_low=pl.min_horizontal("left_low", "left_expected"),
        left_high=pl.max_horizontal("left_high", "left_expected"),
    ).rename({"left_time": "opening_ppb_ms", "known_time": "known_ppb_ms"})


def _weighed(rows: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Say which openings count as training.

    An opening tells of a training run under way. It counts as stated, until as much of its run has
    been metered as is left of it: then the run's probability is the better word.
    """
    run = ("as_of", "workload")
    metered = cells.group_by(run).agg(
        pl.col("operations_expected").sum().alias("run_expected"),
        pl.col("training_probability").first().alias("run_probability"),
    )
    opened = rows.group_by(run).agg(pl.col("left_expected").sum().alias("opened_expected"))
    known = rows.join(metered, on=run, how="left").join(opened, on=run, how="left")
    follows = pl.col("is_run") & (pl.col("run_expected") >= pl.col("opened_expected"))
    likely = pl.when(follows).then(pl.col("run_probability").fill_null(0.0)).otherwise(1.0)
    return known.with_columns(training_probability=likely).with_columns(
        pl.when(pl.col("training_probability") >= least)
        .then(pl.col(f"left_{bound}"))
        .otherwise(_NOTHING)
        .alias(f"training_operations_{bound}")
        for bound, least in COUNTS_FROM.items()
    )


def _placed(rows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Put each opening in the last millisecond before ``at``, with whoever held the tenant then."""
    last_ms = pl.col("at_ms") - 1
    held = (
        rows.select("as_of", "opening", "tenant_id", "at_ms")
        .join(segments, on="tenant_id", how="inner")
        .filter((pl.col("from_ms") <= last_ms) & (last_ms < pl.col("to_ms")))
        .select("as_of", "opening", "segment")
    )
    placed = rows.join(held, on=("as_of", "opening"), how="left")
    return placed.select(
        *("as_of", "tenant_id", "job_id", "is_run", "training_probability", "basis"),
        "opening_ppb_ms",
        *("known_ppb_ms", "is_impossible", *(f"training_operations_{bound}" for bound in _BOUNDS)),
        *[pl.col(f"left_{bound}").alias(f"operations_{bound}") for bound in _BOUNDS],
        pl.col("segment").fill_null(0),
        workload=pl.format("opening/{}", "workload"),
        run_id=pl.when("is_run").then("workload").otherwise(pl.lit(UNATTRIBUTED)),
        bucket=(last_ms // HOUR_MS).cast(pl.Int32),
        width_hours=pl.lit(1, pl.Int8),
        opened_ms="at_ms",
        opening_operations="left_expected",
        hardware_operations_expected="left_expected",
        peak_operations=_NOTHING,
        device_ppb_ms=_NOTHING,
        device_ms=pl.lit(0.0),
        resource_ms=pl.lit(0.0),
        odds_ratio=pl.lit(0.0),
        is_known=pl.lit(value=True),
    )
