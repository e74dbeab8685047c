"""The geometry of an explanation's picture: three panels over one another, numbers and paths only.

Above, training operations as they grew, with their band and the threshold; between, the hours held
in each period and how much of them was known by the allocation alone; below, what each method makes
of the whole, on a logarithmic axis. The templates draw it. Units are SVG user units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from detector.documents import operations_text, printable
from detector.explain import glossary
from detector.explain.document import Explanation, Period, Range, ThresholdLine
from detector.facts import Curve
from detector.ownership.words import width_of
from detector.report.picture import (
    LEFT,
    RIGHT,
    WIDTH,
    Mark,
    Scale,
    amount_marks,
    crossing_marks,
    paths,
    scale_of,
    time_marks,
)
from detector.report.words import count_words

#: The curve must reach this share of the threshold for both to be seen in one plot.
VISIBLE_RATIO: Final = 0.02
#: Top and bottom of the plot of hours, and first row of the methods.
HOURS_TOP: Final = 392
HOURS_BOTTOM: Final = 468
ROWS_TOP: Final = 544
ROW_HEIGHT: Final = 26
#: Left and right of the logarithmic plot; names stand before it, figures after it.
ROWS_LEFT: Final = 116
ROWS_RIGHT: Final = 560
DECADES_MAX: Final = 8
AXIS_MARKS_MAX: Final = 6
DECLARED_MAX: Final = 3
NAME_MAX: Final = 72
#: What the title may take, by the widths of letters of 12 units; it is drawn with 13.
TITLE_WIDTH: Final = 650.0


@dataclass(frozen=True)
class Bar:
    """Hours of one period: its place, the whole height, the unmetered part, the silent part."""

    x: float
    width: float
    top: float
    unmetered_top: float
    silent_top: float


@dataclass(frozen=True)
class Row:
    """One interval on the logarithmic axis; ``low`` and ``high`` None for a single figure."""

    name: str
    y: float
    at: float
    low: float | None
    high: float | None
    words: str
    note: str = ""


@dataclass(frozen=True)
class Drawing:
    """Everything that the template draws."""

    height: float
    title: str
    band: str
    line: str
    threshold_y: float | None
    threshold_words: str
    crossings: tuple[Mark, ...]
    times: tuple[Mark, ...]
    amounts: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    hours_words: str
    hours_title: str
    rows: tuple[Row, ...]
    decades: tuple[Mark, ...]
    threshold_x: float | None


def draw(told: Explanation, curve: Curve) -> Drawing:
    """Lay the picture out; ``curve`` is the subject's cumulative training."""
    main = _main(told)
    is_near = main is not None and curve.high[-1] >= VISIBLE_RATIO * main.operations
    scale = _scale(told, curve, main if is_near else None)
    band, line = paths(scale, told.first_start, curve)
    rows, decades, limit = _rows(told, main)
    most = max((each.accelerator_hours for each in told.periods), default=0.0)
    return Drawing(
        height=ROWS_TOP + ROW_HEIGHT * len(rows) + 34,
        title=_title(told),
        band=band,
        line=line,
        threshold_y=scale.y(main.operations) if main is not None and is_near else None,
        threshold_words=_threshold_words(main, is_near=is_near),
        crossings=crossing_marks(scale, main.crossed_at) if main is not None and is_near else (),
        times=time_marks(scale),
        amounts=amount_marks(scale) if scale.top > 1 else (),
        bars=tuple(_bar(each, scale, most) for each in told.periods),
        hours_words=count_words(most),
        hours_title=f"Accelerator hours by {glossary.period_name(told.period_days)}; pale: by the "
        "allocation alone; dark: silent",
        rows=rows,
        decades=decades,
        threshold_x=limit,
    )


def _title(told: Explanation) -> str:
    """Name the subject; of a long name the two ends."""
    name = shown = printable(told.subject_id)
    half = NAME_MAX // 2
    while len(shown) > NAME_MAX or width_of(shown) > TITLE_WIDTH:
        shown = f"{name[:half]}…{name[1 - half :]}"
        half -= 1
    return shown


def _main(told: Explanation) -> ThresholdLine | None:
    """Give the next threshold that is not passed, or else the largest that is."""
    ordered = sorted(told.thresholds, key=lambda each: (each.operations, each.threshold_id))
    ahead = [each for each in ordered if not each.is_likely]
    near = [
        each
        for each in ahead
        if each.operations * VISIBLE_RATIO <= told.figures.training_operations.high
    ]
    passed = [each for each in ordered if each.is_likely]
    return next(iter([*near, *reversed(passed), *ahead]), None)


