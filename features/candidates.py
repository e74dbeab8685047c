"""Pairs of workloads worth a comparison: those that share some mark, out of all there could be.

Marks: an image; two instants of the gang in a row; a beginning with a step period; an end where
another of the same size, or of the same tenant, begins. A mark that very many share pairs nobody:
it would say nothing, and comparing everybody with everybody would cost the square of the cloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from features.evidence import PAIR, LinkFigures
from features.instants import edges

_MARK: Final = ("key", "one", "two")
_HOUR_MS: Final = 3_600_000
#: Width of the cells into which an end and a beginning must fall together, of any tenants, of one.
_TURN_MS: Final = _HOUR_MS // 4
_OWN_TURN_MS: Final = 6 * _HOUR_MS
#: Instants in a row must fall into cells this many times wider than they may lie apart.
_CELL_WIDTHS: Final = 5


def candidates(all_: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Give the pairs to weigh: the columns of two numbered SIGNATURES, the second's with ``_b``.

    Adds ``kind`` (side_by_side, succession), ``is_own`` (a tenant in common) and ``own_starts``,
    the workloads of the first one's tenant.
    """
    keys = pl.concat([*_named(all_), *_timed(all_, figures), *_turns(all_)]).unique()
    crowd = pl.len().over(_MARK)
    small = keys.filter((crowd > 1) & (crowd <= figures.block_max))
    numbers = (
        small.join(small, on=_MARK, how="inner", suffix="_b")
        .filter(pl.col("n") < pl.col("n_b"))
        .select(PAIR)
        .unique()
    )
    lives = all_.select("n", "first_ms", "last_ms")
    met = _kinds(
        numbers.join(lives, on="n").join(lives.rename(_second(lives.columns)), on="n_b"), figures
    ).select(*PAIR, "kind")
    first = pl.col("tenant_ids").list.first()
    own = all_.group_by(tenant_id=first).agg(own_starts=pl.len())
    return (
        met.join(all_, on="n")
        .join(all_.rename(_second(all_.columns)), on="n_b")
        .with_columns(
            is_own=pl.col("tenant_ids").list.set_intersection("tenant_ids_b").list.len() > 0,
            tenant_id=first,
        )
        .join(own, on="tenant_id", how="left")
        .sort(PAIR)
    )


def _second(columns: Sequence[str]) -> dict[str, str]:
    return {name: f"{name}_b" for name in columns}


def _kinds(rows: pl.DataFrame, figures: LinkFigures) -> pl.DataFrame:
    """Say how two lives lie: side by side, or one after the other; anything else is no pair."""
    both = pl.min_horizontal("last_ms", "last_ms_b") - pl.max_horizontal("first_ms", "first_ms_b")
    lives = [pl.col(f"last_ms{side}") - pl.col(f"first_ms{side}") for side in ("", "_b")]
    longest_ms = max(pause for pause, _ in figures.succession)
    beside = both >= figures.overlap_ratio_min * pl.min_horizontal(lives)
    after = both.is_between(-longest_ms, figures.tolerance_ms)
    kind = pl.when(after).then(pl.lit("succession")).when(beside).then(pl.lit("side_by_side"))
    return rows.with_columns(kind=kind).filter(pl.col("kind").is_not_null())


def _mark(rows: pl.DataFrame, key: pl.Expr, one: pl.Expr, two: pl.Expr) -> pl.DataFrame:
    return rows.select("n", key=key, one=one.cast(pl.Int64), two=two.cast(pl.Int64)).drop_nulls()


def _named(all_: pl.DataFrame) -> Iterator[pl.DataFrame]:
    used = all_.select("n", image="image_ids").explode("image", empty_as_null=False)
    nothing = pl.lit(0)
    yield _mark(used, pl.format("image {}", "image"), nothing, nothing)


def _timed(all_: pl.DataFrame, figures: LinkFigures) -> Iterator[pl.DataFrame]:
    """Two grids of each mark, so that a border that cuts a pair in one does not in the other."""
    width = _CELL_WIDTHS * figures.tolerance_ms
    listed = edges(all_).sort("n", "at_ms", "sign")
    follows = pl.col("at_ms").shift(-1).over("n")
    step = (pl.col("step_period_s").log() / (2 * figures.step_tolerance_ratio)).floor()
    begun = all_.filter(pl.col("step_period_s") > 0)
    for offset in (0, width // 2):
        grid = pl.lit(str(offset))
        here, there = ((at + offset) // width for at in (pl.col("at_ms"), follows))
        yield _mark(listed, pl.format("instants {} {}", grid, "sign"), here, there)
        start = (pl.col("first_ms") + offset) // width
        yield _mark(begun, pl.format("rhythm {}", grid), start, step)


def _turns(all_: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Where one ends and another begins, in the same cell or the next."""
    size = pl.format("turn {} x {}", pl.col("devices_max").round(0).cast(pl.Int64), "hardware")
    owner = pl.format("turn of {}", pl.col("tenant_ids").list.first())
    for key, width in ((size, _TURN_MS), (owner, _OWN_TURN_MS)):
        begins, ends = pl.col("first_ms") // width, pl.col("last_ms") // width
        yield _mark(all_, key, begins, pl.lit(0))
        yield _mark(all_, key, ends, pl.lit(0))
        yield _mark(all_, key, ends + 1, pl.lit(0))
