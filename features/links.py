"""Weak links: which workloads may be pieces of one training although nothing names them as one.

They never merge anything: a run is what the contract says it is (``features.stitch``). A link is a
score from 0 to 1 with the pieces of evidence behind it. Its prior odds fall with the number of
workloads compared, so that a larger cloud does not make more of the same coincidence.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.candidates import candidates
from features.evidence import (
    PAIR,
    LinkFigures,
    identities,
    images,
    rhythms,
    successions,
)
from features.instants import instants

#: Decimals of a score, so that it prints alike on every machine.
DECIMALS: Final = 4
#: ``kind``: side_by_side or succession. ``pieces``: evidence, the weightiest first.
LINKS: Final = pl.Schema(
    {
        "run_a": pl.String(),
        "run_b": pl.String(),
        "tenant_ids": pl.List(pl.String()),
        "kind": pl.String(),
        "score": pl.Float64(),
        "pieces": pl.List(
            pl.Struct(
                {
                    "piece": pl.String(),
                    "points": pl.Float64(),
                    "chance": pl.Float64(),
                    "what": pl.String(),
                }
            )
        ),
    }
)


def links(found: pl.DataFrame, commons: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Score SIGNATURES of all parts against each other: LINKS of at least the least score.

    ``commons``: COMMONS of all parts, with a row without an image that counts all its tenants.
    """
    all_ = found.sort("workload").with_row_index("n")
    span_ms = _span_ms(all_)
    pairs = candidates(all_, figures)
    if pairs.height == 0:
        return pl.DataFrame(schema=LINKS)
    pieces = pl.concat(
        [
            images(pairs, all_, commons, figures),
            identities(pairs, all_, figures),
            rhythms(pairs, all_, figures),
            instants(pairs, all_, span_ms, figures),
            successions(pairs, span_ms, figures),
        ]
    )
    return _scored(pairs, pieces, all_, figures)


def _span_ms(all_: pl.DataFrame) -> int:
    spans = all_.select(pl.col("last_ms").max() - pl.col("first_ms").min())
    return int(spans.item() or 0)


def _scored(
    pairs: pl.DataFrame, pieces: pl.DataFrame, all_: pl.DataFrame, figures: LinkFigures
) -> pl.DataFrame:
    """Add the points up to the odds of a link, and keep the pairs that reach the least score."""
    found = (
        pieces.sort(*PAIR, "points", "piece", descending=[False, False, True, False])
        .group_by(PAIR, maintain_order=True)
        .agg(
            pl.col("points").sum().alias("evidence"),
            pieces=pl.struct("piece", "points", "chance", "what"),
        )
    )
    others = float(max(all_.height - 1, figures.prior_population_min))
    own = (pl.col("own_starts").cast(pl.Float64) - 1.0).clip(1.0)
    odds = (
        pl.when("is_own")
        .then(figures.own_prior_ratio / own)
        .otherwise(figures.prior_ratio / others)
    )
    score = 1.0 / (1.0 + (-(odds.log() + pl.col("evidence"))).exp())
    return (
        pairs.join(found, on=PAIR, how="inner")
        .with_columns(score=score.round(DECIMALS))
        .filter(pl.col("score") >= figures.score_min)
        .select(
            "kind",
            "score",
            "pieces",
            run_a="workload",
            run_b="workload_b",
            tenant_ids=pl.col("tenant_ids").list.set_union("tenant_ids_b").list.sort(),
        )
        .select(list(LINKS))
        .cast(LINKS)
        .sort("score", "run_a", "run_b", descending=[True, False, False])
    )
