"""One polars schema for every frame that crosses a module boundary.

Instants are ``Datetime("ms", "UTC")`` in frames of events and ``Int64`` milliseconds since the
epoch inside the accumulated state. Columns that carry a contract field keep the contract's name;
nested fields are written with a dot (``telemetry.power_w``), as in the Arrow carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
from polars.datatypes import DataTypeClass

INSTANT: Final = pl.Datetime("ms", "UTC")


def _schema(columns: Mapping[str, pl.DataType | DataTypeClass]) -> pl.Schema:
    return pl.Schema(columns)


TELEMETRY_RATIOS: Final = (
    "gpu_util",
    "sm_active",
    "tensor_active",
    "fp64_active",
    "fp32_active",
    "fp16_active",
    "dram_active",
    "tensor_active_std",
    "sync_ratio",
)
#: What tells of the device at work: its pipes, use and memory.
OF_DEVICE: Final = tuple(f for f in TELEMETRY_RATIOS if f.endswith("_active") or f == "gpu_util")
TELEMETRY_LEVELS: Final = ("power_w", "power_w_std", "step_period_s")
TELEMETRY_AMOUNTS: Final = (
    "energy_j",
    "nvlink_bytes",
    "fabric_bytes",
    "ingress_bytes",
    "egress_bytes",
    "storage_read_bytes",
    "storage_write_bytes",
)
TELEMETRY_FIELDS: Final = TELEMETRY_RATIOS + TELEMETRY_LEVELS + TELEMETRY_AMOUNTS

#: The metered identifiers of a strand, exactly as sent (ARCHITECTURE law 1).
STRAND_FIELDS: Final = (
    "tenant_id",
    "job_id",
    "data_ref",
    "image_id",
    "cluster_id",
    "region",
    "zone",
    "site_id",
    "facility_country",
    "service_class",
    "purchase_option",
    "instance_type",
    "accelerator",
    "precision",
    "vantage",
)

#: What every accepted or candidate event carries, whatever its type. ``ordinal`` is the arrival
#: order inside one decoded chunk; the name and payload keys are 128 and 64 bit digests that do
#: not depend on the version of any library (see ``streams/codec``).
ENVELOPE: Final = _schema(
    {
        "ordinal": pl.Int64,
        "source": pl.String,
        "id": pl.String,
        "time": INSTANT,
        "name_hi": pl.UInt64,
        "name_lo": pl.UInt64,
        "payload_digest": pl.UInt64,
    }
)

USAGE_DATA: Final = _schema(
    {
        "tenant_id": pl.String,
        "resource_id": pl.String,
        "start": INSTANT,
        "end": INSTANT,
        "instance_type": pl.String,
        "accelerator": pl.String,
        "accelerator_count": pl.Int64,
        "partition_fraction": pl.Float64,
        "region": pl.String,
        "zone": pl.String,
        "site_id": pl.String,
        "facility_country": pl.String,
        "cluster_id": pl.String,
        "job_id": pl.String,
        "image_id": pl.String,
        "data_ref": pl.String,
        "service_class": pl.String,
        "purchase_option": pl.String,
        "vantage": pl.String,
        "precision": pl.String,
        **{f"telemetry.{name}": pl.Float64 for name in TELEMETRY_FIELDS},
    }
)

#: One decoded ``trainwatch.usage.v1`` event a row.
USAGE_EVENTS: Final = _schema({**ENVELOPE, **USAGE_DATA})

#: One decoded ``trainwatch.usage.correction.v1`` event a row. Its two usage payloads stand in two
#: frames of schema USAGE_EVENTS with the same ``ordinal`` (no replacement row = a void).
#: ``original_name_*`` names the event corrected; ``original_digest`` is the payload digest that
#: event must have; ``replacement_digest`` is that of the replacement, null for a void.
CORRECTIONS: Final = _schema(
    {
        **ENVELOPE,
        "original_source": pl.String,
        "original_id": pl.String,
        "original_name_hi": pl.UInt64,
        "original_name_lo": pl.UInt64,
        "original_digest": pl.UInt64,
        "replacement_digest": pl.UInt64,
    }
)

#: Every other event type: low volume, kept as canonical JSON text of its known fields.
RECORDS: Final = _schema({**ENVELOPE, "type": pl.String, "data": pl.String})

#: Claimed names. ``kind``: 0 an event, 1 a correction's claim on the event it voids,
#: 2 the payload a later correction of this correction must name.
NAMES: Final = _schema(
    {
        "kind": pl.UInt8,
        "name_hi": pl.UInt64,
        "name_lo": pl.UInt64,
        "payload_digest": pl.UInt64,
        "time": INSTANT,
    }
)

#: The accumulated state, three frames. ``strand`` is a row number local to one ``Usage`` value.
STRANDS: Final = _schema({"strand": pl.UInt32, **dict.fromkeys(STRAND_FIELDS, pl.String)})
#: Which figures tell how busy an accelerator was, as bits: its pipes, its use, its power.
SEEN: Final = {
    1: ("tensor_active",),
    2: ("sm_active", "gpu_util"),
    4: ("power_w", "energy_j"),
}
#: Signed step functions: at instant ``at_ms`` the number of events that cover the resource on this
#: strand with this device count changes by ``delta``. ``devices`` is null where only the instance
#: type was metered; ``fraction_ppb`` is the partition fraction in parts per 10^9; ``seen`` is the
#: sum of SEEN over the kinds of telemetry that came with the event. ``hour`` is the whole hour
#: (since the epoch) of the first assessment that knows the row, 0 once assessed.
COVERAGE: Final = _schema(
    {
        "hour": pl.Int32,
        "strand": pl.UInt32,
        "resource_id": pl.String,
        "devices": pl.Int64,
        "fraction_ppb": pl.Int64,
        "seen": pl.Int8,
        "at_ms": pl.Int64,
        "delta": pl.Int64,
    }
)

#: Telemetry whose squares are kept too, for its variability.
SQUARED_FIELDS: Final = ("tensor_active", "gpu_util", "power_w")
#: Key columns of the telemetry frame. ``bucket`` counts hours since the epoch and ``width_hours``
#: is 1, or 24 once merged to a day. For each metered field X the frame has ``X.sum`` (integer
#: value x weight) and ``X.weight`` (milliseconds, times the metered device count for figures that
#: are means over accelerators), and ``X.square`` for SQUARED_FIELDS: Int128, or Int64 in what was
#: not merged yet and fits. A field that was never metered has no columns. Of figures that physics
#: does not allow see ``features.dropped``.
TELEMETRY_KEYS: Final = _schema(
    {
        "hour": pl.Int32,
        "strand": pl.UInt32,
        "bucket": pl.Int32,
        "width_hours": pl.Int8,
        "impossible_count": pl.Int64,
    }
)

#: Events that ``validate`` refuses.
REFUSED: Final = _schema({"ordinal": pl.Int64, "reason": pl.String, "detail": pl.String})


class SchemaError(Exception):
    """A frame does not have the columns its boundary promises; a defect in the program."""


def beside(rows: pl.DataFrame, lookup: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Add the columns of a lookup to each row, null where it has none; rows keep their order.

    ``lookup`` has one row a key. A join of the whole frame would copy every column of it.
    """
    found = rows.select(on).join(lookup, on=on, how="left", maintain_order="left")
    return rows.hstack(found.drop(on))


def conform(frame: pl.DataFrame, schema: pl.Schema, name: str) -> pl.DataFrame:
    """Select exactly the schema's columns in its order; raise SchemaError where one differs."""
    found = dict(zip(frame.columns, frame.dtypes, strict=True))  # polars makes a Schema at a cost
    missing = [column for column in schema if column not in found]
    if missing:
        raise SchemaError(f"frame {name}: expected columns {missing}, found {list(found)}")
    wrong = {c: found[c] for c in schema if found[c] != schema[c]}
    if wrong:
        wanted = {c: schema[c] for c in wrong}
        raise SchemaError(f"frame {name}: expected types {wanted}, found {wrong}")
    return frame.select(list(schema))
