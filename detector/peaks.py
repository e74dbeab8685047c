"""Where a subject's capacity stood together: its largest cluster, and its largest site.

A cluster is a fabric domain (``cluster_id``) on one site; on a site that was not named it is a
place of its own. A site is everything on it, over all its clusters and what names none. Sums are
taken at one instant, in whole numbers, so that they do not depend on any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from detector.facts import PlacePeak
from features.cells import whole_first
from features.compute import PPB
from features.pipeline import PEAKS

KEY: Final = ("as_of", "id")
#: Clusters, and sites, that are kept of a subject for each convention; a slower one is no news.
PLACES_MAX: Final = 4
_VALUES: Final = ("devices_ppb", *(f"{peak}_ppb" for peak in PEAKS))
_INSTANT: Final = pl.Datetime("ms", "UTC")


def place_peaks(cells: pl.DataFrame, peaks: pl.DataFrame) -> pl.DataFrame:
    """Give (as_of, id, places) of one scope's cells; ``peaks`` are the pipeline's.

    ``places`` holds, for clusters and for sites, the largest few by each convention. A subject
    has a strand's peak from its first to its last work there, holder by holder.
    """
    spans = _spans(cells)
    held = (
        spans.select("as_of", "place", "strand", "first_ms", "last_ms")
        .join(peaks, on=("as_of", "strand"), how="inner")
        .with_columns(
            start_ms=pl.max_horizontal("start_ms", "first_ms"),
            end_ms=pl.min_horizontal("end_ms", "last_ms"),
        )
        .filter(pl.col("start_ms") < pl.col("end_ms"))
    )
    named = spans.group_by("place").agg(
        pl.col(*KEY, "cluster_id", "site_id").first(), tenant_ids=pl.col("tenant_id").unique()
    )
    found = named.join(_highest(held), on="place", how="inner").sort(*KEY, "place")
    return (
        found.filter(pl.any_horizontal(_is_large(peak) for peak in PEAKS))
        .group_by(KEY, maintain_order=True)
        .agg(places=pl.struct(pl.exclude(*KEY, "place")))
    )


def most_at_once(peaks: pl.DataFrame) -> float:
    """Give the most that were held at one instant everywhere together, at any convention.

    ``peaks``: the pipeline's, at one hour of knowledge. Operations per second.
    """
    most = pl.max_horizontal([f"{peak}_ppb" for peak in PEAKS])
    edges = [
        peaks.select(at_ms=at, most=most * sign) for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    steps = pl.concat(edges).group_by("at_ms").agg(pl.col("most").sum()).sort("at_ms")
    return (steps.select(pl.col("most").cum_sum().max()).item() or 0) / PPB


def _spans(cells: pl.DataFrame) -> pl.DataFrame:
    """First and last work of each strand in each place, twice where it has a cluster and a site."""
    within = ("cluster_id", "site_id")
    whose = (*KEY, *within, "tenant_id", "strand", "segment")
    placed = (
        cells.select(*whose, "start_ms", "end_ms")
        .filter(pl.any_horizontal(pl.col(within).is_not_null()))
        .group_by(whose)
        .agg(first_ms=pl.col("start_ms").min(), last_ms=pl.col("end_ms").max())
    )
    clusters = placed.filter(pl.col("cluster_id").is_not_null())
    sites = placed.filter(pl.col("site_id").is_not_null()).with_columns(
        cluster_id=pl.lit(None, pl.String)
    )
    place = pl.struct(*KEY, "site_id", "cluster_id").rank("dense")  # numbers sort faster than names
    return pl.concat([clusters, sites]).with_columns(place=place)


def _highest(held: pl.DataFrame) -> pl.DataFrame:
    """Give each place's largest sums at one instant, and the first instant of that at 16 bit."""
    edges = [
        held.select("place", at_ms=at, **{name: pl.col(name) * sign for name in _VALUES})
        for at, sign in (("start_ms", 1), ("end_ms", -1))
    ]
    network = pl.col("network_gbit_s")
    joined = held.group_by("place").agg(
        network_min=network.min(), is_network_known=network.is_not_null().all()
    )
    # Every place's steps sum to nothing, so one running sum over the sorted rows serves them all.
    sums = (
        pl.concat(edges)
        .group_by("place", "at_ms")
        .agg(pl.col(_VALUES).sum())
        .sort("place", "at_ms")
        .with_columns(pl.col(_VALUES).cum_sum())
    )
    at = pl.col("at_ms").get(pl.col("peak_16bit_ppb").arg_max())
    return (
        sums.group_by("place")
        .agg(pl.col(_VALUES).max(), at=at.cast(_INSTANT))
        .with_columns(
            *((pl.col(f"{peak}_ppb") // PPB).cast(pl.Float64).alias(peak) for peak in PEAKS),
            accelerators=whole_first(pl.col("devices_ppb")),
        )
        .join(joined, on="place")
    )


def _is_large(peak: str) -> pl.Expr:
    """Whether a place is among the largest of a subject's clusters, or sites; first by name."""
    alike = (*KEY, pl.col("cluster_id").is_null())
    order = pl.struct(-pl.col(peak), "place").rank("ordinal")
    return order.over(alike) <= PLACES_MAX


def place_peak(place: Mapping[str, Any]) -> PlacePeak:
    """Make the value of one place from its row."""
    return PlacePeak(
        site_id=place["site_id"],
        cluster_id=place["cluster_id"],
        tenant_ids=tuple(sorted(place["tenant_ids"])),
        accelerators=place["accelerators"],
        operations_per_second_16bit=place["peak_16bit"],
        operations_per_second_8bit=place["peak_8bit"],
        operations_per_second_any=place["peak_any"],
        network_gbit_per_second_min=place["network_min"],
        is_network_known=place["is_network_known"],
        at=place["at"],
    )


def largest_cluster(places: Sequence[PlacePeak]) -> float:
    """Give the largest peak at 16 bit of one cluster on one site; 0 where none is named."""
    return max(
        (place.operations_per_second_16bit for place in places if place.cluster_id is not None),
        default=0.0,
    )
