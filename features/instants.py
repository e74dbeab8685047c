"""Instants that two workloads share: the gang began, stopped or paused at the same time in both.

Chance is what the pace of either would give, and how many others did the same at that time: a
region that goes down takes all its tenants along. Instants at one time of day count once, for a
timetable is shared by many.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from features.evidence import PAIR, PIECES, LinkFigures

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


def edges(all_: pl.DataFrame) -> pl.DataFrame:
    """List the gang's beginnings (sign 1), stops (-1) and pauses (0) of numbered SIGNATURES."""
    sides = [
        all_.select("n", sign=pl.lit(sign, pl.Int8), at_ms=column)
        for column, sign in (("starts_ms", 1), ("stops_ms", -1), ("pauses_ms", 0))
    ]
    return pl.concat(sides).explode("at_ms", empty_as_null=False).drop_nulls("at_ms")


def instants(
    pairs: pl.DataFrame, all_: pl.DataFrame, span_ms: int, figures: LinkFigures
) -> pl.DataFrame:
    """Weigh the gang's instants that lie in the time which both lived through."""
    listed = edges(all_)
    lived = _lived(pairs, figures.tolerance_ms)
    is_told = (pl.col("sign") != 0) | pl.col("both_pause")  # who is not metered shows no pause
    inside = pl.col("at_ms").is_between(pl.col("from_ms"), pl.col("to_ms")) & is_told
    mine = lived.join(listed, on="n").filter(inside)
    theirs = lived.join(listed.rename({"n": "n_b"}), on="n_b").filter(inside)
    met = _met(mine, theirs, figures)
    counts = [
        side.group_by(PAIR).agg(pl.len().alias(name))
        for side, name in ((mine, "mine"), (theirs, "theirs"))
    ]
    found = _weighed(met, all_, listed, span_ms, figures)
    total = (
        lived.select(PAIR)
        .join(counts[0], on=PAIR, how="left")
        .join(counts[1], on=PAIR, how="left")
        .join(found, on=PAIR, how="left")
        .with_columns(pl.col("mine", "theirs", "met", "gained").fill_null(0))
        .filter(pl.col("mine") + pl.col("theirs") > 0)
    )
    return _pieces(total, figures)


def _lived(pairs: pl.DataFrame, slack_ms: int) -> pl.DataFrame:
    """Give the time that both workloads of a pair lived through, and how finely both are told."""
    pauses = [pl.col(name).list.len() > 0 for name in ("pauses_ms", "pauses_ms_b")]
    return pairs.select(
        *PAIR,
        from_ms=pl.max_horizontal("first_ms", "first_ms_b") - slack_ms,
        to_ms=pl.min_horizontal("last_ms", "last_ms_b") + slack_ms,
        grain_ms=pl.max_horizontal("grain_ms", "grain_ms_b"),
        both_pause=pauses[0] & pauses[1],
    ).filter(pl.col("to_ms") - pl.col("from_ms") > 2 * slack_ms)


def _pieces(total: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Turn instants that were met and missed into points: PIECES."""
    missed = (pl.col("mine") + pl.col("theirs") - 2 * pl.col("met")).clip(0) / 2
    lost = missed * pl.lit(1.0 - figures.instant_shared_ratio).log()
    points = (pl.col("gained") + lost).clip(
        figures.instants_points_min, figures.instants_points_max
    )
    most = pl.max_horizontal("mine", "theirs")
    return total.select(
        *PAIR,
        piece=pl.lit("instants"),
        points=points,
        chance=pl.when(points > 0).then(pl.col("chance").clip(1e-12)),
        what=pl.format("{} of {}", "met", most),
    ).cast(PIECES)


def _met(mine: pl.DataFrame, theirs: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Pair each instant with the other's nearest of its sign, once each."""
    by = [*PAIR, "sign"]
    right = theirs.select(*by, "at_ms", other_ms="at_ms").sort("at_ms")
    joined = mine.sort("at_ms").join_asof(
        right,
        on="at_ms",
        by=by,
        strategy="nearest",
        tolerance=figures.tolerance_ms,
        check_sortedness=False,
    )
    return (
        joined.filter(pl.col("other_ms").is_not_null())
        .sort(*by, "at_ms")
        .unique([*by, "other_ms"], keep="first", maintain_order=True)
    )


def _weighed(
    met: pl.DataFrame, all_: pl.DataFrame, listed: pl.DataFrame, span_ms: int, figures: LinkFigures
) -> pl.DataFrame:
    """Add up what the shared instants of each pair weigh: (pair, met, gained, chance)."""
    width = figures.tolerance_ms
    tenants = all_.select("n", tenant_id=pl.col("tenant_ids").list.first())
    cells = listed.join(tenants, on="n").select("sign", "tenant_id", cell=pl.col("at_ms") // width)
    spread = pl.concat([cells.with_columns(pl.col("cell") + step) for step in (-1, 0, 1)])
    crowd = spread.group_by("sign", "cell").agg(crowd=pl.col("tenant_id").n_unique())
    paces = _paces(all_, listed, span_ms)
    others = float(max(tenants["tenant_id"].n_unique() - 2, 0))
    grain = pl.max_horizontal("grain_ms", pl.when(pl.col("sign") == 0).then(_HOUR_MS))
    reach = pl.max_horizontal(pl.lit(2 * width), grain).cast(pl.Float64)
    by_pace = 1.0 - (-reach * pl.max_horizontal("pace", "pace_b")).exp()
    strangers = (pl.col("crowd").cast(pl.Float64) - figures.pieces_max).clip(0.0)
    pseudo = figures.pseudo_count
    by_crowd = (strangers + pseudo * pl.col("by_pace")) / (others + pseudo)
    chance = pl.max_horizontal("by_pace", by_crowd).clip(1e-9, 1.0)
    return (
        met.with_columns(cell=pl.col("at_ms") // width, slot=pl.col("at_ms") % _DAY_MS // width)
        .join(crowd, on=("sign", "cell"), how="left")
        .join(paces, on=("n", "sign"), how="left")
        .join(paces.rename({"n": "n_b", "pace": "pace_b"}), on=("n_b", "sign"), how="left")
        .with_columns(by_pace=by_pace)
        .with_columns(chance=chance)
        .with_columns(points=(figures.instant_shared_ratio / pl.col("chance")).log().clip(0.0))
        .sort(*PAIR, "sign", "at_ms")
        .group_by(*PAIR, "sign", "slot", maintain_order=True)
        .agg(pl.len().alias("met"), pl.col("points").max(), pl.col("chance").min())
        .group_by(PAIR, maintain_order=True)
        .agg(pl.col("met").sum(), gained=pl.col("points").sum(), chance=pl.col("chance").product())
    )


def _paces(all_: pl.DataFrame, listed: pl.DataFrame, span_ms: int) -> pl.DataFrame:
    """How often each gang begins or stops, per millisecond: (n, sign, pace)."""
    lives = all_.select("n", life_ms=(pl.col("last_ms") - pl.col("first_ms")).clip(_DAY_MS))
    return (
        listed.group_by("n", "sign")
        .agg(count=pl.len())
        .join(lives, on="n")
        .select(
            "n",
            "sign",
            pace=pl.max_horizontal(
                pl.lit(1.0 / max(span_ms, 1)), (pl.col("count") - 1.0) / pl.col("life_ms")
            ),
        )
    )
