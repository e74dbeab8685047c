"""The prior's shares of cells of more than an hour: as if each of their hours were a cell.

A young workload's share falls from hour to hour, so one share at the end of a day is not that of
its hours. Without this, totals would move when old hours are merged to days.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import DAY_HOURS, HOUR_MS, PROVIDER_TRUST
from features.prior import PRIOR_COLUMNS, Prior, shares
from features.schema import beside

_SHARES: Final = ("prior_low", "prior_expected", "prior_high")


def aged_shares(cells: pl.DataFrame, prior: Prior) -> pl.DataFrame:
    """Add the prior's low, expected and high share to each cell; reads what ``shares`` reads.

    Of a cell of several hours of a workload that is not yet old they are the mean over its hours.
    A precision that the provider did not see itself (``trust`` says who stated it) may move the
    expected share; it lowers no high end.
    """
    told = _over_hours(cells, prior)
    is_hearsay = (pl.col("trust") > PROVIDER_TRUST) & pl.col("stated_bits").is_not_null()
    if not told.select(is_hearsay.any()).item():
        return told
    lowering = {bits: 10 ** min(effect, 0.0) for bits, effect in prior.stated_bits.items()}
    lowered = pl.col("stated_bits").replace_strict(lowering, default=1.0, return_dtype=pl.Float64)
    whole = (pl.col("prior_high") / lowered).clip(upper_bound=prior.high_ceiling)
    return told.with_columns(prior_high=pl.when(is_hearsay).then(whole).otherwise("prior_high"))


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
    whole = young.with_columns(held=held, until=pl.col("age_hours"))
    sums = [pl.lit(0.0).alias(name) for name in _SHARES]
    found = whole.select("row", "held", *sums)
    for hour in range(DAY_HOURS):
        length = (pl.col("held") - hour).clip(0.0, 1.0)
        at = whole.with_columns(
            age_hours=pl.when(pl.col("held") > hour).then(pl.col("until") - hour)
        ).select(**shares(prior))
        found = found.with_columns(pl.col(name) + length * at[name] for name in _SHARES)
    return found.select("row", *(pl.col(name) / pl.col("held") for name in _SHARES))
