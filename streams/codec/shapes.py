"""The shapes of events seen so far: they change how fast lines are read, never what is read."""

from __future__ import annotations

from typing import Final

from streams.codec.template import Template

#: Shapes kept for each number of quotes; an exporter has a handful.
SHAPES_MAX: Final = 64


class Shapes:
    """Templates by their number of quotes, kept from batch to batch; the oldest go first.

    Threads may share one: what another thread learns meanwhile is merely not used yet.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._known: dict[int, list[Template]] = {}

    def __len__(self) -> int:
        return sum(map(len, tuple(self._known.values())))

    def of(self, quotes: int) -> tuple[Template, ...]:
        """Give the shapes known to have this number of quotes."""
        return tuple(self._known.get(quotes, ()))

    def learn(self, template: Template) -> None:
        """Keep a shape that several lines share."""
        known = self._known.setdefault(template.quotes, [])
        known.append(template)
        del known[:-SHAPES_MAX]
