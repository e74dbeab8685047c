"""Hardware that its own events belie: a weaker chip's name, a smaller part of a device.

Nothing is believed instead: nobody knows which chip it was. What is told is for how long, and the
most that may have been done. Only a fraction opens the high bound, for there the other reading is
known: the whole device.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.compute import PPB, PROVIDER_TRUST, Catalogue, as_known, held_ppb, hours
from features.describe import BASES
from features.schema import beside
from features.witness import SEVERAL

#: Operations of a cell that are upper bounds, whole numbers.
HIGHS: Final = ("operations_high", *(f"{basis}_high" for basis in BASES))
#: Readings whose mean square is at most this many times the square of their mean are alike: they
#: scatter by half of it.
EVEN_SQUARE: Final = 1.25
#: What belies a name: traffic that its links do not carry; the instance type's own chip; power.
SIGNS: Final = {
    "link": "more traffic between its devices than its links carry",
    "instance": "an instance type of a faster accelerator",
    "power": "more power than a device of that kind draws",
}
#: Time over which events belie the hardware that they name, as metered: by which of SIGNS, or
#: ``fraction``. ``operations``: the most that may have been done in it.
BELIED: Final = pl.Schema(
    {
        "tenant_id": pl.String(),
        "sign": pl.String(),
        "accelerator": pl.String(),
        "accelerator_hours": pl.Float64(),
        "whole_hours": pl.Float64(),
        "operations": pl.Float64(),
    }
)


def reach(specs: pl.DataFrame, strands: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Say of the hardware of each strand what it can carry, be cut to, and is sold as.

    ``link_bytes``: both ways, a second, null where any candidate's is not known; ``least_slice``:
    the smallest part that a candidate can be cut to, null where none can; ``other_peak``: of the
    instance type's accelerator where that is faster than, and none of, what was named;
    ``catalogue_count`` as ``specify`` has it.
    """
    kinds = catalogue.names.kinds.select("sku", most=pl.max_horizontal("^peak_.*$"))
    least = catalogue.slices.group_by("sku").agg(pl.col("slice_fraction").min())
    named = specs.select("strand", "catalogue_count", sku=pl.col("sku").str.split(" | "))
    link = pl.col("link_bytes_per_second")
    known = (
        named.explode("sku")
        .drop_nulls("sku")
        .join(catalogue.link_rates, on="sku", how="left")
        .join(least, on="sku", how="left")
        .join(kinds, on="sku", how="left")
        .group_by("strand")
        .agg(
            "sku",
            pl.col("catalogue_count").first(),
            pl.col("most").max(),
            link_bytes=pl.when(link.null_count() == 0).then(link.max()),
            least_slice=pl.col("slice_fraction").min(),
        )
    )
    stated = strands.filter(pl.col("accelerator").is_not_null()).select("strand", "instance_type")
    sold = catalogue.names.with_instances(stated.with_columns(metered=pl.col("strand")))
    faster = sold.select("strand", sold_as="instance_sku").join(
        kinds.select(sold_as="sku", sold_peak="most"), on="sold_as"
    )
    is_other = ~pl.col("sku").list.contains(pl.col("sold_as"))
    other = pl.when(is_other & (pl.col("sold_peak") > pl.col("most"))).then("sold_peak")
    return known.join(faster, on="strand", how="left").select(
        "strand", "catalogue_count", "link_bytes", "least_slice", other_peak=other
    )


