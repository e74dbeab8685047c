"""Evidence that two workloads are one training: pieces, each with its chance of coincidence.

A piece weighs ``ln(how often it holds in pieces of one training / its chance between strangers)``.
The chance is counted among the tenants at hand: an image that half the cloud runs says nothing, one
that nobody else runs says much. Between two workloads of one tenant the tenant's own habits are
what is counted, so that a customer who always runs alike is not linked by it.

Pairs come as rows of two signatures: columns of the second end in ``_b``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

PAIR: Final = ("n", "n_b")
#: One row a pair and piece: ``chance`` of coincidence (null: it speaks against), its ``points``,
#: and ``what`` was shared.
PIECES: Final = pl.Schema(
    {
        "n": pl.UInt32(),
        "n_b": pl.UInt32(),
        "piece": pl.String(),
        "points": pl.Float64(),
        "chance": pl.Float64(),
        "what": pl.String(),
    }
)


@dataclass(frozen=True)
class Trait:
    """How often a trait is shared within one training, and between strangers before counting."""

    shared_ratio: float
    chance_ratio: float


@dataclass(frozen=True)
class LinkFigures:
    """What the scores rest on; the reasons stand in ``detector/rules/links.toml``.

    Ratios are 0 to 1, ``*_ms`` milliseconds, ``*_points`` natural logarithms of odds.
    ``succession`` pairs a longest pause with how often the pauses of one training are no longer.
    """

    training_probability_min: float
    operations_ratio_min: float
    score_min: float
    score_sure: float
    prior_ratio: float
    prior_population_min: int
    pieces_max: int
    own_prior_ratio: float
    pseudo_count: float
    own_pseudo_count: float
    own_chance_ratio: float
    image: Trait
    hardware: Trait
    cluster: Trait
    step_period: Trait
    instant_shared_ratio: float
    instants_points_max: float
    instants_points_min: float
    tolerance_ms: int
    step_tolerance_ratio: float
    overlap_ratio_min: float
    succession: tuple[tuple[int, float], ...]
    block_max: int


def identities(pairs: pl.DataFrame, all_: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Weigh what both name: cluster, and hardware with size. ``all_``: numbered signatures."""
    shape = pl.format("{} x {}", pl.col("devices_max").round(0).cast(pl.Int64), "hardware")
    shapes = all_.with_columns(shape=pl.concat_list(shape))
    named = pairs.with_columns(
        shape=pl.concat_list(shape),
        shape_b=pl.concat_list(
            pl.format("{} x {}", pl.col("devices_max_b").round(0).cast(pl.Int64), "hardware_b")
        ),
    )
    return pl.concat(
        [
            _shared(named, _uses(all_, "cluster_ids"), "cluster", "cluster_ids", figures),
            _shared(named, _uses(shapes, "shape"), "hardware", "shape", figures),
        ]
    )


def images(
    pairs: pl.DataFrame, all_: pl.DataFrame, commons: pl.DataFrame, figures: LinkFigures
) -> pl.DataFrame:
    """Weigh a shared image by how many tenants of the whole cloud run it (COMMONS)."""
    uses = _uses(all_, "image_ids").drop("tenant_count", "population")
    counted = commons.select(value="image_id", tenant_count="tenant_count")
    population = counted.filter(pl.col("value").is_null())["tenant_count"].sum()
    known = uses.join(counted, on="value", how="left").with_columns(
        pl.col("tenant_count").fill_null(2), population=pl.lit(population, pl.UInt32)
    )
    return _shared(pairs, known, "image", "image_ids", figures)


def _uses(all_: pl.DataFrame, column: str) -> pl.DataFrame:
    """Count tenants and own workloads of each value: (value, tenant_id, tenant_count, own_count).

    ``population``: tenants that name any value; ``own_population``: workloads of the tenant.
    """
    used = (
        all_.select("n", pl.col("tenant_ids").list.first().alias("tenant_id"), value=column)
        .explode("value", empty_as_null=False)
        .drop_nulls("value")
    )
    own = used.group_by("tenant_id").agg(own_population=pl.col("n").n_unique())
    return (
        used.group_by("value", "tenant_id")
        .agg(own_count=pl.len())
        .with_columns(tenant_count=pl.len().over("value"))
        .with_columns(population=pl.lit(own.height, pl.UInt32))
        .join(own, on="tenant_id", how="left")
    )


def _shared(
    pairs: pl.DataFrame, uses: pl.DataFrame, piece: str, column: str, figures: LinkFigures
) -> pl.DataFrame:
    """Take the rarest value that both have; say so against the link where both have others."""
    trait: Trait = getattr(figures, piece)
    both = pairs.select(
        *PAIR,
        "is_own",
        tenant_id=pl.col("tenant_ids").list.first(),
        mine=column,
        theirs=f"{column}_b",
    ).filter((pl.col("mine").list.len() > 0) & (pl.col("theirs").list.len() > 0))
    met = both.with_columns(value=pl.col("mine").list.set_intersection("theirs"))
    against = met.filter(pl.col("value").list.len() == 0).select(
        *PAIR,
        piece=pl.lit(piece),
        points=pl.lit(1.0 - trait.shared_ratio).log(),
        chance=pl.lit(None, pl.Float64),
        what=pl.lit(""),
    )
    counted = (
        met.explode("value", empty_as_null=False)
        .join(uses, on=("value", "tenant_id"), how="inner")
        .with_columns(chance=_chance(trait, figures))
    )
    weighed = (
        counted.sort(*PAIR, "chance", "value")
        .unique(PAIR, keep="first", maintain_order=True)
        .select(
            *PAIR,
            piece=pl.lit(piece),
            points=(trait.shared_ratio / pl.col("chance")).log().clip(0.0),
            chance="chance",
            what="value",
        )
    )
    return pl.concat([against, weighed]).cast(PIECES)


