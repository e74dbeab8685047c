"""Levels cut into cells: exact sums, hours and days, segments of holders."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from features.accumulate import accumulate, merge
from features.cells import cut
from features.compute import HOUR_MS, hours, moments, specify
from features.timeline import lay_out
from tests.support.usage_rows import (
    BEGIN,
    HOUR,
    no_segments,
    small_catalogue,
    usage_frame,
    usage_row,
)

START = int(BEGIN.timestamp()) * 1000
FIRST_HOUR = START // HOUR_MS
NOW = FIRST_HOUR + 100


def cells(
    *rows: dict[str, Any], segments: pl.DataFrame | None = None, newest: int = NOW
) -> list[tuple[Any, ...]]:
    """Give (segment, hours from the first, width, device ms, start, end) of each cell."""
    usage = merge([accumulate(usage_frame(rows))])
    known = moments({newest: newest})
    specs = specify(usage.strands, small_catalogue())
    tenants = usage.strands.select("strand", "tenant_id")
    held = no_segments() if segments is None else segments
    found = cut(lay_out(usage.coverage, specs, known, 24.0).levels, tenants, held, known, 0.5)
    return found.select(
        "segment",
        pl.col("bucket") - FIRST_HOUR,
        "width_hours",
        "device_ms",
        pl.col("start_ms") - START,
        pl.col("end_ms") - START,
    ).rows()


def test_time_is_cut_at_whole_hours_to_the_millisecond() -> None:
    assert cells(usage_row(HOUR - 1, 2 * HOUR + 1)) == [
        (0, 0, 1, 1.0, HOUR - 1, HOUR),
        (0, 1, 1, HOUR, HOUR, 2 * HOUR),
        (0, 2, 1, 1.0, 2 * HOUR, 2 * HOUR + 1),
    ]


def test_what_is_old_is_cut_at_days() -> None:
    newest = FIRST_HOUR + 24 * 46
    found = cells(usage_row(23 * HOUR, 26 * HOUR), newest=newest)
    assert found == [
        (0, 0, 24, HOUR, 23 * HOUR, 24 * HOUR),
        (0, 24, 1, HOUR, 24 * HOUR, 25 * HOUR),
        (0, 25, 1, HOUR, 25 * HOUR, 26 * HOUR),
    ]


def test_a_change_of_holder_cuts_within_an_hour_and_within_a_day() -> None:
    sale = START + HOUR // 4
    sold = pl.DataFrame(
        [("t", 0, -(2**62), sale), ("t", 1, sale, 2**62)], no_segments().schema, orient="row"
    )
    for newest, width in ((NOW, 1), (FIRST_HOUR + 24 * 60, 24)):
        assert cells(usage_row(0, HOUR), segments=sold, newest=newest) == [
            (0, 0, width, HOUR / 4, 0, HOUR // 4),
            (1, 0, width, HOUR * 3 / 4, HOUR // 4, HOUR),
        ]


@pytest.mark.parametrize("milliseconds", [1, 7, 1001, 600_000 * 49, HOUR - 1])
def test_whole_milliseconds_stay_whole(milliseconds: int) -> None:
    found = cells(usage_row(0, milliseconds, accelerator_count=3))
    assert sum(row[3] for row in found) == 3 * milliseconds


def test_hours_are_divided_as_a_person_would() -> None:
    lengths = [HOUR * n for n in range(1, 200)]
    found = pl.DataFrame({"ms": lengths}).select(hours(pl.col("ms"))).to_series()
    assert found.to_list() == [float(n) for n in range(1, 200)]
