"""Small pieces of explanations made by hand: instants, intervals, a curve, its periods, a part."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from detector.explain.document import PartLine, Period, Range
from detector.facts import Curve

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 12


def at(days: float) -> datetime:
    """Give the instant so many days after 1 March 2026."""
    return MARCH + timedelta(days=days)


def span(low: float, expected: float, high: float) -> Range:
    """Give an interval."""
    return Range(low=low, expected=expected, high=high)


def grown(days: int = DAYS, scale: float = 1.0) -> Curve:
    """Give a curve that grows by a like amount a day, to 1.2e26 at the scale 1."""
    sums = [1.2e26 * scale * (day + 1) / days for day in range(days)]
    return Curve(
        ends=tuple(at(day + 1) for day in range(days)),
        low=tuple(0.6 * each for each in sums),
        expected=tuple(sums),
        high=tuple(1.5 * each for each in sums),
        starts=tuple(at(day) for day in range(days)),
    )


def periods(curve: Curve) -> tuple[Period, ...]:
    """Give one period a day of the curve; every third one was not metered for a half."""
    return tuple(
        Period(
            start=start,
            end=end,
            accelerator_hours=2_000_000.0,
            operations=span(0.6 * curve.expected[0], curve.expected[0], 1.5 * curve.expected[0]),
            unmetered_ratio=0.5 if place % 3 == 0 else 0.0,
            silent_ratio=0.2 if place % 6 == 0 else 0.0,
            cumulated=span(curve.low[place], curve.expected[place], curve.high[place]),
        )
        for place, (start, end) in enumerate(zip(curve.starts, curve.ends, strict=True))
    )


def part(name: str, share: float, probability: float | None, **more: Any) -> PartLine:
    """Give one run or tenant that did a share of the whole."""
    whole = span(7.2e25 * share, 1.2e26 * share, 1.8e26 * share)
    return PartLine(
        id=name,
        tenant_ids=("t-1",),
        accelerator_hours=24_000_000.0 * share,
        operations=whole,
        training_operations=whole,
        training_probability=probability,
        **more,
    )
