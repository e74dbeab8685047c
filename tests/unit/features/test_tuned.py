"""What the high bound of months holds: tuned 8-bit work, unless the provider ruled it out."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from features.accumulate import accumulate
from features.compute import HOUR_MS, moments
from features.pipeline import describe
from tests.support.usage_rows import HOUR, no_segments, small_catalogue, usage_frame, usage_row
from tests.unit.features.test_describe import NOW, PEAK

DAYS = 4


def last_hour(precision: str | None, vantage: str | None) -> tuple[float, float]:
    """Give expected and high of an hour of a run of days, in hours at the 16-bit peak."""
    catalogue = small_catalogue()
    old = replace(catalogue.prior.old, tuned={"hopper": 0.6})
    catalogue = replace(catalogue, prior=replace(catalogue.prior, old=old, high_ceiling=2.0))
    row = usage_row(0, DAYS * 24 * HOUR, precision=precision, vantage=vantage)
    usage = accumulate(usage_frame([row]))
    now = NOW + DAYS * 24
    cells = describe(usage, catalogue, no_segments(), moments({now: now})).cells
    assert now * HOUR_MS > cells["end_ms"].max()  # type: ignore[operator]
    last = cells.filter(pl.col("bucket") == pl.col("bucket").max())
    expected, high = last.select("operations_expected", "operations_high").row(0)
    return expected / PEAK, high / PEAK


@pytest.mark.parametrize(
    ("precision", "vantage", "high"),
    [
        (None, "host", 0.3 * 10**0.6),
        ("bf16", "guest", 0.3 * 10**0.6),
        ("fp8", "host", 2 * 0.5),
        ("fp8", "guest", 2 * 0.5),
        ("bf16", "host", 0.5),
        ("bf16", "bmc", 0.5),
    ],
)
def test_tuned_work_lies_within_unless_host_or_bmc_saw_16_bit(
    precision: str | None, vantage: str, high: float
) -> None:
    assert last_hour(precision, vantage) == pytest.approx((0.3, high))
