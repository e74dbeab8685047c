"""Names that state a slice of a device where no fraction was metered: the low bound alone follows.

By the contract an event without ``partition_fraction`` covers whole devices: hours, peak, expected
and high stay so. But a name such as ``A100-SXM4-80GB MIG 1g.10gb`` says that less may have worked,
and the low bound must hold for that too. Where a fraction was metered it already counts.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PPB, as_known
from features.describe import BASES
from features.schema import beside

#: Operations of a cell that are lower bounds, whole numbers.
LOWS: Final = ("operations_low", *(f"{method}_low" for method in BASES))


def lower_slices(
    cells: pl.DataFrame, specs: pl.DataFrame, coverage: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Lower the low bounds of cells whose name states a slice, and whose events state no fraction.

    ``specs`` is ``compute.specify``'s frame, ``known`` MOMENTS. A strand that has ever stated a
    fraction by ``as_of`` is left as it is, and so is time whose hardware another strand names.
    """
    sliced = specs.filter(pl.col("slice_fraction") < 1.0).select(
        "strand", unstated_share="slice_fraction"
    )
    if sliced.is_empty():
        return cells
    stated = (
        coverage.filter(pl.col("fraction_ppb") < PPB)
        .join(sliced, on="strand", how="semi")
        .pipe(as_known, known)
        .select("as_of", "strand", is_stated=pl.lit(value=True))
        .unique()
    )
    share = pl.when((pl.col("hardware") == pl.col("strand")) & pl.col("is_stated").is_null()).then(
        pl.col("unstated_share")
    )
    return (
        beside(beside(cells, sliced, ["strand"]), stated, ["as_of", "strand"])
        .with_columns(_times(share, low) for low in LOWS)
        .drop("unstated_share", "is_stated")
    )


def _times(share: pl.Expr, low: str) -> pl.Expr:
    lowered = (pl.col(low).cast(pl.Float64) * share).floor().cast(pl.Int128)
    return pl.when(share.is_not_null()).then(lowered).otherwise(pl.col(low)).alias(low)
