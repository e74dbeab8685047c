"""The reference tables as frames; names match exactly, by ``features.names.alias_key``."""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PRECISIONS

#: One row per alias and accelerator kind; an alias that fits several kinds has several rows.
#: Peaks are dense operations per second of one package, null where the kind has no such unit or
#: its figure is not known. ``peak_16bit`` is the larger of bf16 and fp16, else fp32, else null.
#: ``is_loose`` marks a kind that the alias may mean but most often does not: it widens the bounds.
#: ``memory_gb`` is the size in the name of the part. ``family`` is the architecture (``hopper``,
#: ``cdna3``), null where it is not stated.
ACCELERATOR_CATALOGUE: Final = pl.Schema(
    {
        "alias_key": pl.String,
        "sku": pl.String,
        "family": pl.String,
        **dict.fromkeys([f"peak_{name}" for name in PRECISIONS], pl.Float64),
        "peak_16bit": pl.Float64,
        "tdp_w": pl.Float64,
        "memory_gb": pl.Float64,
        "is_loose": pl.Boolean,
    }
)

#: One row per instance type. ``accelerator_count`` counts catalogue packages: a fraction for a
#: slice, 0 for a type known to carry none (then ``sku`` is null). ``network_gbit_per_second`` is
#: what joins one instance to others, of the kind ``network_kind``; null where it is not known.
INSTANCE_CATALOGUE: Final = pl.Schema(
    {
        "alias_key": pl.String,
        "sku": pl.String,
        "accelerator_count": pl.Float64,
        "network_gbit_per_second": pl.Float64,
        "network_kind": pl.String,
    }
)
