"""A chart in rows: owners above what they own, cycles turned, long lines led through trunks.

A row holds a few boxes and the trunks of lines that pass through it; lines run between rows only,
so that none crosses a box.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: Boxes beside one another; a level with more takes further rows.
COLUMNS: Final = 4
#: Times that rows are put in the order of their neighbours.
SWEEPS: Final = 6

#: From party to subject.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Route:
    """One line from the lower edge of ``upper`` to the upper edge of ``lower``.

    ``via`` are the trunks it passes, from above. ``is_turned``: the party is the lower one.
    """

    upper: str
    lower: str
    via: tuple[str, ...]
    is_turned: bool

    @property
    def pair(self) -> Pair:
        """The party and the subject of the line."""
        return (self.lower, self.upper) if self.is_turned else (self.upper, self.lower)


@dataclass(frozen=True)
class Rows:
    """Names of boxes and trunks by row, the lowest row first, each row from left to right."""

    rows: tuple[tuple[str, ...], ...]
    routes: tuple[Route, ...]
    trunks: frozenset[str]


def lay_rows(nodes: Sequence[str], roots: Sequence[str], pairs: Iterable[Pair]) -> Rows:
    """Give rows and routes; ``roots`` stand lowest as far as they own no other root."""
    ends = sorted({pair for pair in pairs if pair[0] != pair[1]})
    turned = _turned(nodes, roots, ends)
    lines = [
        (subject, party, True) if (party, subject) in turned else (party, subject, False)
        for party, subject in ends
    ]
    levels = _levels(nodes, [(upper, lower) for upper, lower, _ in lines])
    below: dict[str, list[str]] = {}
    for upper, lower, _ in lines:
        below.setdefault(upper, []).append(lower)
    row_of, count = _split(levels, below)
    rows: list[list[str]] = [[] for _ in range(count)]
    for node in sorted(nodes, key=lambda node: row_of[node]):
        rows[row_of[node]].append(node)
    routes = [_route(line, row_of) for line in lines]
    trunks: set[str] = set()
    for route in routes:
        for row, trunk in zip(_between(route.upper, route.lower, row_of), route.via, strict=True):
            if trunk not in trunks:
                rows[row].append(trunk)
                trunks.add(trunk)
    return Rows(_ordered(rows, routes), tuple(routes), frozenset(trunks))


def _route(line: tuple[str, str, bool], row_of: Mapping[str, int]) -> Route:
    """Lead a line through one trunk a row; lines to one owned box share theirs."""
    upper, lower, is_turned = line
    owner = f"{lower}<{upper}" if is_turned else lower
    rows = _between(upper, lower, row_of)
    via = tuple(f"trunk/{row}/{owner}" for row in rows)
    return Route(upper, lower, via, is_turned)


def _between(upper: str, lower: str, row_of: Mapping[str, int]) -> range:
    """Give the rows between the two boxes of a line, downwards."""
    return range(row_of[upper] - 1, row_of[lower], -1)


def _turned(nodes: Sequence[str], roots: Sequence[str], pairs: Sequence[Pair]) -> set[Pair]:
    """Give the pairs that close a cycle on a walk from the roots upwards."""
    above: dict[str, list[str]] = {}
    for party, subject in pairs:
        above.setdefault(subject, []).append(party)
    turned: set[Pair] = set()
    done: set[str] = set()

    def climb(subject: str, path: frozenset[str]) -> None:
        done.add(subject)
        for party in above.get(subject, ()):
            if party in path:
                turned.add((party, subject))
            elif party not in done:
                climb(party, path | {party})

    for start in [*roots, *nodes]:
        if start not in done:
            climb(start, frozenset({start}))
    return turned


def _levels(nodes: Sequence[str], lines: Sequence[Pair]) -> dict[str, int]:
    """Give each node a level above all that it leads down to; the lines have no cycle."""
    levels = dict.fromkeys(nodes, 0)
    for _ in nodes:
        higher = {
            upper: max(levels[lower] for other, lower in lines if other == upper) + 1
            for upper, _ in lines
        }
        if all(levels[upper] == level for upper, level in higher.items()):
            break
        levels |= higher
    return levels


def _split(
    levels: Mapping[str, int], below: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], int]:
    """Spread levels over rows of a few boxes; neighbours of one subject stay together."""
    row_of: dict[str, int] = {}
    place: dict[str, float] = {}
    row = 0
    for level in range(max(levels.values(), default=0) + 1):
        nodes = [node for node, at in levels.items() if at == level]
        means = {node: _mean([place[each] for each in below.get(node, ())], 0.5) for node in nodes}
        nodes.sort(key=lambda node: (means[node], node))
        count = -(-len(nodes) // COLUMNS)
        width = -(-len(nodes) // count)
        for number, node in enumerate(nodes):
            row_of[node] = row + number // width
            place[node] = (number % width + 0.5) / width
        row += count
    return row_of, row


def _ordered(rows: list[list[str]], routes: Sequence[Route]) -> tuple[tuple[str, ...], ...]:
    """Order each row by where its neighbours stand, upwards and downwards in turn."""
    below: dict[str, list[str]] = {}
    above: dict[str, list[str]] = {}
    for route in routes:
        stops = [route.upper, *route.via, route.lower]
        for upper, lower in zip(stops, stops[1:], strict=False):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    place = {name: (at + 0.5) / len(row) for row in rows for at, name in enumerate(row)}
    for sweep in range(SWEEPS):
        beside = below if sweep % 2 == 0 else above
        for row in rows if sweep % 2 == 0 else reversed(rows):
            means = {
                name: _mean([place[each] for each in beside.get(name, ())], place[name])
                for name in row
            }
            row.sort(key=lambda name: (means[name], name))  # noqa: B023 - used at once
            for at, name in enumerate(row):
                place[name] = (at + 0.5) / len(row)
    return tuple(tuple(row) for row in rows)


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(sorted(places)) / len(places) if places else otherwise
