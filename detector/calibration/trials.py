"""Measured runs as usage events, estimated by the product's own code with a given prior."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from features.accumulate import accumulate
from features.compute import HOUR_MS, Catalogue, moments
from features.pipeline import describe
from features.prior import Prior
from features.schema import INSTANT, USAGE_DATA

#: Every made-up run starts here, in hours since the epoch; nothing depends on it.
START_HOUR: Final = 480_000
#: An event covers at most 31 days.
EVENT_MS: Final = 24 * 30 * HOUR_MS
#: Accelerators at once where a publication does not say: the middle of those that do.
USUAL_DEVICES: Final = 512
_SEGMENTS: Final = pl.Schema(
    {"tenant_id": pl.String, "segment": pl.Int64, "from_ms": pl.Int64, "to_ms": pl.Int64}
)


def usage_of(cases: pl.DataFrame) -> pl.DataFrame:
    """Give usage data of CASES: one allocation each, metered by device time alone.

    Where ``power_w`` stands beside a case it is metered at the plug.
    """
    devices = pl.col("devices").fill_null(USUAL_DEVICES)
    length = (pl.col("device_hours") / devices * HOUR_MS).round().cast(pl.Int64).clip(1)
    start = pl.lit(START_HOUR * HOUR_MS, pl.Int64)
    has_power = "power_w" in cases.columns
    return (
        cases.with_columns(length=length)
        .with_columns(at=pl.int_ranges(0, pl.col("length"), EVENT_MS))
        .explode("at")
        .select(
            tenant_id="case_id",
            resource_id="case_id",
            job_id="case_id",
            accelerator="sku",
            accelerator_count=devices.cast(pl.Int64),
            start=(start + pl.col("at")).cast(INSTANT),
            end=(start + pl.min_horizontal(pl.col("at") + EVENT_MS, "length")).cast(INSTANT),
            **(
                {"telemetry.power_w": pl.col("power_w"), "vantage": pl.lit("bmc")}
                if has_power
                else {}
            ),
        )
    )


def estimated(usage: pl.DataFrame, catalogue: Catalogue, prior: Prior) -> pl.DataFrame:
    """Give (case_id, low, expected, high, hardware) of each tenant, through ``describe``.

    The first three are algorithmic operations, the last is what the hardware executed.
    """
    absent = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in USAGE_DATA.items()
        if name not in usage.columns
    ]
    known = usage.with_columns(*absent, hour=pl.lit(0, pl.Int32), sign=pl.lit(1, pl.Int64))
    newest = int(known.select(pl.col("end").dt.epoch("ms").max()).item()) // HOUR_MS + 1
    described = describe(
        accumulate(known),
        replace(catalogue, prior=prior),
        pl.DataFrame(schema=_SEGMENTS),
        moments({newest: newest}),
    )
    return (
        described.cells.group_by(case_id="tenant_id")
        .agg(
            low=pl.col("operations_low").sum(),
            expected=pl.col("operations_expected").sum(),
            high=pl.col("operations_high").sum(),
            hardware=pl.col("hardware_operations_expected").sum(),
        )
        .with_columns(pl.col("low", "expected", "high", "hardware").cast(pl.Float64))
        .sort("case_id")
    )