def belied(
    cells: pl.DataFrame,
    hardware: pl.DataFrame,
    strands: pl.DataFrame,
    coverage: pl.DataFrame,
    known: pl.DataFrame,
    catalogue: Catalogue,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the cells with the high bounds of belied fractions opened, and BELIED.

    ``cells``: ``describe.estimate``'s; ``hardware``: ``reach``'s; ``known``: MOMENTS.
    """
    own = hardware.select("link_bytes", "other_peak", hardware="strand")
    told = beside(cells, own, ["hardware"])
    widths = _wholes(coverage, hardware, known)
    told = beside(told, widths, ["as_of", "strand"]).with_columns(
        **_signs(catalogue), fraction=_is_whole_board(catalogue)
    )
    kinds = pl.coalesce("accelerator", "instance_type")
    names = strands.select(hardware="strand", accelerator_named=kinds)
    found = beside(told, names, ["hardware"])
    most = catalogue.names.kinds.select(pl.max_horizontal("^peak_.*$").max()).item() or 0.0
    parts = [
        _told(found, "link", pl.lit(1.0), pl.lit(most)),
        _told(found, "instance", pl.lit(1.0), pl.col("other_peak")),
        _told(found, "power", pl.lit(1.0), pl.lit(most)),
        _told(found, "fraction", pl.col("whole_ratio"), pl.col("peak_high")),
    ]
    opened = told.with_columns(_opened(high) for high in HIGHS)
    return opened.select(cells.columns), pl.concat(parts).sort("tenant_id", "sign", "accelerator")


def _signs(catalogue: Catalogue) -> dict[str, pl.Expr]:
    """Say which cells the provider's meters, or the instance type, belie.

    Where fractions are stated nobody knows whose traffic was read, so it is not asked about. A cell
    is told by one sign, the instance type's first and power last.
    """
    each = pl.col("device_ms") / pl.col("resource_ms")
    carried = pl.col("link_bytes") * each * catalogue.physics.link_margin_ratio
    is_over = (pl.col("nvlink_bytes") > carried) & (pl.col("nvlink_bytes.trust") <= PROVIDER_TRUST)
    sold = pl.col("other_peak").is_not_null()
    link = (is_over & pl.col("whole_ratio").is_null()).fill_null(value=False)
    return {
        "instance": sold,
        "link": link & ~sold,
        "power": _is_overdrawn(catalogue) & ~link & ~sold,
    }


def _is_overdrawn(catalogue: Catalogue) -> pl.Expr:
    """Say whether the host read more power of a board than any of its kind draws.

    A single reading in a wrong unit raises the mean of an hour, so readings must be alike. What is
    past all that one device and its part of a node take is of another kind, or of several.
    """
    is_even = pl.col("power_w.square") <= EVEN_SQUARE * pl.col("power_w").pow(2)
    is_board = pl.col("is_power_trusted") & ~pl.col("is_wall_power").fill_null(value=False)
    is_more = is_board & (pl.col("power_ratio") > catalogue.physics.most_busy_ratio)
    is_several = (pl.col(SEVERAL) == "host").fill_null(value=False)
    return (is_even & (is_several | is_more.fill_null(value=False))).fill_null(value=False)


def _is_whole_board(catalogue: Catalogue) -> pl.Expr:
    """Say whether the provider read the power of a whole board at work beside a tiny fraction."""
    physics = catalogue.physics
    is_wall = pl.col("is_wall_power").fill_null(value=False)
    working = pl.when(is_wall).then(physics.working_wall_power_ratio)
    drawn = pl.col("power_ratio") > working.otherwise(physics.working_power_ratio)
    is_told = pl.col("is_power_trusted") & (pl.col("whole_ratio") > 1.0)
    return (drawn & is_told).fill_null(value=False)


def _wholes(coverage: pl.DataFrame, hardware: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Give (as_of, strand, whole_ratio) of strands that state fractions.

    It is whole devices over what was told, where that is less than the chip can be cut to;
    fractions that it can be cut to stay as they are.
    """
    rows = (
        coverage.filter(pl.col("fraction_ppb") < PPB)
        .join(hardware.select("strand", "least_slice", "catalogue_count"), on="strand", how="inner")
        .pipe(as_known, known)
    )
    least_ppb = (pl.col("least_slice") * PPB).floor().cast(pl.Int64)
    held = held_ppb().cast(pl.Float64)
    is_less = (pl.col("fraction_ppb") < least_ppb).fill_null(value=False)
    whole = pl.when(is_less).then(held * PPB / pl.col("fraction_ppb")).otherwise(held)
    # Every step function sums to nothing, so from whichever instant its steps are counted.
    span = -pl.col("delta") * (pl.col("at_ms") - pl.col("at_ms").min())
    return (
        rows.sort("strand", "resource_id", "devices", "fraction_ppb", "seen", "at_ms", "hour")
        .group_by("as_of", "strand", maintain_order=True)
        .agg(told=(span * held).sum(), whole=(span * whole).sum())
        .filter(pl.col("told") > 0)
        .select("as_of", "strand", whole_ratio=pl.col("whole") / pl.col("told"))
    )


def _told(found: pl.DataFrame, sign: str, ratio: pl.Expr, peak: pl.Expr) -> pl.DataFrame:
    held = pl.col("device_ms")
    rows = found.filter(sign).with_columns(
        whole=held * ratio, operations=held * ratio * peak.fill_null(0.0) / 1000.0
    )
    return (
        rows.sort("tenant_id", "accelerator_named", "bucket", "strand", "segment")
        .group_by("tenant_id", "accelerator_named", maintain_order=True)
        .agg(pl.col("device_ms", "whole", "operations").sum())
        .select(
            "tenant_id",
            sign=pl.lit(sign),
            accelerator="accelerator_named",
            accelerator_hours=hours(pl.col("device_ms")),
            whole_hours=hours(pl.col("whole")),
            operations="operations",
        )
        .cast(BELIED)
    )


def _opened(high: str) -> pl.Expr:
    raised = (pl.col(high).cast(pl.Float64) * pl.col("whole_ratio")).ceil().cast(pl.Int128)
    return pl.when("fraction").then(raised).otherwise(pl.col(high)).alias(high)
