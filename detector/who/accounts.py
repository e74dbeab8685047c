"""Accounts that may be of one hand although nobody says so: what they share, and what it weighs.

A piece of evidence weighs ``ln(how often accounts of one hand share it / its chance between
strangers)``. The chance is counted among all customers: a mail host that half of them use says
nothing, a card that two of them use says much. A link is a score; it never merges owners.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Final

import polars as pl

from detector.linked import Link
from detector.who.account_figures import AccountFigures
from detector.who.traits import Trait

#: Which tenant has which value; ``crowd``: tenants that share it, ``population``: tenants that
#: have any value of the kind.
HELD: Final = pl.Schema(
    {
        "kind": pl.String(),
        "value": pl.String(),
        "tenant_id": pl.String(),
        "crowd": pl.UInt32(),
        "population": pl.UInt32(),
    }
)
#: One row a pair and piece of evidence: ``points`` are natural logarithms of odds.
PIECES: Final = pl.Schema(
    {
        "tenant_id": pl.String(),
        "tenant_id_b": pl.String(),
        "family": pl.String(),
        "points": pl.Float64(),
        "told": pl.String(),
    }
)
#: A link between runs counts as no surer than this.
SCORE_MAX: Final = 0.99
#: Decimals of a score, so that it prints alike on every machine.
DECIMALS: Final = 4
_PAIR: Final = ("tenant_id", "tenant_id_b")
_WORDS: Final = {
    "payment": "they pay with the same instrument",
    "payer": "the same name pays for them",
    "principal": "the same principal signs in to them",
    "email": "they gave the same e-mail address",
    "email_domain": "their e-mail addresses are of the same domain",
    "phone": "they gave the same telephone number",
    "address": "they gave the same address",
    "network": "they are used from the same network",
    "provider": "they are used through the same access provider",
    "image": "they run the same image",
    "data": "they share a training run by its data",
}


def held(traits: Mapping[str, Collection[Trait]]) -> pl.DataFrame:
    """Count who shares what: HELD of the traits of all tenants."""
    rows = [(kind, value, tenant) for tenant, each in traits.items() for kind, value in each]
    frame = pl.DataFrame(rows, {n: HELD[n] for n in ("kind", "value", "tenant_id")}, orient="row")
    naming = frame.group_by("kind").agg(population=pl.col("tenant_id").n_unique())
    return (
        frame.with_columns(crowd=pl.len().over("kind", "value"))
        .join(naming, on="kind", how="left")
        .select(pl.col(name).cast(kind) for name, kind in HELD.items())
    )


def account_links(
    values: pl.DataFrame,
    runs: Sequence[Link],
    tenants: Collection[str],
    customers: int,
    figures: AccountFigures,
) -> tuple[Link, ...]:
    """Link tenants by what they share: the links of at least the least score, best first.

    ``values``: HELD rows of everybody; ``runs``: links between runs; ``tenants``: those worth a
    comparison; ``customers``: how many there are in all. Work alone links nobody: ``linked-runs``
    speaks of that.
    """
    others = float(max(customers - 1, figures.population_min))
    prior = math.log(figures.prior_ratio / others)
    compared = values.filter(pl.col("tenant_id").is_in(list(tenants)))
    pieces = pl.concat([_pieces(compared, figures), _works(runs, prior)])
    odds = prior + pl.col("points")
    summed = _added_up(_strongest(pieces), figures)
    scored = summed.with_columns(score=1.0 / (1.0 + (-odds).exp()))
    linked = (
        scored.with_columns(pl.col("score").round(DECIMALS))
        .filter(pl.col("score") >= figures.score_min, "is_named")
        .sort("score", *_PAIR, descending=[True, False, False])
    )
    return tuple(
        Link(one, other, (one, other), "accounts", score, tuple(evidence))
        for one, other, score, evidence in linked.select(*_PAIR, "score", "evidence").iter_rows()
    )


def _pieces(values: pl.DataFrame, figures: AccountFigures) -> pl.DataFrame:
    """Pair those who share a value: PIECES."""
    kinds = pl.DataFrame(
        [(name, *figures.kinds[name].model_dump().values()) for name in sorted(figures.kinds)],
        ["kind", "family", "shared_ratio", "few_max", "strangers_count"],
        orient="row",
    )
    small = values.filter(
        pl.col("crowd") <= figures.block_max, pl.len().over("kind", "value") > 1
    ).sort("kind", "value", "tenant_id")
    strangers = (pl.col("crowd").cast(pl.Int64) - pl.col("few_max")).clip(0)
    population = pl.max_horizontal("population", figures.population_min).cast(pl.Float64)
    told = pl.format(
        "{} ({} of {} customers do; by chance 1 in {})",
        pl.col("kind").replace_strict(_WORDS, return_dtype=pl.String),
        "crowd",
        "population",
        (1.0 / pl.col("chance")).round_sig_figs(2).cast(pl.Int64),
    )
    return (
        small.join(small.select("kind", "value", "tenant_id"), on=("kind", "value"), suffix="_b")
        .filter(pl.col("tenant_id") < pl.col("tenant_id_b"))
        .join(kinds, on="kind", how="inner")
        .with_columns(chance=(strangers + pl.col("strangers_count")) / population)
        .with_columns(chance=pl.col("chance").clip(upper_bound=1.0))
        .select(
            *_PAIR,
            "family",
            points=(pl.col("shared_ratio") / pl.col("chance")).log().clip(0.0),
            told=told,
        )
        .cast(PIECES)
    )


def _works(runs: Sequence[Link], prior: float) -> pl.DataFrame:
    """Weigh links between runs as what they made of the prior odds."""
    rows = [
        (one, other, "work", math.log(score / (1.0 - score)) - prior, run.evidence[0])
        for run in runs
        if run.evidence
        for score in [min(run.score, SCORE_MAX)]
        for one, other in combinations(sorted(run.tenant_ids), 2)
    ]
    return pl.DataFrame(rows, PIECES, orient="row")


def _strongest(pieces: pl.DataFrame) -> pl.DataFrame:
    """Keep one piece of each family of a pair, the strongest; they stand in order of strength."""
    return pieces.sort(
        *_PAIR, "points", "family", "told", descending=[False, False, True, False, False]
    ).unique([*_PAIR, "family"], keep="first", maintain_order=True)


def _added_up(pieces: pl.DataFrame, figures: AccountFigures) -> pl.DataFrame:
    """Add the points of each pair up: the strongest whole, each further one in part."""
    is_first = pl.int_range(pl.len()).over(_PAIR) == 0
    further = (pl.col("points") * figures.further_ratio).clip(
        upper_bound=figures.further_points_max
    )
    weighed = pl.when(is_first).then("points").otherwise(further)
    return (
        pieces.with_columns(weighed=weighed)
        .group_by(_PAIR, maintain_order=True)
        .agg(
            points=pl.col("weighed").sum(),
            is_named=(pl.col("family") != "work").any(),
            evidence=pl.col("told").filter(pl.col("points") > 0),
        )
    )
