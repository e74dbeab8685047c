"""The geometry of a chart: boxes, lines and labels in SVG user units. No box overlaps another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from detector.ownership import words
from detector.ownership.chart import ChartEdge, OwnershipChart
from detector.ownership.columns import Frame, columns_of
from detector.ownership.fold import DRAWN_PARTIES_MAX, fold
from detector.ownership.rows import Pair, Route, Rows, lay_rows
from detector.ownership.texts import Shape, Text, texts_of

FRAME: Final = Frame(width=760.0, margin=16.0, gap=20.0)
BOX_WIDTH: Final = 156.0
TRUNK_WIDTH: Final = 6.0
PAD: Final = 8.0
LINE_HEIGHT: Final = 15.0
#: Head room of the title, room for one label below a box, room for bends, foot room of the legend.
TOP: Final = 64.0
LABEL_HEIGHT: Final = 15.0
BEND: Final = 34.0
FOOT: Final = 75.0
ARROW: Final = 5.0
#: How far beside the middle a line ends that leads up.
TURNED: Final = 30.0

Sureness = Literal["sure", "possible", "ended"]


@dataclass(frozen=True)
class Box:
    """A party, or parties left out; ``x`` and ``y`` are its upper left corner."""

    id: str
    x: float
    y: float
    width: float
    height: float
    shape: Shape
    decides: bool
    lines: tuple[Text, ...]


@dataclass(frozen=True)
class Line:
    """What a party holds in a subject; ``arrow`` points at the subject."""

    pair: Pair
    path: str
    arrow: str
    sureness: Sureness
    decides: bool


@dataclass(frozen=True)
class Label:
    """The words of one line, centred at x, the foot of the letters at y."""

    x: float
    y: float
    words: str
    decides: bool


@dataclass(frozen=True)
class Drawing:
    """Everything that is drawn."""

    width: float
    height: float
    title: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class _Grid:
    """Where things stand: centres by name, and the top and the foot of each row."""

    centres: Mapping[str, float]
    row_of: Mapping[str, int]
    tops: Sequence[float]
    feet: Sequence[float]
    ports: Mapping[Pair, tuple[float, int]]


def draw(chart: OwnershipChart, title: str) -> Drawing:
    """Lay a chart out, folded to what can be read at once; ``title`` names its subject."""
    shown = fold(chart, DRAWN_PARTIES_MAX)
    stakes: dict[Pair, list[ChartEdge]] = {}
    for edge in sorted(shown.edges, key=lambda each: each.model_dump_json()):
        stakes.setdefault((edge.party_id, edge.subject_id), []).append(edge)
    boxes = texts_of(shown, BOX_WIDTH - 2 * PAD)
    roots = sorted(each.id for each in shown.parties if each.customer_of)
    folded = [(each.box_id, each.subject_id) for each in shown.folds if each.subject_id is not None]
    rows = lay_rows(sorted(boxes), roots, [*stakes, *folded])
    sizes = dict.fromkeys(rows.trunks, TRUNK_WIDTH) | dict.fromkeys(boxes, BOX_WIDTH)
    centres, width = columns_of(rows, sizes, FRAME)
    grid = _grid(rows, centres, {name: len(each.lines) for name, each in boxes.items()})
    drawn = [_line(each, grid, stakes.get(each.pair, [])) for each in rows.routes]
    return Drawing(
        width=width,
        height=grid.feet[0] + FOOT,
        title=words.fit(words.clean(title), width - 2 * FRAME.margin),
        boxes=tuple(
            Box(
                id=name,
                x=round(centres[name] - BOX_WIDTH / 2, 1),
                y=grid.tops[grid.row_of[name]],
                width=BOX_WIDTH,
                height=grid.feet[grid.row_of[name]] - grid.tops[grid.row_of[name]],
                shape=each.shape,
                decides=each.decides,
                lines=each.lines,
            )
            for name, each in sorted(boxes.items())
        ),
        lines=tuple(sorted((line for line, _ in drawn), key=lambda each: each.decides)),
        labels=tuple(label for _, label in drawn if label.words),
    )


def _grid(rows: Rows, centres: Mapping[str, float], texts: Mapping[str, int]) -> _Grid:
    """Stack the rows, the last one uppermost; below each is room for the labels of its lines."""
    ports = _ports(rows.routes, centres)
    row_of = {name: at for at, row in enumerate(rows.rows) for name in row}
    labels = [0] * len(rows.rows)
    for route in rows.routes:
        row = row_of[route.upper]
        labels[row] = max(labels[row], ports[route.pair][1] + 1)
    tops, feet, y = [0.0] * len(rows.rows), [0.0] * len(rows.rows), TOP
    for at in reversed(range(len(rows.rows))):
        most = max((texts[name] for name in rows.rows[at] if name in texts), default=1)
        tops[at], feet[at] = y, y + most * LINE_HEIGHT + 2 * PAD
        y = feet[at] + labels[at] * LABEL_HEIGHT + BEND
    return _Grid(centres, row_of, tops, feet, ports)


def _ports(routes: Sequence[Route], centres: Mapping[str, float]) -> dict[Pair, tuple[float, int]]:
    """Give where each line, by its pair, leaves its upper box, and the row of its label."""
    leaving: dict[str, list[Route]] = {}
    for route in routes:
        leaving.setdefault(route.upper, []).append(route)
    ports: dict[Pair, tuple[float, int]] = {}
    for upper, lines in leaving.items():
        lines.sort(key=lambda each: (centres[[*each.via, each.lower][0]], each.pair))
        left, step = centres[upper] - BOX_WIDTH / 2, BOX_WIDTH / (len(lines) + 1)
        for number, each in enumerate(lines):
            ports[each.pair] = (round(left + step * (number + 1), 1), number)
    return ports


def _line(route: Route, grid: _Grid, edges: Sequence[ChartEdge]) -> tuple[Line, Label]:
    x, number = grid.ports[route.pair]
    y = start = grid.feet[grid.row_of[route.upper]]
    path = f"M{x},{y}"
    at = x
    for trunk in route.via:
        row, centre = grid.row_of[trunk], grid.centres[trunk]
        path += _bend(at, y, centre, grid.tops[row]) + f" V{grid.feet[row]}"
        at, y = centre, grid.feet[row]
    end = grid.centres[route.lower] + (TURNED if route.is_turned else 0.0)
    foot = grid.tops[grid.row_of[route.lower]]
    path += _bend(at, y, end, foot)
    arrow = _arrow(x, start, -ARROW) if route.is_turned else _arrow(end, foot, ARROW)
    is_deciding = any(each.decides for each in edges)
    line = Line(route.pair, path, arrow, _sureness(edges), is_deciding)
    told = words.fit(_words(edges, is_turned=route.is_turned), BOX_WIDTH + FRAME.gap - PAD)
    half = min(words.width_of(told) / 2, (BOX_WIDTH + FRAME.gap) / 2)
    reach = (BOX_WIDTH + FRAME.gap) / 2 - half
    middle = grid.centres[route.upper]
    centred = round(min(max(x, middle - reach), middle + reach), 1)
    return line, Label(centred, start + LABEL_HEIGHT * (number + 1), told, is_deciding)


def _bend(x: float, y: float, to_x: float, to_y: float) -> str:
    middle = round((y + to_y) / 2, 1)
    return f" C{x},{middle} {to_x},{middle} {to_x},{to_y}"


def _arrow(x: float, y: float, size: float) -> str:
    return f"M{x - ARROW},{y - 1.6 * size} L{x + ARROW},{y - 1.6 * size} L{x},{y} Z"


def _sureness(edges: Sequence[ChartEdge]) -> Sureness:
    holding = [each for each in edges if each.holds]
    if edges and not holding:
        return "ended"
    return "sure" if any(each.certainty == "yes" for each in holding) else "possible"


def _words(edges: Sequence[ChartEdge], *, is_turned: bool) -> str:
    """Say what is held now, or else what was held, with its dates."""
    told = [words.stake_words(each) for each in edges if each.holds]
    if not told:
        told = [f"{words.stake_words(each)} {words.date_words(each)}" for each in edges[-1:]]
    line = "; ".join(dict.fromkeys(each for each in told if each))
    return f"↑ {line}" if is_turned and line else line
