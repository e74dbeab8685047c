"""Whether the usage that a correction quotes was folded earlier, told by the state itself.

Names are let go after a horizon; the covered time of a resource is kept for good. So where the name
of a corrected event is unknown and may have been let go, its covered time decides whether it came.
An original that comes only after its correction is then told from one that came long before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import polars as pl

from features.accumulate import lines_of
from features.identity import DEDUP_HORIZON, Claim
from features.powerless import without_dead_zeros
from features.schema import STRAND_FIELDS

#: How far the end of a usage interval may lie past the instant at which its event was known.
MARGIN: Final = timedelta(days=2)
_NAME: Final = ("name_hi", "name_lo")
#: What one step function is about, whatever the numbers of its strands and its hours of knowledge.
_STEPS_OF: Final = (*STRAND_FIELDS, "resource_id", "devices", "fraction_ppb", "seen")


def in_doubt(events: pl.DataFrame, corrections: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Give the corrections whose original is unknown by name, but so old that it may have been.

    As ``claim`` takes them, with ``original_end``, the end of the usage corrected.
    """
    old = corrections.filter(pl.col("original_end") < pl.col("known_at") - DEDUP_HORIZON + MARGIN)
    known = pl.concat(
        [
            stored.filter(pl.col("kind") == int(Claim.EVENT)).select(_NAME),
            events.select(_NAME),
            corrections.select(_NAME),
        ]
    )
    return old.join(
        known, left_on=["original_name_hi", "original_name_lo"], right_on=_NAME, how="anti"
    )


def folded_before(
    quoted: pl.DataFrame, held: Iterable[tuple[pl.DataFrame, pl.DataFrame]]
) -> tuple[int, ...]:
    """Give the ordinals of the quoted events whose whole interval the state covers as they do.

    ``quoted``: USAGE_EVENTS rows, originals of corrections. ``held``: STRANDS and COVERAGE of the
    state, part by part. Another event of the same identifiers, resource, devices and counters that
    covers the interval counts as well: nobody can tell the two apart.
    """
    heard = without_dead_zeros(quoted)
    asked = heard.select(
        "ordinal",
        *STRAND_FIELDS,
        *lines_of(heard),
        *(pl.col(name).dt.epoch("ms").alias(f"{name}_ms") for name in ("start", "end")),
    )
    near = [_steps_near(asked, strands, coverage) for strands, coverage in held]
    if not near:
        return ()
    edges = pl.concat(near).group_by(*_STEPS_OF, "at_ms").agg(pl.col("delta").sum())
    levels = edges.sort("at_ms").with_columns(level=pl.col("delta").cum_sum().over(_STEPS_OF))
    met = asked.join(levels, on=_STEPS_OF, how="inner", nulls_equal=True).sort("at_ms")
    before = met.filter(pl.col("at_ms") <= pl.col("start_ms")).group_by("ordinal")
    began = before.agg(pl.col("level").last()).filter(pl.col("level") > 0)
    inside = (pl.col("at_ms") > pl.col("start_ms")) & (pl.col("at_ms") < pl.col("end_ms"))
    broken = met.filter(inside & (pl.col("level") <= 0))
    return tuple(began.join(broken, on="ordinal", how="anti")["ordinal"].sort())


def _steps_near(asked: pl.DataFrame, strands: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Give the steps of the resources asked about, with their identifiers."""
    mine = coverage.filter(pl.col("resource_id").is_in(asked["resource_id"].unique().implode()))
    return mine.join(strands, on="strand", how="left").select(*_STEPS_OF, "at_ms", "delta")
