"""The reference tables as frames. Names are matched exactly, after ``alias_key``, never in part."""

from __future__ import annotations

from typing import Final

import polars as pl

PRECISIONS: Final = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8")

#: One row per alias and accelerator kind; an alias that fits several kinds has several rows.
#: Peaks are dense operations per second of one package, null where the kind has no such unit or
#: its figure is not known. ``peak_16bit`` is the larger of bf16 and fp16, else fp32, else null.
ACCELERATOR_CATALOGUE: Final = pl.Schema(
    {
        "alias_key": pl.String,
        "sku": pl.String,
        **dict.fromkeys([f"peak_{name}" for name in PRECISIONS], pl.Float64),
        "peak_16bit": pl.Float64,
        "tdp_w": pl.Float64,
    }
)

#: One row per instance type. ``accelerator_count`` counts catalogue packages: a fraction for a
#: slice, 0 for a type known to carry none (then ``sku`` is null).
INSTANCE_CATALOGUE: Final = pl.Schema(
    {
        "alias_key": pl.String,
        "sku": pl.String,
        "accelerator_count": pl.Float64,
        "network_gbit_per_second": pl.Float64,
    }
)


def alias_key(column: pl.Expr) -> pl.Expr:
    """Give the form in which names are compared: lower case, single spaces, none at the ends."""
    return column.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
