"""The most that metered time can be expected to be, per tenant: a bound that costs one pass."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from features.accumulate import Usage
from features.compute import HARDWARE_FIELDS, PPB, Catalogue, added, specify_kinds


def priced(strands: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Say what bounds each kind of hardware: (HARDWARE_FIELDS, catalogue_count, most).

    One row a kind. ``most``: the operations per second of one accelerator with every pipe busy.
    """
    prior = catalogue.prior
    executed = added(map(pl.col, ("peak_believed", "peak_fp64", "peak_fp32")))
    wide = pl.coalesce("peak_16bit_expected", "peak_expected")
    most = pl.max_horizontal(executed * prior.algorithmic.expected, wide * prior.ceiling)
    kinds = strands.select(HARDWARE_FIELDS).unique(maintain_order=True).with_row_index("kind")
    return specify_kinds(kinds, catalogue.names).select(
        *HARDWARE_FIELDS, "catalogue_count", most=most
    )


def exposure(usage: Usage, kinds: pl.DataFrame, also: Sequence[str] = ()) -> pl.DataFrame:
    """Say what bounds each tenant's expected operations: (tenant_id, device_seconds, most).

    ``also``: further columns of the coverage to tell it by.

    ``kinds``: ``priced`` of all hardware that the usage names. ``device_seconds`` is device time
    counted as often as it was metered; ``most`` the operations
    per second of the tenant's best hardware with every pipe busy. The sum of the first over all
    batches times the largest of the second bounds every later expected total: no method expects
    more than the algorithmic share of what the pipes can execute, or than the prior's ceiling of
    the 16-bit peak (``features.methods``), and whichever vantage names the
    hardware of a resource, it is among the tenant's.
    """
    specs = (
        usage.strands.select("strand", "tenant_id", *HARDWARE_FIELDS)
        .join(kinds, on=HARDWARE_FIELDS, how="left", nulls_equal=True)
        .select("strand", "tenant_id", "catalogue_count", "most")
    )
    devices = pl.coalesce(
        pl.col("devices").cast(pl.Float64), pl.col("catalogue_count"), pl.lit(0.0)
    )
    # The integral of a step function is the sum of -delta x instant: exact, before any float.
    resource_ms = -(pl.col("delta").cast(pl.Int128) * pl.col("at_ms")).sum().cast(pl.Float64)
    return (
        usage.coverage.group_by("strand", "devices", "fraction_ppb", *also)
        .agg(resource_ms=resource_ms)
        .join(specs, on="strand", how="left")
        .group_by("tenant_id", *also)
        .agg(
            device_seconds=(
                pl.col("resource_ms") / 1000.0 * devices * pl.col("fraction_ppb") / PPB
            ).sum(),
            most=pl.col("most").fill_null(0.0).max(),
        )
    )


def most_an_hour(catalogue: Catalogue) -> float:
    """Give the most operations that an hour of any accelerator can be expected to be."""
    peaks = catalogue.accelerators.select(pl.max_horizontal(pl.col("^peak_.*$")).max()).item()
    return float(peaks or 0.0) * catalogue.prior.most_expected * 3600.0
