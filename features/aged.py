"""The prior's shares of cells of more than an hour: as if each of their hours were a cell.

A young workload's share falls from hour to hour, so one share at the end of a day is not that of
its hours. Without this, totals would move when old hours are merged to days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from features.compute import DAY_HOURS, HOUR_MS, PROVIDER_TRUST
from features.prior import PRIOR_COLUMNS, Prior, shares
from features.schema import beside

_SHARES: Final = ("prior_low", "prior_expected", "prior_high")
#: Rows of which every hour is looked at together.
_ROWS_TOGETHER: Final = 4096


def aged_shares(cells: pl.DataFrame, prior: Prior) -> pl.DataFrame:
    """Add the prior's low, expected and high share to each cell; reads what ``shares`` reads.

    Of a cell of several hours of a workload that is not yet old they are the mean over its hours.
    A precision that the provider did not see itself (``trust`` says who stated it) may raise a
    share and lowers none but the low end.
    """
    told = _over_hours(cells, prior)
    is_hearsay = (pl.col("trust") > PROVIDER_TRUST) & pl.col("stated_bits").is_not_null()
    if not told.select(is_hearsay.any()).item():
        return told
    lowering = {bits: 10 ** min(effect, 0.0) for bits, effect in prior.stated_bits.items()}
    lowered = pl.col("stated_bits").replace_strict(lowering, default=1.0, return_dtype=pl.Float64)
    most = {"prior_expected": prior.ceiling, "prior_high": prior.high_ceiling}
    return told.with_columns(
        pl.when(is_hearsay)
        .then((pl.col(name) / lowered).clip(upper_bound=bound))
        .otherwise(name)
        .alias(name)
        for name, bound in most.items()
    )


def _over_hours(cells: pl.DataFrame, prior: Prior) -> pl.DataFrame:
    told = cells.with_columns(**shares(prior))
    starts_young = pl.col("age_hours") - pl.col("width_hours") < prior.old_from_hours
    young = (
        told.select("start_ms", "end_ms", "width_hours", *PRIOR_COLUMNS)  # all would be dear
        .with_row_index("row")
        .filter((pl.col("width_hours") > 1) & starts_young)
    )
    if young.is_empty():
        return told
    means = _means(young, prior)
    aged = means.select("row", *(pl.col(name).alias(f"{name}_of_hours") for name in _SHARES))
    return (
        beside(told.with_row_index("row"), aged, ["row"])
        .with_columns(pl.coalesce(f"{name}_of_hours", name).alias(name) for name in _SHARES)
        .drop("row", *(f"{name}_of_hours" for name in _SHARES))
    )


def _means(young: pl.DataFrame, prior: Prior) -> pl.DataFrame:
    """Give (row, shares): the mean over the covered hours, added up in their order."""
    held = (pl.col("end_ms") - pl.col("start_ms")) / HOUR_MS
    told = shares(prior)  # of all hours at once: to read so many expressions costs more than them
    return pl.concat(
        _meant(rows, told) for rows in young.with_columns(held=held).iter_slices(_ROWS_TOGETHER)
    )


def _meant(rows: pl.DataFrame, told: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Give the means of some rows, of which each is asked at every hour of a day."""
    hours = pl.DataFrame({"hour": range(DAY_HOURS)})
    age = pl.when(pl.col("held") > pl.col("hour")).then(pl.col("age_hours") - pl.col("hour"))
    each = hours.join(rows, how="cross", maintain_order="left_right").with_columns(age_hours=age)
    length = (pl.col("held") - pl.col("hour")).clip(0.0, 1.0)
    at = each.select(length=length, **told)
    found = {name: pl.repeat(0.0, rows.height, eager=True) for name in _SHARES}
    for of_hour in at.iter_slices(rows.height):
        weight = of_hour["length"]
        found = {name: total + weight * of_hour[name] for name, total in found.items()}
    return rows.select("row", *((total / rows["held"]).alias(n) for n, total in found.items()))
