"""Usage data to labelled feature rows, through the pipeline that serves: the same code, always."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from detector.classifier.manifest import FEATURE_NAMES
from detector.policy.physics import parse_physics
from features.accumulate import accumulate, merge
from features.compute import PRECISIONS, Catalogue, moments
from features.names import alias_key
from features.physics import Physics
from features.pipeline import describe
from features.prior import flat
from features.schema import INSTANT, USAGE_DATA
from streams.reference import reference_texts
from streams.simulation.families import Hardware

_NO_SEGMENTS = pl.Schema(
    {"tenant_id": pl.String, "segment": pl.Int64, "from_ms": pl.Int64, "to_ms": pl.Int64}
)


def feature_rows(
    days: Iterable[pl.DataFrame], hardware: Iterable[Hardware], as_of_hour: int
) -> pl.DataFrame:
    """Give one feature row a workload: ``workload``, FEATURE_NAMES and ``resources_count``.

    ``days`` are frames with (some of) USAGE_DATA's columns, ``hardware`` what their accelerators
    are; ``as_of_hour`` counts hours since the epoch. What customers' own meters tell is in them:
    here they are true, and what a figure means is learnt from them as from the provider's.
    """
    usage = merge([accumulate(_accepted(day)) for day in days])
    segments = pl.DataFrame(schema=_NO_SEGMENTS)
    found = describe(usage, catalogue(hardware), segments, moments({as_of_hour: as_of_hour}))
    rows = pl.concat([found.told, found.rows]).unique("workload", keep="first").sort("workload")
    names = (*FEATURE_NAMES, "resources_count")
    return rows.select(
        "workload", *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in names)
    )


def catalogue(hardware: Iterable[Hardware]) -> Catalogue:
    """Give a catalogue of just these kinds of node, with the limits of what figures can be true.

    A peak that is not known is not-a-number.
    """
    kinds = list(hardware)
    peaks = {f"peak_{name}": pl.lit(None, pl.Float64) for name in PRECISIONS}
    accelerators = (
        pl.DataFrame(
            {
                "sku": [kind.accelerator for kind in kinds],
                "tdp_w": [kind.tdp_w for kind in kinds],
                "peak_16bit": [kind.peak_operations_per_second for kind in kinds],
            }
        )
        .with_columns(pl.col("peak_16bit").fill_nan(None))
        .with_columns(
            **{**peaks, "peak_bf16": pl.col("peak_16bit")},
            family=pl.lit(None, pl.String),
            memory_gb=pl.lit(None, pl.Float64),
            is_loose=pl.lit(value=False),
            alias_key=alias_key(pl.col("sku")),
        )
    )
    instances = pl.DataFrame(
        {
            "instance_type": [kind.instance_type for kind in kinds],
            "sku": [kind.accelerator for kind in kinds],
            "accelerator_count": [float(kind.device_count) for kind in kinds],
        }
    ).with_columns(
        alias_key=alias_key(pl.col("instance_type")),
        network_gbit_per_second=pl.lit(None, pl.Float64),
        network_kind=pl.lit(None, pl.String),
    )
    level = flat(low=0.15, expected=0.35, high=0.60)
    return Catalogue(accelerators, instances, level, _limits())


@cache
def _limits() -> Physics:
    return parse_physics(reference_texts()["physics.toml"]).physics()


def _accepted(day: pl.DataFrame) -> pl.DataFrame:
    """Fill the contract's other columns with nulls; every row counts once and is known at once."""
    absent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in USAGE_DATA.items()
        if name not in day.columns
    ]
    return day.with_columns(
        *absent,
        pl.col("start", "end").cast(INSTANT),
        hour=pl.lit(0, pl.Int32),
        sign=pl.lit(1, pl.Int64),
    )
