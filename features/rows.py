"""One feature row per workload: what the classifier sees, from what the state holds.

Means are weighted by device time; a figure that was never metered is null.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.aggregates import Aggregates
from features.believed import believed
from features.compute import DAY_HOURS, PPB
from features.schema import beside

KEY: Final = ("as_of", "workload")
_RATES: Final = (
    "nvlink_bytes",
    "fabric_bytes",
    "ingress_bytes",
    "egress_bytes",
    "storage_write_bytes",
)
_CLASSES: Final = {
    "share_managed_training": ("service_class", ("managed_training",)),
    "share_managed_inference": ("service_class", ("managed_inference",)),
    "share_batch": ("service_class", ("batch",)),
    "share_notebook": ("service_class", ("notebook",)),
    "share_bare_metal": ("service_class", ("bare_metal",)),
    "share_spot": ("purchase_option", ("spot",)),
    "share_reserved": ("purchase_option", ("reserved", "capacity_block")),
}
#: Accelerators that come or go within so long come or go at once.
_AT_ONCE_MS: Final = 15 * 60 * 1000
#: Hours below which nothing is said of how one figure follows another.
_FOLLOWING_HOURS_MIN: Final = 6
_PER_OPERATIONS: Final = 1e9
#: Digits that a feature keeps, and the share of a mean square that is its last digits.
_DIGITS: Final = 9
_NOISE: Final = 1e-9


def feature_rows(
    cells: pl.DataFrame, levels: pl.DataFrame, named: pl.DataFrame, strands: pl.DataFrame
) -> pl.DataFrame:
    """Give one row per (as_of, workload) with the columns of the classifier's feature list.

    ``cells``: ``describe.estimate``'s frame; ``levels``: the timeline's; ``named``: that of
    ``cells.numbered``.
    """
    works = named.select("as_of", "strand", "work")
    rows = beside(believed(cells), strands.select("strand", "purchase_option"), ["strand"])
    summed = Aggregates()
    figures = (*_means(summed), *_class_shares(summed))
    means = summed.of(rows, "work", KEY).select("work", *KEY, *figures)
    # Sums of fractions keep a trace of the order of the rows beyond these digits.
    digits = pl.selectors.float().round_sig_figs(_DIGITS)
    return (
        means.join(_sizes(levels.join(works, on=("as_of", "strand"))), on="work", how="left")
        .join(_rhythm(rows), on="work", how="left")
        .with_columns(
            duty_ratio=pl.col("device_hours")
            / (pl.col("duration_hours") * pl.col("devices_max")).replace(0.0, None)
        )
        .sort("work")
        .drop("work")
        .with_columns(digits)
    )


def _where(is_so: pl.Expr, value: pl.Expr) -> pl.Expr:
    return pl.when(is_so).then(value)


def _means(summed: Aggregates) -> list[pl.Expr]:
    time = pl.col("device_ms")

    def mean(value: pl.Expr) -> pl.Expr:
        return _mean(summed, value)

    columns = [
        mean(pl.col(f)).alias(f"{f}_mean")
        for f in ("tensor_active", "gpu_util", "sm_active", "dram_active", "fp64_active")
    ]
    columns += [
        _std(summed, f, pl.lit(1.0)).alias(f"{f}_std") for f in ("tensor_active", "gpu_util")
    ]
    columns += [mean(_rate(f)).alias(f"{f}_per_device_second") for f in _RATES]
    counted = summed.sum(time * (1.0 - pl.col("share_allocation") - pl.col("share_silence")))
    whole = summed.sum(time)
    inner_power = pl.col("power_w_std") / pl.col("tdp_w")
    return [
        *columns,
        *_shapes(summed),
        mean(pl.col("power_ratio")).alias("power_ratio_mean"),
        _std(summed, "power_w", pl.col("tdp_w")).alias("power_ratio_std"),
        mean(pl.col("tensor_active_std")).alias("tensor_active_inner_std"),
        mean(pl.when(pl.col("tdp_w") > 0).then(inner_power)).alias("power_inner_std"),
        mean(pl.col("sync_ratio")).alias("sync_ratio_mean"),
        mean(pl.col("step_period_s")).alias("step_period_s_mean"),
        pl.when(whole > 0).then(counted / whole).alias("telemetry_ratio"),
        (whole / 3_600_000.0).alias("device_hours"),
        mean(pl.col("peak_16bit_expected")).alias("peak_operations_per_second"),
    ]


def _shapes(summed: Aggregates) -> list[pl.Expr]:
    """Shapes over the hours, and figures held against each other.

    Nothing here depends on how often an hour was read: it compares hours, or totals.
    """
    use = _mean(summed, pl.col("gpu_util"))
    operations = pl.col("tensor_active") * pl.col("peak_believed")
    writes = _hourly(_rate("storage_write_bytes"))
    power = _mean(summed, pl.col("power_ratio"))
    return [
        _spread(summed, _hourly(pl.col("gpu_util"))).alias("gpu_util_hour_std"),
        _spread(summed, _hourly(pl.col("power_ratio"))).alias("power_hour_std"),
        (_spread(summed, writes) / _positive(_mean(summed, writes))).alias(
            "storage_write_hour_swing"
        ),
        (power / pl.when(use >= 0.05).then(use)).alias("power_over_use"),
        *[
            (
                _mean(summed, _beside(_rate(f"{link}_bytes"), operations))
                / _positive(_mean(summed, _beside(operations, _rate(f"{link}_bytes"))))
                * _PER_OPERATIONS
            ).alias(f"{link}_bytes_per_billion_operations")
            for link in ("nvlink", "fabric")
        ],
        _following(summed, _hourly(_rate("egress_bytes")), _hourly(pl.col("activity"))).alias(
            "egress_follows_use"
        ),
    ]


def _rate(field: str) -> pl.Expr:
    """Bytes per device and second; the state has them per resource."""
    time = pl.col("device_ms")
    return pl.col(field) * pl.when(time > 0).then(pl.col("resource_ms") / time)


def _hourly(value: pl.Expr) -> pl.Expr:
    """Leave out old buckets, which were merged to days."""
    return pl.when(pl.col("width_hours") == 1).then(value)


def _beside(value: pl.Expr, other: pl.Expr) -> pl.Expr:
    return pl.when(other.is_not_null()).then(value)


def _positive(value: pl.Expr) -> pl.Expr:
    return pl.when(value > 0).then(value)


def _mean(summed: Aggregates, value: pl.Expr) -> pl.Expr:
    weight = summed.sum(pl.when(value.is_not_null()).then(pl.col("device_ms")))
    return pl.when(weight > 0).then(summed.sum(value * pl.col("device_ms")) / weight)


def _std(summed: Aggregates, field: str, unit: pl.Expr) -> pl.Expr:
    """Standard deviation over readings and strands of a field, in units of ``unit``."""
    mean = _mean(summed, pl.col(field) / unit)
    square = _mean(summed, pl.col(f"{field}.square") / unit**2)
    return _variance(square, mean).sqrt()


def _spread(summed: Aggregates, value: pl.Expr) -> pl.Expr:
    """Standard deviation of a figure over the hours; null where there is one hour."""
    variance = _variance(_mean(summed, value**2), _mean(summed, value))
    return pl.when(_hours(summed, value) > 1).then(variance.sqrt())


def _variance(square: pl.Expr, mean: pl.Expr) -> pl.Expr:
    """Mean square less squared mean; what is no more than their last digits is nothing."""
    apart = square - mean**2
    return pl.when(apart > square * _NOISE).then(apart).otherwise(apart * 0.0)


def _hours(summed: Aggregates, value: pl.Expr) -> pl.Expr:
    """Hours from the first that has a figure to the last, both included."""
    told = _beside(pl.col("bucket"), value)
    return summed.most(told) - summed.least(told) + 1


def _following(summed: Aggregates, value: pl.Expr, other: pl.Expr) -> pl.Expr:
    """How far one figure rises and falls with another over the hours, -1 to 1."""
    one, two = _beside(value, other), _beside(other, value)
    means = [_mean(summed, each) for each in (one, two)]
    squares = [_mean(summed, each**2) for each in (one, two)]
    apart = _mean(summed, one * two) - means[0] * means[1]
    scale = _variance(squares[0], means[0]) * _variance(squares[1], means[1])
    is_told = (_hours(summed, one) >= _FOLLOWING_HOURS_MIN) & (scale > 0)
    return pl.when(is_told).then((apart / scale.sqrt()).clip(-1.0, 1.0))


def _class_shares(summed: Aggregates) -> list[pl.Expr]:
    time = pl.col("device_ms")
    whole = summed.sum(time)
    return [
        pl.when(whole > 0)
        .then(summed.sum(pl.when(pl.col(c).is_in(v).fill_null(value=False)).then(time)) / whole)
        .alias(name)
        for name, (c, v) in _CLASSES.items()
    ]


def _sizes(levels: pl.DataFrame) -> pl.DataFrame:
    """Peak concurrent accelerators and resources, and the span from first to last."""
    held = ("devices_ppb", "resources")
    edges = [
        levels.select(
            "work",
            pl.col(at).alias("at_ms"),
            *[(pl.col(c) * sign).cast(pl.Int128).alias(c) for c in held],
        )
        for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    steps = (
        pl.concat(edges)
        .group_by("work", "at_ms")
        .agg(pl.col(held).sum())
        .sort("work", "at_ms")
        .with_columns(pl.col(held).cum_sum())
    )
    found = steps.group_by("work").agg(
        devices_max=pl.col("devices_ppb").max().cast(pl.Float64) / PPB,
        resources_count=pl.col("resources").max().cast(pl.Float64),
        duration_hours=(pl.col("at_ms").max() - pl.col("at_ms").min()) / 3_600_000.0,
    )
    return found.join(_gangs(steps), on="work", how="left")


def _gangs(steps: pl.DataFrame) -> pl.DataFrame:
    """Largest share of the accelerators that came, and that went, within a quarter of an hour."""
    levels = (
        steps.group_by("work", slot=pl.col("at_ms") // _AT_ONCE_MS)
        .agg(held=pl.col("devices_ppb").last())
        .sort("work", "slot")
        .with_columns(change=pl.col("held") - pl.col("held").shift(1, fill_value=0).over("work"))
    )
    most = pl.col("held").max().cast(pl.Float64)
    change = pl.col("change").cast(pl.Float64)
    ratio = {"gang_start_ratio": change.max(), "gang_stop_ratio": -change.min()}
    return levels.group_by("work").agg(
        **{name: pl.when(most > 0).then(each / most).clip(0.0, 1.0) for name, each in ratio.items()}
    )


def _rhythm(rows: pl.DataFrame) -> pl.DataFrame:
    """Relative amplitude of use over the hour of the day, of workloads that last two days.

    Where earlier hours are merged to days, few are left: a last day cut short is then left out,
    or steady work would seem to rest in the hours that the day does not have.
    """
    use = pl.col("device_ms") * pl.coalesce("activity", "tensor_active", pl.lit(1.0))
    is_merged = (pl.col("width_hours") > 1).any().over("work")
    last, day = pl.col("bucket").max().over("work") + 1, pl.col("bucket") // DAY_HOURS
    hours = (
        rows.select("work", "width_hours", "bucket", use=use)  # of all columns a filter is dear
        .filter((pl.col("width_hours") == 1) & (~is_merged | (day < last // DAY_HOURS)))
        .group_by("work", hour_of_day=pl.col("bucket") % DAY_HOURS)
        .agg(pl.col("use").sum(), bucket_count=pl.col("bucket").n_unique())
    )
    low = pl.when(pl.len() == DAY_HOURS).then(pl.col("use").min()).otherwise(0.0)
    return (
        hours.group_by("work")
        .agg(
            amplitude=(pl.col("use").max() - low) / (pl.col("use").max() + low).replace(0.0, None),
            days=pl.col("bucket_count").max(),
        )
        .select("work", day_night_ratio=pl.when(pl.col("days") >= 2).then("amplitude"))
    )
