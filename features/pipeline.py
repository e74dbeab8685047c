"""The first half of the line, top to bottom: accumulated usage to cells and feature rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from features.accumulate import Usage
from features.belied import belied, reach
from features.believed import provided, restated, spoken_for, told_by_customers, unconfirmed
from features.cells import CELL, cut, numbered, place
from features.compute import MOMENTS, Catalogue, specify
from features.counted import counted
from features.describe import BASES, FIGURES, SAID, estimate
from features.dropped import impossible
from features.rates import rates
from features.rows import feature_rows
from features.schema import beside
from features.slices import lower_slices
from features.stitch import stitch
from features.timeline import lay_out
from features.witness import CONFLICTS, HEARSAY, SEVERAL

#: What the second half of the line needs of a cell.
CELL_COLUMNS: Final = (
    *CELL,
    "workload",
    "is_run",
    "tenant_id",
    "device_ppb_ms",
    "device_ms",
    "resource_ms",
    "start_ms",
    "end_ms",
    "devices",
    "age_hours",
    *FIGURES,
    *(f"seconds_{basis}" for basis in BASES),
    *SAID,
    *CONFLICTS,
    HEARSAY,
    SEVERAL,
    "odds_ratio",
    "is_known",
    "sku",
    "peak_expected",
)

#: Conventions of a theoretical maximum: at 16 bit, at 8 bit, the most at any precision.
PEAKS: Final = ("peak_16bit", "peak_8bit", "peak_any")


@dataclass(frozen=True)
class Described:
    """What happened, as it was known at each of the hours asked for (column ``as_of``).

    ``cells``: operations per strand, holder segment and time bucket, with ``workload`` and the
    strand's identifiers. ``rows``: one feature row a workload, of what the provider's meters tell;
    ``told``: another with what customers' own tell besides, for the workloads for which they speak
    (``believed.spoken_for``). ``levels`` and ``disputes``: see
    ``features.timeline``; ``disagreements``: places where vantages contradict each other.
    ``peaks``: (as_of, strand, start_ms, end_ms, network_gbit_s, devices_ppb, PEAKS_ppb), the dense
    peaks over time of the strands that name a cluster or a site, 10^-9 operations per second; the
    network joins the node to others, null where nobody knows. ``impossible``: DROPPED, the
    telemetry figures that were dropped. ``counted``: COUNTED, accelerators read at work where the
    catalogue knows of none. ``stated``: (as_of, opening, workload, is_run), whose work
    the openings are. ``belied``: BELIED, hardware that its own events belie, at all of the hours.
    """

    cells: pl.DataFrame
    rows: pl.DataFrame
    told: pl.DataFrame
    levels: pl.DataFrame
    specs: pl.DataFrame
    disputes: pl.DataFrame
    disagreements: pl.DataFrame
    peaks: pl.DataFrame
    impossible: pl.DataFrame
    counted: pl.DataFrame
    stated: pl.DataFrame
    belied: pl.DataFrame


#: Work that was stated and not metered: what links it, as known at an hour.
STATED: Final = pl.Schema(
    {
        "as_of": pl.Int32(),
        "opening": pl.Int64(),
        "tenant_id": pl.String(),
        "job_id": pl.String(),
        "data_ref": pl.String(),
    }
)


def describe(
    usage: Usage,
    catalogue: Catalogue,
    segments: pl.DataFrame,
    known: pl.DataFrame,
    stated: pl.DataFrame | None = None,
) -> Described:
    """Describe usage as it was at each of the MOMENTS ``known``.

    Where ``known`` has a column ``tenant_id``, only the tenants it names are described at a moment.
    ``segments``: (tenant_id, segment, from_ms, to_ms) of tenants whose holders change.
    ``stated``: STATED rows of openings; they link work as metered strands do.
    """
    specs = specify(usage.strands, catalogue)
    tenants = usage.strands.select("strand", "tenant_id")
    moments, known = known.select(list(MOMENTS)).unique(), _by_strand(known, tenants)
    timeline = lay_out(usage.coverage, specs, known, catalogue.physics.lost_samples_hours)
    present = timeline.levels.select("as_of", "strand").unique()
    openings = pl.DataFrame(schema=STATED) if stated is None else stated
    linked, opened = _linked(present, usage.strands, timeline.siblings, openings)
    named, own_rate_ratio = numbered(linked), catalogue.physics.own_rate_ratio
    cells = place(cut(timeline.levels, tenants, segments, moments, own_rate_ratio), named)
    seen, disagreements = rates(usage.telemetry, specs, timeline.siblings, known)
    estimated = estimate(cells, unconfirmed(seen), specs, catalogue)
    estimated = lower_slices(estimated, specs, usage.coverage, known)
    reached = reach(specs, usage.strands, catalogue)
    estimated, odd = belied(estimated, reached, usage.strands, usage.coverage, known, catalogue)
    rows, told = _rows(estimated, seen, timeline.levels, named, usage.strands)
    full = _named(estimated, usage.strands)
    return Described(
        full,
        rows,
        told,
        timeline.levels,
        specs,
        timeline.disputes,
        disagreements,
        _peaks(timeline.levels, specs, usage.strands),
        impossible(usage.telemetry, usage.strands, known),
        counted(usage.telemetry, usage.strands, specs, known),
        opened,
        odd,
    )


def _by_strand(known: pl.DataFrame, tenants: pl.DataFrame) -> pl.DataFrame:
    """Say of which strands the moments are to be known, where tenants are named."""
    if "tenant_id" not in known.columns:
        return known
    return known.join(tenants, on="tenant_id").drop("tenant_id")


def _linked(
    present: pl.DataFrame, strands: pl.DataFrame, siblings: pl.DataFrame, stated: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Name the workload of every strand, and of every opening, which links as a strand does."""
    if stated.height == 0:
        none = {"as_of": pl.Int32(), "opening": pl.Int64(), "workload": pl.String()}
        named = stitch(present, strands, siblings)
        return named, pl.DataFrame(schema={**none, "is_run": pl.Boolean()})
    first = strands.select(pl.col("strand").max().fill_null(0) + 1).item()
    link = ("tenant_id", "job_id", "data_ref")
    links = stated.select(link).unique(maintain_order=True).with_row_index("strand", offset=first)
    rows = stated.join(links, on=link, how="left", nulls_equal=True)
    named = stitch(
        pl.concat([present, rows.select(present.columns).unique()]),
        pl.concat([strands, links], how="diagonal"),
        siblings,
    )
    opened = rows.select("as_of", "strand", "opening").join(named, on=("as_of", "strand"))
    is_metered = pl.col("strand") < first
    return named.filter(is_metered), opened.select("as_of", "opening", "workload", "is_run")


