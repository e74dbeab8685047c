"""Cells to whole numbers: what each workload did, summed once and shared by all ledgers.

A set of cells is summed per piece: one workload of one tenant, in one stretch of holders, in one
cluster. Whoever a cell counts for, its whole piece does, so tenants, runs, owners and clusters add
up pieces, which are few, and no longer cells. Everything is whole numbers: no order matters.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.describe import BASES, FIGURES, SAID

#: What was stated before metering began: device time, operations expected.
OPENED: Final = ("opening_ppb_ms", "opening_operations")
OPERATIONS: Final = ("operations_low", "operations_expected", "operations_high")
TRAINING: Final = tuple(f"training_{name}" for name in OPERATIONS)
#: Figures of methods; they are summed as whole milliseconds and operations.
SECONDS: Final = tuple(name for b in BASES for name in (f"seconds_{b}", f"{b}_seconds"))
SAID_BY: Final = tuple(name for name in SAID if name not in SECONDS)
#: All that is summed.
SUMS: Final = (
    *("device_ppb_ms", "resource_ms", *FIGURES, *TRAINING, *OPENED, *SECONDS, *SAID_BY),
    *("likely_ms", "judged_ms"),
)
_PIECE: Final = ("as_of", "tenant_id", "segment", "workload", "run_id", "cluster_id")
_WORKLOAD: Final = ("as_of", "id", "workload")


def instants() -> dict[str, pl.Expr]:
    """First and last instants: of what was metered, of what was stated, of all of its tenants."""
    return {
        "start_ms": pl.col("start_ms").min(),
        "end_ms": pl.col("end_ms").max(),
        "since_ms": pl.col("since_ms").min(),
        "opened_ms": pl.col("opened_ms").max(),
    }


def pieces(weighed: pl.DataFrame) -> pl.DataFrame:
    """Sum weighed cells (``ledger.weigh``) per piece; ``ledger.spread`` takes them as cells."""
    likely = pl.col("training_probability").first()
    return weighed.group_by(_PIECE).agg(*_whole(), likely, **instants())


def by_workload(cells: pl.DataFrame) -> pl.DataFrame:
    """Sum one scope's cells per (as_of, id, workload), in whole numbers.

    ``home`` is the tenant whose other work its errors go with, the first by name.
    """
    return cells.group_by(_WORKLOAD).agg(*_whole(), **_whose(), **instants())


def pieces_by_workload(own: pl.DataFrame) -> pl.DataFrame:
    """Sum one scope's pieces to what ``by_workload`` makes of its cells."""
    return own.group_by(_WORKLOAD).agg(pl.col(SUMS).sum(), **_whose(), **instants())


def _whole() -> list[pl.Expr]:
    ms = pl.col("device_ms")
    likely = pl.col("training_probability")
    return [
        pl.col("device_ppb_ms", *FIGURES, *TRAINING, *OPENED).sum(),
        pl.col("resource_ms").round().cast(pl.Int128).sum(),
        *[(pl.col(n) * 1000.0).round().cast(pl.Int128).sum().alias(n) for n in SECONDS],
        *[pl.col(n).round().cast(pl.Int128).sum().alias(n) for n in SAID_BY],
        (likely * ms).round().cast(pl.Int128).sum().alias("likely_ms"),
        pl.when(likely.is_not_null()).then(ms).round().cast(pl.Int128).sum().alias("judged_ms"),
    ]


def _whose() -> dict[str, pl.Expr]:
    return {
        "training_probability": pl.col("training_probability").first(),
        "tenant_ids": pl.col("tenant_id").unique(),
        "home": pl.col("tenant_id").min(),
    }
