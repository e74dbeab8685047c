"""A subject's cells over time: hours, operations and silence by day, week or longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from detector.explain.document import Period, Range
from detector.facts import SubjectFacts
from detector.thresholds.crossing import operations_until
from features.compute import DAY_HOURS

#: Lengths of a period in days, and how many periods a reader can take in.
WIDTHS_DAYS: Final = (1, 7, 28, 91, 364)
PERIODS_MAX: Final = 32
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: 1 January 1970 was a Thursday; weeks begin on Mondays.
_TO_MONDAY: Final = 3
#: What device time rests on where no figure of counters, use or power came.
UNMETERED: Final = ("allocation", "silence")
SILENT: Final = ("silence",)


def width_days(facts: SubjectFacts) -> int:
    """Give the shortest length of a period that keeps the timeline readable."""
    days = (facts.last_end - facts.first_start) / timedelta(days=1)
    return next((w for w in WIDTHS_DAYS if days <= w * (PERIODS_MAX - 1)), WIDTHS_DAYS[-1])


def periods(cells: pl.DataFrame, facts: SubjectFacts, days: int) -> tuple[Period, ...]:
    """Give every period in which anything was held, in order; ``cells`` in the order of time."""
    shift = _TO_MONDAY if days > 1 else 0
    slot = (pl.col("bucket").cast(pl.Int64) // DAY_HOURS + shift) // days
    seconds = pl.col("device_ms").sum().cast(pl.Float64) / 1000

    def rest(bases: Sequence[str]) -> pl.Expr:
        there = [f"seconds_{each}" for each in bases if f"seconds_{each}" in cells.columns]
        return pl.sum_horizontal(pl.col(there).sum()) if there else pl.lit(0.0)

    rows = (
        cells.group_by(slot.alias("slot"), maintain_order=True)
        .agg(
            hours=seconds / 3600,
            unmetered=pl.when(seconds > 0).then(rest(UNMETERED) / seconds).otherwise(0.0),
            silent=pl.when(seconds > 0).then(rest(SILENT) / seconds).otherwise(0.0),
            **{
                bound: pl.col(f"operations_{bound}").sum().cast(pl.Float64)
                for bound in ("low", "expected", "high")
            },
        )
        .sort("slot")
    )
    return tuple(_period(row, facts, days, shift) for row in rows.iter_rows(named=True))


def _period(row: dict[str, Any], facts: SubjectFacts, days: int, shift: int) -> Period:
    start = EPOCH + timedelta(days=row["slot"] * days - shift)
    end = start + timedelta(days=days)
    sums = operations_until(facts, end)
    return Period(
        start=max(start, facts.first_start),
        end=min(end, facts.last_end),
        accelerator_hours=row["hours"],
        operations=Range(low=row["low"], expected=row["expected"], high=row["high"]),
        unmetered_ratio=min(1.0, max(0.0, row["unmetered"])),
        silent_ratio=min(1.0, max(0.0, row["silent"])),
        cumulated=Range(low=sums.low, expected=sums.expected, high=sums.high),
    )
