"""Strands to workloads: what links two strands is the same data, or the same tenant's same job.

A linked workload is a training run and is named by its links, never by when it began: ``data/REF``
or ``job/TENANT/JOB``, the smallest of the names that its links give it. A slash in the tenant is
written ``%2F`` there, so that no two tenants' jobs share a name. What carries neither link
is the tenant's ``unattributed`` workload.

A strand also carries the links of the strands that it was given a resource's time before. One
vantage that names two jobs, or two data, at once is the exception: it saw two works overlap.
"""

from __future__ import annotations

from typing import Final

import polars as pl

UNATTRIBUTED: Final = "unattributed"
_LINKS: Final = ("job_id", "data_ref")
_CARRIED: Final = ("as_of", "strand", "tenant_id", *_LINKS)


def stitch(present: pl.DataFrame, strands: pl.DataFrame, siblings: pl.DataFrame) -> pl.DataFrame:
    """Name the workload of every strand: (as_of, strand, tenant_id, workload, is_run).

    ``present`` holds the (as_of, strand) pairs that were known; a link counts from the hour at
    which it was known. ``siblings``: the timeline's.
    """
    links = strands.select(
        "strand",
        "tenant_id",
        *(pl.col(c).replace("", None) for c in _LINKS),
        vantage=pl.col("vantage").fill_null("host"),
    )
    known = present.join(links, on="strand", how="left")
    carried = pl.concat([known.select(_CARRIED), _borrowed(siblings, links)])
    data = carried.filter(pl.col("data_ref").is_not_null()).select(
        "as_of", "strand", key=pl.format("data/{}", "data_ref")
    )
    jobs = carried.filter(pl.col("job_id").is_not_null()).select(
        "as_of", "strand", key=pl.format("job/{}/{}", _one_part("tenant_id"), "job_id")
    )
    named = _components(pl.concat([data, jobs]))
    own = pl.format(f"{UNATTRIBUTED}/{{}}", "tenant_id")
    return (
        known.join(named, on=("as_of", "strand"), how="left")
        .select(
            "as_of",
            "strand",
            "tenant_id",
            workload=pl.coalesce("name", own),
            is_run=pl.col("name").is_not_null(),
        )
        .sort("as_of", "strand")
    )


def _borrowed(siblings: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Give the links of each strand's siblings, as rows of the strand."""
    pairs = (
        siblings.select("as_of", "strand", "sibling")
        .unique()
        .join(links, on="strand", how="left")
        .join(links.rename({"strand": "sibling"}), on="sibling", how="left", suffix="_lent")
    )
    saw_both = pl.col("vantage") == pl.col("vantage_lent")
    return pairs.with_columns(
        pl.when(pl.col(c).is_null() | ~saw_both).then(f"{c}_lent").alias(c) for c in _LINKS
    ).select(_CARRIED)


def _one_part(name: str) -> pl.Expr:
    """Write an identifier so that it holds no slash."""
    text = pl.col(name).str.replace_all("%", "%25", literal=True)
    return text.str.replace_all("/", "%2F", literal=True)


def _components(links: pl.DataFrame) -> pl.DataFrame:
    """Give each strand the smallest key of its connected component: (as_of, strand, name).

    Labels sink along links and then jump to their own label, so that long chains settle in a
    logarithmic number of rounds.
    """
    labels = links.select("as_of", "key").unique().with_columns(name=pl.col("key"))
    node, strand = ["as_of", "key"], ["as_of", "strand"]
    while True:
        by_strand = links.join(labels, on=node).group_by(strand).agg(pl.col("name").min())
        sunk = links.join(by_strand, on=strand).group_by(node).agg(pl.col("name").min())
        jumped = (
            sunk.join(
                sunk.select("as_of", name="key", further="name"), on=["as_of", "name"], how="left"
            )
            .select("as_of", "key", name=pl.min_horizontal("name", "further"))
            .sort(node)
        )
        if jumped.equals(labels.sort(node)):
            return by_strand
        labels = jumped
