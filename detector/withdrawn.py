"""What corrections took out of totals: each tenant's and owner's figures as they were first told.

A correction may be as honest as any event, and a provider that corrects itself leaves no trace in
totals. So what was told first is kept beside them, and judged as if no correction had come.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from detector.correlated import Correlations
from detector.ledger import TOTALS
from detector.ledger import totals as totals_of

#: Figures of the totals as they stand, beside those of TOTALS as first told.
HELD: Final = (
    "accelerator_hours",
    "operations_expected",
    "training_operations_expected",
    "training_operations_high",
)
_KEY: Final = ["scope", "id"]
#: TOTALS of tenants and owners of whom corrections changed a figure, as first told, and in
#: ``held_X`` each of HELD as it stands.
WITHDRAWN: Final = (*TOTALS, *(f"held_{name}" for name in HELD))


def corrected_tenants(strands: pl.DataFrame, withdrawn: pl.DataFrame) -> frozenset[str]:
    """Give the tenants of whom something was withdrawn, and those who share data with them.

    Both are STRANDS: of what is held, and of what was withdrawn.
    """
    if withdrawn.is_empty():
        return frozenset()
    both = pl.concat([each.select("tenant_id", "data_ref") for each in (strands, withdrawn)])
    own = withdrawn["tenant_id"].unique()
    shared = both.filter(pl.col("tenant_id").is_in(own.implode()))["data_ref"].drop_nulls().unique()
    beside = both.filter(pl.col("data_ref").is_in(shared.implode()))["tenant_id"]
    return frozenset([*own, *beside])


def withdrawn(
    first_told: Mapping[str, pl.DataFrame], held: pl.DataFrame, correlations: Correlations
) -> pl.DataFrame:
    """Give WITHDRAWN. ``first_told``: cells of each scope, none where nothing was corrected.

    ``held``: TOTALS of the same tenants.
    """
    told = totals_of(first_told, correlations) if first_told else held.clear()
    now = held.select(*_KEY, **{f"held_{name}": pl.col(name) for name in HELD})
    kept = told.filter(pl.col("scope").is_in(["tenant", "owner"])).join(now, on=_KEY, how="left")
    figures = kept.with_columns(pl.col(f"held_{name}").fill_null(0) for name in HELD)
    changed = pl.any_horizontal(pl.col(name) != pl.col(f"held_{name}") for name in HELD)
    return figures.filter(changed).select(WITHDRAWN)
