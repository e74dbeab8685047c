"""A seeded country of companies for the benchmark, as BODS statements, one group after another.

A group is what one set of people stands behind: a company by itself, a chain, a tree of
subsidiaries, a company with many small holders, or companies that hold one another. Shares are
exact, ranges or not stated; some interests are control; most have a start, few an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from detector.who.graph import Statement
from tests.support.statements import entity, person, relationship

Pair = tuple[str, str]
Parts = tuple[float, ...]

#: How the whole is commonly divided, in percent.
_DIVISIONS: Final[tuple[Parts, ...]] = (
    (100,),
    (100,),
    (50, 50),
    (51, 49),
    (60, 40),
    (75, 25),
    (40, 35, 25),
    (33.34, 33.33, 33.33),
    (90, 10),
    (70, 20, 10),
)
_STARTS: Final = tuple(f"20{year:02d}-0{month}-01" for year in range(5, 25) for month in (1, 4, 7))


def groups(entities: int, seed: int = 1) -> Iterator[list[Statement]]:
    """Give groups of statements that together describe so many entities."""
    random = Random(seed)  # noqa: S311 - a benchmark's figures, not a secret
    left, number = entities, 0
    while left > 0:
        shape = random.choices(list(_SHAPES), [each[1] for each in _SHAPES.values()])[0]
        group = _Group(random, f"{number:07d}", left)
        _SHAPES[shape][0](group)
        left -= group.entities
        number += 1
        yield group.statements


class _Group:
    """One group as it grows; it stops growing at ``room`` entities."""

    def __init__(self, random: Random, name: str, room: int) -> None:
        self.random, self.room, self.entities = random, room, 0
        self.statements: list[Statement] = []
        self._name, self._people, self._held = name, 0, 0

    def company(self) -> str:
        """Add one entity and give its record id."""
        record_id = f"{self._name}-e{self.entities}"
        self.entities += 1
        self.statements.append(entity(record_id, "GB"))
        return record_id

    def human(self) -> str:
        """Add one person and give the record id."""
        record_id = f"{self._name}-p{self._people}"
        self._people += 1
        self.statements.append(person(record_id, "GB"))
        return record_id

    def hold(self, party: str, subject: str, percent: float) -> None:
        """Add a relationship; what is stated of its share is drawn."""
        random = self.random
        stated: dict[str, Any] = {"type": "shareholding", "directOrIndirect": "direct"}
        drawn = random.random()
        if drawn < 0.65:
            stated["share"] = {"exact": percent}
        elif drawn < 0.9:
            low = max(each for each in (0, 25, 50, 75) if each <= percent)
            stated["share"] = {"minimum": low, "maximum": 100 if low == 75 else low + 25}
        if random.random() < 0.75:
            stated["startDate"] = random.choice(_STARTS)
        if random.random() < 0.04:
            stated["endDate"] = "2025-06-01"
        interests = [stated]
        if random.random() < 0.06:
            interests.append({"type": "appointmentOfBoard", "directOrIndirect": "direct"})
        self._held += 1
        record_id = f"{self._name}-r{self._held}"
        self.statements.append(relationship(record_id, party, subject, interests))

    def people(self, subject: str) -> None:
        """Add the people on top of a company."""
        for percent in self.random.choice(_DIVISIONS):
            self.hold(self.human(), subject, percent)


def _alone(group: _Group) -> None:
    group.people(group.company())


def _chain(group: _Group) -> None:
    below = group.company()
    for _ in range(min(group.random.randint(1, 7), group.room - group.entities)):
        above = group.company()
        group.hold(above, below, group.random.choice((100, 100, 80, 75, 51)))
        below = above
    group.people(below)


def _tree(group: _Group) -> None:
    """Subsidiaries of subsidiaries, some held by two of the tree."""
    top = group.company()
    group.people(top)
    made = [top]
    for _ in range(min(group.random.randint(4, 60), group.room - group.entities)):
        subject = group.company()
        parents = {group.random.choice(made[-12:]), group.random.choice(made)}
        chosen = sorted(parents) if group.random.random() < 0.2 else sorted(parents)[:1]
        for parent in chosen:
            group.hold(parent, subject, 100 // len(chosen))
        made.append(subject)


def _star(group: _Group) -> None:
    """One company with many small holders and one large one."""
    subject = group.company()
    holders = group.random.randint(5, 20)
    group.hold(group.human(), subject, 40)
    for _ in range(holders):
        group.hold(group.human(), subject, round(60 / holders, 2))


def _ring(group: _Group) -> None:
    """Companies that hold one another, with people on top of the first and a company below."""
    ring = [group.company() for _ in range(max(1, min(group.random.randint(2, 4), group.room)))]
    group.people(ring[0])
    for party, subject in zip(ring, [*ring[1:], ring[0]], strict=True):
        group.hold(party, subject, group.random.choice((5, 10, 20, 30)))
    if group.entities < group.room:
        group.hold(ring[-1], group.company(), 100)


#: The shapes with their weights among groups.
_SHAPES: Final[dict[str, tuple[Callable[[_Group], None], float]]] = {
    "alone": (_alone, 0.80),
    "chain": (_chain, 0.14),
    "tree": (_tree, 0.03),
    "star": (_star, 0.025),
    "ring": (_ring, 0.005),
}
