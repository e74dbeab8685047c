"""The geometry of the picture in a report: cumulative operations against the threshold.

Only numbers and path texts leave this file; the template draws them. Units are SVG user units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from detector.documents import operations_text
from detector.facts import Curve
from detector.report.document import CrossedAt
from detector.report.words import date_words

WIDTH: Final = 760
HEIGHT: Final = 360
LEFT: Final = 92
RIGHT: Final = 736
TOP: Final = 78
BOTTOM: Final = 318

#: More points than this cannot be seen at this width.
POINTS_MAX: Final = 300
TICKS: Final = 4


@dataclass(frozen=True)
class Mark:
    """A place on an axis or on the threshold line, with its words."""

    at: float
    words: str
    row: float = 0.0
    anchor: str = "middle"


@dataclass(frozen=True)
class Picture:
    """Everything the template draws. ``band`` is the 90 % interval, ``line`` the expected."""

    band: str
    line: str
    threshold_y: float
    threshold_words: str
    crossings: tuple[Mark, ...]
    times: tuple[Mark, ...]
    amounts: tuple[Mark, ...]


@dataclass(frozen=True)
class Scale:
    """Where instants and operations lie: ``top`` operations reach the top of the plot."""

    start: datetime
    span: timedelta
    top: float

    def x(self, instant: datetime) -> float:
        """Give the place of an instant from left to right."""
        return round(LEFT + (RIGHT - LEFT) * ((instant - self.start) / self.span), 1)

    def y(self, operations: float) -> float:
        """Give the height of operations; what is far above the top is cut a little above it."""
        share = min(operations / self.top, 1.2)
        return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def draw(
    curve: Curve, first_start: datetime, threshold_operations: float, crossed_at: CrossedAt
) -> Picture | None:
    """Lay the curve out, or give None where there is none to draw."""
    if not curve.ends:
        return None
    scale = scale_of(curve, first_start, threshold_operations)
    band, line = paths(scale, first_start, curve)
    return Picture(
        band=band,
        line=line,
        threshold_y=scale.y(threshold_operations),
        threshold_words=f"threshold {operations_text(threshold_operations)}",
        crossings=crossing_marks(scale, crossed_at),
        times=time_marks(scale),
        amounts=amount_marks(scale),
    )


def paths(scale: Scale, first_start: datetime, curve: Curve) -> tuple[str, str]:
    """Give the path of the band between low and high, and that of the expected line."""
    places = _thin(len(curve.ends))
    low = _points(scale, first_start, curve, curve.low, places)
    expected = _points(scale, first_start, curve, curve.expected, places)
    high = _points(scale, first_start, curve, curve.high, places)
    return f"M{' L'.join([*high, *reversed(low)])} Z", f"M{' L'.join(expected)}"


def scale_of(curve: Curve, first_start: datetime, threshold_operations: float) -> Scale:
    """The threshold stays in sight however far the high bound runs beyond it."""
    tallest = max(threshold_operations, curve.high[-1])
    cap = max(4 * threshold_operations, 1.2 * curve.expected[-1])
    start = min(first_start, curve.ends[0])
    span = max(curve.ends[-1] - start, timedelta(hours=1))
    return Scale(start, span, min(tallest * 1.05, cap))


def _thin(count: int) -> list[int]:
    step = max(1, -(-count // POINTS_MAX))
    return sorted({*range(0, count, step), count - 1})


def _points(
    scale: Scale, start: datetime, curve: Curve, sums: Sequence[float], places: list[int]
) -> list[str]:
    begin = f"{scale.x(start)},{scale.y(0)}"
    return [begin, *(f"{scale.x(curve.ends[place])},{scale.y(sums[place])}" for place in places)]


def crossing_marks(scale: Scale, crossed_at: CrossedAt) -> tuple[Mark, ...]:
    """Each word stands on a row of its own, so that close instants stay legible."""
    named = (
        ("earliest", crossed_at.earliest),
        ("likely", crossed_at.likely),
        ("certain", crossed_at.certain),
    )
    return tuple(
        Mark(
            at=scale.x(instant),
            words=f"{word} {date_words(instant)}",
            row=20.0 + 18.0 * row,
            anchor="end" if scale.x(instant) > (LEFT + RIGHT) / 2 else "start",
        )
        for row, (word, instant) in enumerate(named)
        if instant is not None
    )


def time_marks(scale: Scale) -> tuple[Mark, ...]:
    """Evenly spaced instants with their dates, or times of day where the span is short."""
    instants = [scale.start + scale.span * (step / TICKS) for step in range(TICKS + 1)]
    whole_days = scale.span >= timedelta(days=TICKS)
    return tuple(
        Mark(scale.x(at), f"{at.day} {at:%b %Y}" if whole_days else f"{at.day} {at:%b %H:%M}")
        for at in instants
    )


def amount_marks(scale: Scale) -> tuple[Mark, ...]:
    """Round amounts: steps of 1, 2 or 5 times a power of ten."""
    rough = scale.top / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    amounts = [step * place for place in range(int(scale.top / step) + 1)]
    return tuple(Mark(scale.y(amount), operations_text(amount)) for amount in amounts)
