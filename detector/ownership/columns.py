"""Where the boxes and trunks of each row stand from left to right: near their neighbours, apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from detector.ownership.rows import Rows

#: Times that every row is moved towards its neighbours.
SWEEPS: Final = 8


@dataclass(frozen=True)
class Frame:
    """The least width of the page, its margin and the gap between two things, in user units."""

    width: float
    margin: float
    gap: float


def columns_of(
    rows: Rows, sizes: Mapping[str, float], frame: Frame
) -> tuple[dict[str, float], float]:
    """Give the centre of everything and the width of the page, which grows where a row needs it.

    The order within a row stays, and nothing comes nearer to its neighbour than the gap.
    """
    needed = [
        sum(sizes[name] for name in row) + frame.gap * (len(row) - 1) + 2 * frame.margin
        for row in rows.rows
    ]
    width = max(frame.width, *needed)
    centres = {name: width / 2 for row in rows.rows for name in row}
    beside = _neighbours(rows)
    for sweep in range(SWEEPS):
        for row in rows.rows if sweep % 2 == 0 else reversed(rows.rows):
            wanted = [_mean([centres[each] for each in beside.get(name, [name])]) for name in row]
            settled = _settled(wanted, [sizes[name] for name in row], width, frame)
            centres |= dict(zip(row, settled, strict=True))
    return {name: round(centre, 1) for name, centre in centres.items()}, round(width, 1)


def _neighbours(rows: Rows) -> dict[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for route in rows.routes:
        stops = [route.upper, *route.via, route.lower]
        for upper, lower in zip(stops, stops[1:], strict=False):
            beside.setdefault(upper, []).append(lower)
            beside.setdefault(lower, []).append(upper)
    return beside


def _settled(
    wanted: Sequence[float], sizes: Sequence[float], width: float, frame: Frame
) -> list[float]:
    """Push apart what stands too near, from both sides alike, and keep all on the page."""
    apart = [(one + other) / 2 + frame.gap for one, other in zip(sizes, sizes[1:], strict=False)]
    first, last = frame.margin + sizes[0] / 2, width - frame.margin - sizes[-1] / 2
    pushed_right = _pushed(wanted, apart, min(wanted))
    backwards = _pushed([-each for each in reversed(wanted)], apart[::-1], -max(wanted))
    pushed_left = [-each for each in reversed(backwards)]
    middle = [(one + other) / 2 for one, other in zip(pushed_right, pushed_left, strict=True)]
    capped = [min(middle[-1], last)]
    for place, distance in zip(reversed(middle[:-1]), reversed(apart), strict=True):
        capped.append(min(place, capped[-1] - distance))
    return _pushed(capped[::-1], apart, first)


def _pushed(places: Sequence[float], apart: Sequence[float], least: float) -> list[float]:
    pushed = [max(places[0], least)]
    for place, distance in zip(places[1:], apart, strict=True):
        pushed.append(max(place, pushed[-1] + distance))
    return pushed


def _mean(places: Sequence[float]) -> float:
    return sum(sorted(places)) / len(places)
