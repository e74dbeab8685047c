"""Old hours merged to days: totals stay what the hours came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from features.accumulate import accumulate
from features.aged import aged_shares
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.shipped_catalogue import shipped_catalogue
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

FIRST = int(BEGIN.timestamp()) * 1000 // HOUR_MS
DAY = 24
Seen = dict[str, float]


def expected(seen: Callable[[int], Seen], days: int, newest: int) -> float:
    """Give the operations expected of a run, as known when the newest event was so old."""
    rows = [
        usage_row(
            quarter * HOUR // 4,
            (quarter + 1) * HOUR // 4,
            **{f"telemetry.{name}": value for name, value in seen(quarter).items()},
        )
        for quarter in range(days * DAY * 4)
    ]
    catalogue = replace(small_catalogue(), prior=shipped_catalogue().prior)
    known = moments({newest: newest})
    cells = describe(accumulate(usage_frame(rows)), catalogue, no_segments(), known).cells
    return float(cells["operations_expected"].sum())


def changed(seen: Callable[[int], Seen], days: int) -> float:
    """Give by what merging to days multiplies the operations expected."""
    fresh = expected(seen, days, FIRST + days * DAY)
    return expected(seen, days, FIRST + (days + 60) * DAY) / fresh


@pytest.mark.parametrize("days", [1, 3])
def test_a_young_allocation_keeps_its_operations_when_its_hours_become_days(days: int) -> None:
    assert changed(lambda _: {}, days) == pytest.approx(1.0, abs=0.001)


def test_lost_samples_stay_lost_samples_when_hours_become_days() -> None:
    quarters = changed(lambda quarter: {"tensor_active": 0.05} if quarter % 4 else {}, 3)
    assert quarters == pytest.approx(1.0, abs=0.001)


def test_silence_stays_silence_when_hours_become_days() -> None:
    def two_of_three_hours(quarter: int) -> Seen:
        return {"tensor_active": 0.05} if quarter // 4 % 3 else {}

    assert changed(two_of_three_hours, 3) == pytest.approx(1.0, abs=0.03)


def test_half_a_day_of_silence_is_not_expected_at_the_rate_of_the_other_half() -> None:
    found = changed(lambda quarter: {"tensor_active": 0.05} if quarter // 48 % 2 else {}, 4)
    assert 0.85 < found < 1.3


def test_the_shares_of_rows_do_not_depend_on_how_many_are_beside_them() -> None:
    days = pl.DataFrame({"hours": range(1, 25), "age": range(24, 48)}).select(
        start_ms=pl.lit(0, pl.Int64),
        end_ms=pl.col("hours").cast(pl.Int64) * HOUR_MS,
        width_hours=pl.lit(DAY, pl.Int8),
        generation=pl.lit("hopper"),
        devices=pl.col("hours") * 8.0,
        age_hours=pl.col("age").cast(pl.Float64),
        stated_bits=pl.lit(None, pl.Int64),
        service_class=pl.lit(None, pl.String),
        is_eight_bit_open=pl.lit(value=True),
        trust=pl.lit(0, pl.Int8),
    )
    prior, count = shipped_catalogue().prior, 5000 // DAY
    alone = pl.concat(aged_shares(rows, prior) for rows in days.iter_slices(2))
    assert aged_shares(pl.concat([days] * count), prior).equals(pl.concat([alone] * count))