def _chance(trait: Trait, figures: LinkFigures) -> pl.Expr:
    """Chance that a stranger has the value too: counted, and held to a figure where few count."""
    strangers = pl.col("tenant_count").cast(pl.Float64) - 2.0
    others = (pl.col("population").cast(pl.Float64) - 2.0).clip(0.0)
    pseudo = figures.pseudo_count
    counted = (strangers.clip(0.0) + pseudo * trait.chance_ratio) / (others + pseudo)
    mine = (pl.col("own_count").cast(pl.Float64) - 2.0).clip(0.0)
    of_mine = (pl.col("own_population").cast(pl.Float64) - 2.0).clip(0.0)
    weight = figures.own_pseudo_count
    habit = (mine + weight * figures.own_chance_ratio) / (of_mine + weight)
    return pl.when("is_own").then(habit).otherwise(counted).clip(1e-9, 1.0)


def rhythms(pairs: pl.DataFrame, all_: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Weigh step periods: equal within the tolerance, by how many others keep that time."""
    trait, width = figures.step_period, 2 * figures.step_tolerance_ratio
    cell = (pl.col("step_period_s").log() / width).floor().cast(pl.Int64)
    metered = all_.filter(pl.col("step_period_s").is_not_null()).select("n", cell=cell)
    near = [metered.with_columns(pl.col("cell") + step) for step in (-1, 0, 1)]
    crowd = pl.concat(near).group_by("cell").agg(near=pl.len())
    gap = (pl.col("step_period_s").log() - pl.col("step_period_s_b").log()).abs()
    is_equal = gap <= figures.step_tolerance_ratio
    others = max(metered.height - 2, 0)
    strangers = (pl.col("near").cast(pl.Float64) - figures.pieces_max).clip(0.0)
    pseudo = figures.pseudo_count
    counted = (strangers + pseudo * trait.chance_ratio) / (others + pseudo)
    least = pl.when("is_own").then(figures.own_chance_ratio).otherwise(trait.chance_ratio)
    chance = pl.max_horizontal(counted, least).clip(upper_bound=1.0)
    return (
        pairs.select(*PAIR, "is_own", "step_period_s", "step_period_s_b")
        .drop_nulls()
        .with_columns(cell=cell, is_equal=is_equal)
        .join(crowd, on="cell", how="left")
        .select(
            *PAIR,
            piece=pl.lit("step_period"),
            points=pl.when("is_equal")
            .then((trait.shared_ratio / chance).log().clip(0.0))
            .otherwise(pl.lit(1.0 - trait.shared_ratio).log()),
            chance=pl.when("is_equal").then(chance),
            what=pl.when("is_equal")
            .then(pl.format("{} s", pl.col("step_period_s").round_sig_figs(3)))
            .otherwise(pl.lit("")),
        )
        .cast(PIECES)
    )


def successions(pairs: pl.DataFrame, span_ms: int, figures: LinkFigures) -> pl.DataFrame:
    """Weigh that one begins when the other ends: the shorter the pause, the less by chance.

    ``span_ms``: from the first to the last instant of everything compared; ``own_starts``: how
    many of the tenant's workloads began in it.
    """
    pause = pl.max_horizontal("first_ms", "first_ms_b") - pl.min_horizontal("last_ms", "last_ms_b")
    window: pl.Expr = pl.lit(None, pl.Float64)
    share: pl.Expr = pl.lit(None, pl.Float64)
    for longest_ms, ratio in sorted(figures.succession, reverse=True):
        is_in = pause <= longest_ms
        window = pl.when(is_in).then(pl.lit(float(longest_ms))).otherwise(window)
        share = pl.when(is_in).then(pl.lit(ratio)).otherwise(share)
    starts = pl.when("is_own").then(pl.col("own_starts").cast(pl.Float64)).otherwise(1.0)
    chance = 1.0 - (-starts * pl.col("window") / float(max(span_ms, 1))).exp()
    return (
        pairs.filter(pause >= -figures.tolerance_ms)
        .with_columns(window=window, share=share, pause=pause)
        .filter(pl.col("window").is_not_null())
        .with_columns(chance=chance)
        .select(
            *PAIR,
            piece=pl.lit("succession"),
            points=(pl.col("share") / pl.col("chance")).log(),
            chance="chance",
            what=pl.format("{} min", pl.col("pause").clip(0) // 60_000),
        )
        .cast(PIECES)
    )