def _threshold_words(main: ThresholdLine | None, *, is_near: bool) -> str:
    if main is None:
        return "no threshold is about this subject"
    words = f"threshold {operations_text(main.operations)}"
    return words if is_near else f"the {words} lies far above this plot"


def _scale(told: Explanation, curve: Curve, main: ThresholdLine | None) -> Scale:
    if main is not None:
        return scale_of(curve, told.first_start, main.operations)
    span = max(curve.ends[-1] - told.first_start, timedelta(hours=1))
    return Scale(told.first_start, span, max(curve.high[-1] * 1.05, 1.0))


def _bar(each: Period, scale: Scale, most: float) -> Bar:
    left, right = scale.x(each.start), scale.x(each.end)
    share = each.accelerator_hours / most if most else 0.0
    height = (HOURS_BOTTOM - HOURS_TOP) * share
    gap = 1.0 if right - left > 4 else 0.0
    return Bar(
        x=left,
        width=round(min(max(right - left - gap, 1.0), RIGHT - left), 1) if left < RIGHT else 1.0,
        top=round(HOURS_BOTTOM - height, 1),
        unmetered_top=round(HOURS_BOTTOM - height * each.unmetered_ratio, 1),
        silent_top=round(HOURS_BOTTOM - height * each.silent_ratio, 1),
    )


@dataclass(frozen=True)
class _Line:
    """A row before its place is known."""

    name: str
    operations: Range
    is_single: bool = False
    note: str = ""


def _rows(
    told: Explanation, main: ThresholdLine | None
) -> tuple[tuple[Row, ...], tuple[Mark, ...], float | None]:
    """Give the rows, the marks of the axis, and the place of the threshold where it is on it."""
    lines = [each for each in _lines(told) if each.operations.high > 0]
    if not lines:
        return (), (), None
    first, last = _decades([each.operations for each in lines])
    rows = tuple(_row(number, each, first, last) for number, each in enumerate(lines))
    step = -(-(last - first) // AXIS_MARKS_MAX)
    marks = tuple(
        Mark(_place(10.0**power, first, last), operations_text(10.0**power))
        for power in range(first, last + 1, step)
    )
    limit = main.operations if main is not None else 0.0
    is_shown = limit > 0 and first <= math.log10(limit) <= last
    return rows, marks, _place(limit, first, last) if is_shown else None


def _lines(told: Explanation) -> list[_Line]:
    figures = told.figures
    lines = [
        _Line(each.method, each.operations, note=glossary.ratio_words(each.binding_ratio))
        for each in told.methods
    ]
    lines += [_Line("all work", figures.operations), _Line("training", figures.training_operations)]
    if told.openings:
        sums = {
            bound: sum(getattr(each.operations, bound) for each in told.openings)
            for bound in ("low", "expected", "high")
        }
        lines.insert(-2, _Line("stated", Range(**sums)))
    for each in told.declared[:DECLARED_MAX]:
        if each.operations is not None:
            whole = Range(low=each.operations, expected=each.operations, high=each.operations)
            lines.append(_Line("declared", whole, is_single=True))
    return lines


def _decades(ranges: Sequence[Range]) -> tuple[int, int]:
    """Give the powers of ten between which everything lies, the largest eight at the most."""
    figures = [value for each in ranges for value in (each.low, each.expected, each.high) if value]
    last = math.ceil(math.log10(max(figures)))
    first = math.floor(math.log10(min(figures)))
    return max(min(first, last - 1), last - DECADES_MAX), last


def _place(operations: float, first: int, last: int) -> float:
    if operations <= 0:
        return float(ROWS_LEFT)
    share = (math.log10(operations) - first) / (last - first)
    return round(ROWS_LEFT + (ROWS_RIGHT - ROWS_LEFT) * min(1.0, max(0.0, share)), 1)


def _row(number: int, line: _Line, first: int, last: int) -> Row:
    low, expected, high = (
        _place(value, first, last)
        for value in (line.operations.low, line.operations.expected, line.operations.high)
    )
    return Row(
        name=line.name,
        y=float(ROWS_TOP + ROW_HEIGHT * number),
        at=expected,
        low=None if line.is_single else low,
        high=None if line.is_single else high,
        words=operations_text(line.operations.expected),
        note=line.note,
    )


__all__ = ["HOURS_BOTTOM", "LEFT", "RIGHT", "ROWS_LEFT", "ROWS_RIGHT", "WIDTH", "Drawing", "draw"]
