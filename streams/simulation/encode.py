"""Readings to events: the contract's JSON, built column by column, and the same as a wide frame."""

from __future__ import annotations

import json
from typing import Final

import polars as pl

from streams.simulation.meter import FIELDS
from streams.simulation.workload import SITES, Workload

#: Whole numbers in the contract's telemetry, so that they are written without a fraction.
_AMOUNTS: Final = frozenset(name for name in FIELDS if name.endswith("_bytes"))


_IDENTIFIERS: Final = pl.Schema(
    {
        "tenant_id": pl.String(),
        "instance_type": pl.String(),
        "accelerator": pl.String(),
        "accelerator_count": pl.Int64(),
        "region": pl.String(),
        "zone": pl.String(),
        "site_id": pl.String(),
        "facility_country": pl.String(),
        "cluster_id": pl.String(),
        "job_id": pl.String(),
        "data_ref": pl.String(),
        "service_class": pl.String(),
        "purchase_option": pl.String(),
        "vantage": pl.String(),
        "precision": pl.String(),
        "image_id": pl.String(),
        "partition_fraction": pl.Float64(),
    }
)


def identifiers(workload: Workload) -> dict[str, str | float | None]:
    """Give the usage fields that are the same in every event of a workload."""
    region, zone, site, country = SITES[workload.site]
    whole_node = (
        workload.accelerator is None
        and workload.resource_device_count == workload.hardware.device_count
    )
    return {
        "tenant_id": workload.tenant_id,
        "instance_type": workload.hardware.instance_type if whole_node else None,
        "accelerator": None
        if whole_node
        else workload.accelerator or workload.hardware.accelerator,
        "accelerator_count": None if whole_node else workload.resource_device_count,
        "region": region,
        "zone": zone,
        "site_id": site,
        "facility_country": country,
        "cluster_id": workload.cluster_id,
        "job_id": workload.job_id,
        "data_ref": workload.data_ref,
        "service_class": workload.service_class,
        "purchase_option": workload.purchase_option,
        "vantage": workload.vantage,
        "precision": workload.precision,
        "image_id": workload.image_id,
        "partition_fraction": None
        if workload.partition_fraction == 1.0
        else workload.partition_fraction,
    }


def usage_data(rows: pl.DataFrame, workloads: tuple[Workload, ...]) -> pl.DataFrame:
    """Give the readings as usage data, one column a contract field, telemetry with its prefix."""
    constants = pl.DataFrame(
        [identifiers(workload) for workload in workloads], schema=_IDENTIFIERS
    ).with_columns(pl.int_range(pl.len()).alias("workload"))
    return (
        rows.join(constants, on="workload", how="left", maintain_order="left")
        .with_columns(
            pl.from_epoch("start_ms", time_unit="ms").dt.replace_time_zone("UTC").alias("start"),
            pl.from_epoch("end_ms", time_unit="ms").dt.replace_time_zone("UTC").alias("end"),
        )
        .rename({field: f"telemetry.{field}" for field in FIELDS})
        .drop("start_ms", "end_ms")
    )


def heads(workloads: tuple[Workload, ...]) -> pl.Series:
    """Give the beginning of each workload's usage data, which is the same in all its events."""
    texts = [
        json.dumps(
            {k: v for k, v in identifiers(w).items() if v is not None}, separators=(",", ":")
        )[:-1]
        for w in workloads
    ]
    return pl.Series("head", texts, dtype=pl.String)


def with_data(rows: pl.DataFrame, head: pl.Series) -> pl.DataFrame:
    """Add the column ``data``: the JSON text of each reading's usage data; ``head``: ``heads``."""
    measured = pl.concat_str([_field(name) for name in FIELDS])
    return (
        rows.with_columns(
            head.gather(rows["workload"]).alias("head"),
            measured.alias("measured"),
        )
        .with_columns(
            pl.concat_str(
                pl.col("head"),
                pl.lit(',"resource_id":"'),
                pl.col("resource_id"),
                pl.lit('","start":"'),
                instant("start_ms"),
                pl.lit('","end":"'),
                instant("end_ms"),
                pl.when(pl.col("measured") == "")
                .then(pl.lit('"}'))
                .otherwise(
                    pl.concat_str(
                        pl.lit('","telemetry":{'),
                        pl.col("measured").str.slice(1),
                        pl.lit("}}"),
                    )
                ),
            ).alias("data")
        )
        .drop("head", "measured")
    )


def event_lines() -> pl.Expr:
    """Give the whole structured-mode event of rows with ``source, id, time_ms, kind, data``."""
    return pl.concat_str(
        pl.lit('{"specversion":"1.0","id":"'),
        pl.col("id"),
        pl.lit('","source":"'),
        pl.col("source"),
        pl.lit('","type":"'),
        pl.col("kind"),
        pl.lit('","time":"'),
        instant("time_ms"),
        pl.lit('","data":'),
        pl.col("data"),
        pl.lit("}"),
    )


def instant(column: str) -> pl.Expr:
    """Write milliseconds since the epoch as RFC 3339 in UTC."""
    return pl.from_epoch(column, time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")


def _field(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Int128) if name in _AMOUNTS else pl.col(name)
    return (
        pl.when(pl.col(name).is_not_null())
        .then(pl.concat_str(pl.lit(f',"{name}":'), value.cast(pl.String)))
        .otherwise(pl.lit(""))
    )
