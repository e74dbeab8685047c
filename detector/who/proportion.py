"""The attribution of 31 CFR part 850: whole down majority links, in proportion down the others.

A holder of more than half of an entity is taken to hold all that the entity holds; a holder of less
holds its proportion of it (31 CFR 850.206(b) and 850.219). Holdings of several persons and over
several paths add, within one kind of right: votes are never added to seats or to equity. At exactly
half the sources differ, so the lowest bound takes the proportion and the highest the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from detector.who.answers import Step
from detector.who.control import HALF
from detector.who.interests import Share, bound
from detector.who.shares import Network, cycles_of, shares_of
from detector.who.stakes import Owned

#: Those asked about, put together; no record is called so.
_TOGETHER: Final = "\0all of them together"


@dataclass(frozen=True)
class Attributed:
    """What persons hold of a record together, and which entities are wholly attributed to them."""

    share: Fraction
    whole: frozenset[str]


def attributed(
    owned: Owned, persons: Iterable[str], record_id: str, *, is_high: bool
) -> Attributed:
    """Give what persons hold of a record by one kind of right, all together, a ratio.

    ``owned``: who holds how much of the right directly. ``is_high`` takes the largest possible
    shares, else the smallest. The record never counts against itself.
    """
    whole = frozenset(persons) - {record_id}
    while True:
        found = _shares(owned, whole, is_high=is_high)
        more = {
            entity for entity, share in found.items() if share > HALF or (is_high and share == HALF)
        }
        if more <= whole | {record_id}:
            return Attributed(found.get(record_id, Fraction(0)), whole)
        whole |= more - {record_id}


def steps_of(owned: Owned, record_id: str) -> tuple[Step, ...]:
    """Give every link on a way to a record, nearest last, each subject's by holder."""
    found: list[Step] = []
    seen, waiting = {record_id}, [record_id]
    while waiting:
        subject = waiting.pop(0)
        for holder in sorted(owned.get(subject, {})):
            found.append(Step(holder, subject, owned[subject][holder]))
            if holder not in seen:
                seen.add(holder)
                waiting.append(holder)
    return tuple(reversed(found))


def _shares(owned: Owned, whole: frozenset[str], *, is_high: bool) -> dict[str, Fraction]:
    """Give the share of those who count whole, put together, in every entity below them."""
    direct: dict[str, dict[str, Share]] = {}
    for subject, held in owned.items():
        sizes: dict[str, Fraction] = {}
        for holder, share in held.items():
            name = _TOGETHER if holder in whole else holder
            sizes[name] = sizes.get(name, Fraction(0)) + bound(share, is_high=is_high)
        direct[subject] = {name: Share(size, size) for name, size in sizes.items()}
    found = shares_of(_network(direct), _TOGETHER)
    return {
        each: bound(share, is_high=is_high) for each, share in found.items() if each != _TOGETHER
    }


def _network(direct: Mapping[str, Mapping[str, Share]]) -> Network:
    edges = sorted((party, subject) for subject, held in direct.items() for party in held)
    subjects_of: dict[str, tuple[str, ...]] = {}
    for party, subject in edges:
        subjects_of[party] = (*subjects_of.get(party, ()), subject)
    return Network(direct, {}, {}, subjects_of, cycles_of(edges))