def _rows(
    cells: pl.DataFrame,
    seen: pl.DataFrame,
    levels: pl.DataFrame,
    named: pl.DataFrame,
    strands: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make the feature rows, and those with customers' own figures where there are any.

    ``seen``: ``rates.rates``'s frame.
    """
    hearsay = told_by_customers(seen)
    if hearsay.is_empty():
        rows = feature_rows(cells, levels, named, strands)
        return rows, rows.clear()
    works = spoken_for(cells, named, hearsay)
    some, whose = (frame.filter(pl.col("work").is_in(works.implode())) for frame in (cells, named))
    rows = feature_rows(provided(cells), levels, named, strands)
    return rows, feature_rows(restated(some, seen), levels, whose, strands)


def _named(cells: pl.DataFrame, strands: pl.DataFrame) -> pl.DataFrame:
    """Put the identifiers that reports speak of beside each cell."""
    kinds = ("accelerator", "instance_type", "purchase_option")
    metered = strands.select("strand", "cluster_id", "site_id", *kinds)
    return beside(cells.select(CELL_COLUMNS), metered, ["strand"]).sort(
        "as_of", "tenant_id", "workload", "bucket", "strand", "segment"
    )


def _peaks(levels: pl.DataFrame, specs: pl.DataFrame, strands: pl.DataFrame) -> pl.DataFrame:
    """Price the levels of the strands that name a cluster or site; unknown hardware has no peak.

    Whole numbers, so that sums over strands do not depend on their order.
    """
    placed = strands.filter(pl.col("cluster_id").is_not_null() | pl.col("site_id").is_not_null())
    wide = pl.col("peak_16bit_expected")
    peaks = specs.filter(wide.is_not_null()).select(
        "network_gbit_s",
        hardware="strand",
        peak_16bit=wide.round().cast(pl.Int128),
        peak_8bit=pl.coalesce("peak_8bit", wide).round().cast(pl.Int128),
        peak_any=pl.coalesce("peak_any", wide).round().cast(pl.Int128),
    )
    devices = pl.col("devices_ppb").cast(pl.Int128)
    return (
        levels.join(placed.select("strand"), on="strand", how="semi")
        .join(peaks, on="hardware", how="inner")
        .select(
            "as_of",
            "strand",
            "start_ms",
            "end_ms",
            "network_gbit_s",
            devices_ppb=devices,
            **{f"{name}_ppb": devices * pl.col(name) for name in PEAKS},
        )
    )
