"""Workloads to signatures: the few marks by which two pieces of one training know each other.

A signature is small whatever the workload's size: what it ran from and on, how many accelerators,
the instants at which the gang began and stopped as one, and the mean period of a training step.
Signatures of all parts of the state are compared together; see ``features.links``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.accumulate import Usage
from features.compute import HOUR_MS, PPB, added, quantum

KEY: Final = "workload"
#: Steps of one sign this close together are one beginning, or one stop, of the gang.
GANG_GAP_MS: Final = 2 * 60_000
#: A change of this share of the largest size is a beginning or a stop of the whole gang.
GANG_SHARE: Final = 0.5
#: Beginnings and stops kept of one workload, the first ones; a run of 90 restarts has 90 of each.
EDGES_MAX: Final = 256
#: An hour at less than this share of the workload's median pace is idle; less than a day of hours
#: makes no median.
IDLE_SHARE: Final = 0.5
IDLE_HOURS_MIN: Final = 24
#: Columns of a cell: device seconds on which a reading of the work itself binds.
_METERED: Final = ("seconds_counters", "seconds_utilisation", "seconds_power")
#: Spacings of metered instants that are told apart, coarsest first.
GRAINS_MS: Final = (86_400_000, 3_600_000, 300_000, 60_000, 1_000, 1)

_TEXTS: Final = pl.List(pl.String())
_INSTANTS: Final = pl.List(pl.Int64())
#: One row a workload. ``hardware``: catalogue names, ``?`` where it knows none; ``devices_max``:
#: most accelerators at once; ``starts_ms``, ``stops_ms``: of the whole gang, ascending;
#: ``pauses_ms``: whole hours in which it fell idle while it kept its accelerators, ascending;
#: ``grain_ms``: the coarsest spacing on which all of those lie, for a meter that reads by the hour
#: cannot tell minutes; ``step_period_s``: null where never metered.
SIGNATURES: Final = pl.Schema(
    {
        KEY: pl.String(),
        "tenant_ids": _TEXTS,
        "image_ids": _TEXTS,
        "cluster_ids": _TEXTS,
        "regions": _TEXTS,
        "hardware": pl.String(),
        "devices_max": pl.Float64(),
        "first_ms": pl.Int64(),
        "last_ms": pl.Int64(),
        "grain_ms": pl.Int64(),
        "starts_ms": _INSTANTS,
        "stops_ms": _INSTANTS,
        "pauses_ms": _INSTANTS,
        "step_period_s": pl.Float64(),
    }
)
#: How many tenants use an image: what it says that two workloads share it. The row without an
#: image counts the tenants that name any.
COMMONS: Final = pl.Schema({"image_id": pl.String(), "tenant_count": pl.UInt32()})


def signatures(
    workloads: pl.DataFrame,
    usage: Usage,
    levels: pl.DataFrame,
    specs: pl.DataFrame,
    cells: pl.DataFrame,
) -> pl.DataFrame:
    """Give the SIGNATURES of some workloads, as known at one hour.

    ``workloads``: (strand, workload) of all their strands; ``levels``, ``specs`` and
    ``cells``: of the pipeline's ``Described``, at that hour alone.
    """
    if workloads.height == 0:
        return pl.DataFrame(schema=SIGNATURES)
    held = levels.join(workloads, on="strand", how="inner")
    rows = (
        _marks(workloads, usage.strands, specs)
        .join(_sizes(held), on=KEY, how="inner")
        .join(_rhythm(workloads, usage.telemetry), on=KEY, how="left")
        .join(_pauses(cells.join(workloads.select(KEY).unique(), on=KEY)), on=KEY, how="left")
        .with_columns(pl.col("pauses_ms").fill_null(pl.lit([], _INSTANTS)))
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in SIGNATURES.items()).sort(KEY)


def commons(strands: pl.DataFrame) -> pl.DataFrame:
    """Count the tenants of every image of a part of the state: COMMONS."""
    used = strands.select("image_id", "tenant_id").drop_nulls().unique()
    each = used.group_by("image_id").agg(tenant_count=pl.len().cast(pl.UInt32))
    naming = used.select(tenant_count=pl.col("tenant_id").n_unique().cast(pl.UInt32))
    all_ = naming.select(pl.lit(None, pl.String).alias("image_id"), "tenant_count")
    return pl.concat([all_, each]).sort("image_id")


def _marks(workloads: pl.DataFrame, strands: pl.DataFrame, specs: pl.DataFrame) -> pl.DataFrame:
    """What the strands of each workload name."""
    texts = {
        "tenant_ids": "tenant_id",
        "image_ids": "image_id",
        "cluster_ids": "cluster_id",
        "regions": "region",
    }
    return (
        workloads.join(strands, on="strand", how="inner")
        .join(specs.select("strand", "sku"), on="strand", how="left")
        .group_by(KEY)
        .agg(
            *[pl.col(c).drop_nulls().unique().sort().alias(name) for name, c in texts.items()],
            hardware=pl.col("sku").fill_null("?").unique().sort().str.join(" + "),
        )
    )


def _sizes(held: pl.DataFrame) -> pl.DataFrame:
    """Largest size, first and last instant, and when the gang began and stopped."""
    sides = [
        held.select(KEY, at_ms=at, step=(pl.col("devices_ppb") * sign).cast(pl.Int128))
        for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    # Every workload's steps sum to nothing, so one running sum serves them all.
    steps = (
        pl.concat(sides)
        .group_by(KEY, "at_ms")
        .agg(pl.col("step").sum())
        .filter(pl.col("step") != 0)
        .sort(KEY, "at_ms")
        .with_columns(size=pl.col("step").cum_sum())
    )
    whole = steps.group_by(KEY).agg(
        most=pl.col("size").max(), first_ms=pl.col("at_ms").min(), last_ms=pl.col("at_ms").max()
    )
    edges = steps.join(whole, on=KEY)
    sized = whole
    for name, sign, which in (("starts_ms", 1, "min"), ("stops_ms", -1, "max")):
        found = _gang_edges(edges.with_columns(pl.col("step") * sign), which)
        sized = sized.join(found.rename({"at_ms": name}), on=KEY, how="left")
    lists = [pl.col(c).fill_null(pl.lit([], _INSTANTS)) for c in ("starts_ms", "stops_ms")]
    sized = sized.with_columns(*lists, devices_max=pl.col("most").cast(pl.Float64) / PPB)
    return sized.join(_grains(sized), on=KEY, how="left")


def _gang_edges(steps: pl.DataFrame, which: str) -> pl.DataFrame:
    """Steps close together count as one; those of half the gang are kept: (workload, at_ms)."""
    ups = steps.filter(pl.col("step") > 0).sort(KEY, "at_ms")
    is_new = (pl.col("at_ms").diff() > GANG_GAP_MS) | (pl.col(KEY) != pl.col(KEY).shift(1))
    at = pl.col("at_ms").min() if which == "min" else pl.col("at_ms").max()
    return (
        ups.with_columns(group=is_new.fill_null(value=True).cum_sum())
        .group_by(KEY, "group")
        .agg(at, pl.col("step").sum(), pl.col("most").first())
        .filter(pl.col("step").cast(pl.Float64) >= GANG_SHARE * pl.col("most").cast(pl.Float64))
        .sort(KEY, "at_ms")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("at_ms").head(EDGES_MAX))
    )


def _grains(sized: pl.DataFrame) -> pl.DataFrame:
    """Find the coarsest spacing on which every kept instant of a workload lies."""
    grain = pl.lit(1, pl.Int64)
    for spacing in reversed(GRAINS_MS):
        on_it = pl.col("at_ms") % spacing == 0
        grain = pl.when(on_it).then(pl.lit(spacing, pl.Int64)).otherwise(grain)
    instants = pl.concat_list("first_ms", "last_ms", "starts_ms", "stops_ms")
    return (
        sized.select(KEY, at_ms=instants).explode("at_ms").group_by(KEY).agg(grain_ms=grain.min())
    )


def _rhythm(workloads: pl.DataFrame, telemetry: pl.DataFrame) -> pl.DataFrame:
    """Mean step period over everything metered of a workload, in seconds."""
    if "step_period_s.sum" not in telemetry.columns:
        return pl.DataFrame(schema={KEY: pl.String, "step_period_s": pl.Float64})
    total, weight = pl.col("step_period_s.sum").sum(), pl.col("step_period_s.weight").sum()
    return (
        telemetry.join(workloads, on="strand", how="inner")
        .group_by(KEY)
        .agg(total=total.cast(pl.Float64), weight=weight.cast(pl.Float64))
        .filter((pl.col("weight") > 0) & (pl.col("total") > 0))
        .select(KEY, step_period_s=pl.col("total") / pl.col("weight") / quantum("step_period_s"))
    )


def _pauses(cells: pl.DataFrame) -> pl.DataFrame:
    """Find the hours in which a metered workload fell idle: (workload, pauses_ms)."""
    hours = (
        cells.filter(pl.col("width_hours") == 1)
        .group_by(KEY, "bucket")
        .agg(
            pl.col("operations_expected").sum().cast(pl.Float64),
            pl.col("device_ms", *_METERED).sum(),
        )
        .filter(added(map(pl.col, _METERED)) * 2000.0 >= pl.col("device_ms"))
        .with_columns(pace=pl.col("operations_expected") / pl.col("device_ms"))
        .sort(KEY, "bucket")
        .with_columns(
            is_idle=(pl.col("pace") < IDLE_SHARE * pl.col("pace").median().over(KEY))
            & (pl.len().over(KEY) >= IDLE_HOURS_MIN)
        )
    )
    before = pl.col("is_idle").shift(1, fill_value=False) & (pl.col("bucket").diff() == 1)
    is_first = pl.col("is_idle") & ~(before & (pl.col(KEY) == pl.col(KEY).shift(1))).fill_null(
        value=False
    )
    return (
        hours.with_columns(is_first=is_first)
        .filter("is_first")
        .group_by(KEY, maintain_order=True)
        .agg(pauses_ms=(pl.col("bucket").cast(pl.Int64) * HOUR_MS).head(EDGES_MAX))
    )
