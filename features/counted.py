"""Counters of accelerators at work on resources to which the catalogue gives no accelerator.

An instance type that is unknown, or known to carry none, computes nothing in any total. Where the
pipes or the use of accelerators were read there all the same, something computed. On machines that
are known to have none the provider's own meters tell so: a customer's exporter that writes the load
of processors into these fields is no accelerator.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PROVIDER_TRUST, as_known
from features.schema import SEEN

#: Figures that only an accelerator has; power may be that of the whole machine.
_OWN: Final = (*SEEN[1], *SEEN[2])

#: For how long they were read, per tenant and instance type as metered. Milliseconds of resources,
#: times the device count where one was sent; a resource at rest counts in an hour in which another
#: of its strand was at work.
COUNTED: Final = pl.Schema(
    {
        "as_of": pl.Int32(),
        "tenant_id": pl.String(),
        "instance_type": pl.String(),
        "counted_ms": pl.Int64(),
    }
)


def counted(
    telemetry: pl.DataFrame, strands: pl.DataFrame, specs: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Give COUNTED: ``specs`` are of ``features.compute.specify``, ``known`` as it takes them."""
    fields = [f for f in _OWN if f"{f}.sum" in telemetry.columns]
    is_heard = ~pl.col("is_known") | (pl.col("trust") <= PROVIDER_TRUST)
    bare = strands.filter(pl.col("accelerator").is_null()).join(
        specs.filter(pl.col("sku").is_null() & is_heard).select("strand"), on="strand", how="semi"
    )
    if bare.is_empty() or not fields:
        return pl.DataFrame(schema=COUNTED)
    length = pl.max_horizontal(
        pl.when(pl.col(f"{f}.sum") > 0).then(pl.col(f"{f}.weight")) for f in fields
    )
    return (
        telemetry.join(bare.select("strand"), on="strand", how="semi")
        .pipe(as_known, known)
        .group_by("as_of", "strand", "bucket")
        .agg(pl.col(f"{f}.{part}").sum() for f in fields for part in ("sum", "weight"))
        .with_columns(counted_ms=length.fill_null(0).cast(pl.Int64))
        .join(bare.select("strand", "tenant_id", "instance_type"), on="strand")
        .group_by("as_of", "tenant_id", "instance_type")
        .agg(pl.col("counted_ms").sum())
        .filter(pl.col("counted_ms") > 0)
        .sort("as_of", "tenant_id", "instance_type")
        .select(list(COUNTED))
    )
