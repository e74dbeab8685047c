"""Plain plots as SVG text: points on log axes, dots with bars, ranges, lines. Deterministic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 480
LEFT: Final = 90
MARGIN: Final = 40
COLOURS: Final = ("#0b6e99", "#b3541e", "#4a7a29", "#7a3e8e", "#555555", "#a08400", "#c03a5b")


@dataclass(frozen=True)
class Point:
    """A point of the scatter: ``low`` to ``high`` is drawn as a bar through it."""

    x: float
    y: float
    low: float
    high: float
    series: str


def scatter(title: str, x_label: str, y_label: str, points: Sequence[Point]) -> str:
    """Draw points on equal log axes with the line on which both are the same."""
    values = [v for p in points for v in (p.x, p.y)]
    least, most = floor(log10(min(values))), ceil(log10(max(values)))
    names = sorted({p.series for p in points})
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}

    def across(value: float) -> float:
        share = (log10(value) - least) / (most - least)
        return LEFT + share * (WIDTH - LEFT - MARGIN)

    def up(value: float) -> float:
        share = (log10(value) - least) / (most - least)
        return HEIGHT - 60 - min(1.0, max(0.0, share)) * (HEIGHT - 60 - MARGIN)

    first, last = 10.0**least, 10.0**most
    parts = [_line((across(first), up(first), across(last), up(last)), "#999", 1.0)]
    for power in range(least, most + 1):
        at = 10.0**power
        parts.append(_text(across(at), HEIGHT - 42, f"1e{power}", "middle"))
        parts.append(_text(LEFT - 6, up(at) + 4, f"1e{power}", "end"))
        parts.append(_line((across(at), up(first), across(at), up(last)), "#eee", 1.0))
        parts.append(_line((across(first), up(at), across(last), up(at)), "#eee", 1.0))
    for p in points:
        ink = colour[p.series]
        parts.append(_line((across(p.x), up(p.low), across(p.x), up(p.high)), ink, 0.35))
        parts.append(
            f'<circle cx="{across(p.x):.1f}" cy="{up(p.y):.1f}" r="2.6" fill="{ink}"'
            ' fill-opacity="0.8"/>'
        )
    for i, name in enumerate(names):
        parts.append(_text(LEFT + 10, MARGIN + 14 + 15 * i, name, "start", colour[name]))
    return _page(title, x_label, y_label, parts, HEIGHT)


def bars(title: str, x_label: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Draw (name, middle, low, high) of each row on one linear axis around nothing."""
    height = 110 + 24 * len(rows)
    most = max(0.1, *(max(abs(low), abs(high)) for _, _, low, high in rows))
    left = 190

    def across(value: float) -> float:
        return left + (value / most + 1.0) / 2.0 * (WIDTH - left - MARGIN)

    parts = [_line((across(0.0), MARGIN, across(0.0), height - 60), "#999", 1.0)]
    for tick in (-most, -most / 2, 0.0, most / 2, most):
        parts.append(_text(across(tick), height - 42, f"{tick:+.2f}", "middle"))
    for i, (name, middle, low, high) in enumerate(rows):
        y = MARGIN + 16 + 24 * i
        parts.append(_text(left - 8, y + 4, name, "end"))
        parts.append(_line((across(low), y, across(high), y), COLOURS[0], 1.0, 3))
        parts.append(f'<circle cx="{across(middle):.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[1]}"/>')
    return _page(title, x_label, "", parts, height)


@dataclass(frozen=True)
class Range:
    """A row of ``ranges``: from ``low`` to ``high`` with a dot at ``middle``."""

    name: str
    low: float
    middle: float
    high: float
    series: int


def ranges(
    title: str, x_label: str, rows: Sequence[Range], ticks: Sequence[tuple[float, str]]
) -> str:
    """Draw ranges on one linear axis that goes from the first tick to the last."""
    height = 110 + 24 * len(rows)
    left, least, most = 250, ticks[0][0], ticks[-1][0]

    def across(value: float) -> float:
        share = min(1.0, max(0.0, (value - least) / (most - least)))
        return left + share * (WIDTH - left - MARGIN)

    parts = []
    for at, words in ticks:
        parts.append(_line((across(at), MARGIN, across(at), height - 60), "#eee", 1.0))
        parts.append(_text(across(at), height - 42, words, "middle"))
    for i, row in enumerate(rows):
        y, ink = MARGIN + 16 + 24 * i, COLOURS[row.series]
        parts.append(_text(left - 8, y + 4, row.name, "end", ink))
        parts.append(_line((across(row.low), y, across(row.high), y), ink, 1.0, 3))
        parts.append(f'<circle cx="{across(row.middle):.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>')
    return _page(title, x_label, "", parts, height)


def curves(
    title: str, x_label: str, y_label: str, lines: Mapping[str, Sequence[tuple[float, float]]]
) -> str:
    """Draw lines by name, both axes from 0 to 1, with the line on which both are the same."""

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + x * (WIDTH - LEFT - MARGIN), HEIGHT - 60 - y * (HEIGHT - 60 - MARGIN)

    parts = [_line((*place(0, 0), *place(1, 1)), "#999", 1.0)]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_text(place(tick, 0)[0], HEIGHT - 42, f"{tick:g}", "middle"))
        parts.append(_text(LEFT - 6, place(0, tick)[1] + 4, f"{tick:g}", "end"))
        parts.append(_line((*place(tick, 0), *place(tick, 1)), "#eee", 1.0))
        parts.append(_line((*place(0, tick), *place(1, tick)), "#eee", 1.0))
    for i, (name, points) in enumerate(lines.items()):
        ink = COLOURS[i % len(COLOURS)]
        spots = [place(x, y) for x, y in points]
        parts += [
            _line((*one, *two), ink, 1.0, 2) for one, two in zip(spots, spots[1:], strict=False)
        ]
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>' for x, y in spots]
        parts.append(_text(LEFT + 10, MARGIN + 14 + 15 * i, name, "start", ink))
    return _page(title, x_label, y_label, parts, HEIGHT)


def _line(ends: tuple[float, float, float, float], ink: str, opacity: float, width: int = 1) -> str:
    x, y, to_x, to_y = ends
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{ink}"'
        f' stroke-width="{width}" stroke-opacity="{opacity}"/>'
    )


def _text(x: float, y: float, words: str, anchor: str, ink: str = "#333") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'
    )


def _page(title: str, x_label: str, y_label: str, parts: Sequence[str], height: int) -> str:
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(WIDTH / 2, 22, title, "middle"),
        _text(WIDTH / 2, height - 16, x_label, "middle"),
        f'<text transform="translate(22 {height / 2:.0f}) rotate(-90)" text-anchor="middle"'
        f' fill="#333">{escape(y_label)}</text>',
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"
