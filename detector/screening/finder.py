"""Finds the listed parties whose names are like ours, and scores the best pair of names of each.

What a pair of parties scores rests on the two alone, never on who else is asked or listed: so
parts of a list can be asked apart, and what did not change need not be asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rigour.names import Name, NameTypeTag

from detector.screening.ceiling import Floors, Told, points_max, told_by
from detector.screening.figures import Figures
from detector.screening.index import NameIndex
from detector.screening.names import forms, readings
from detector.screening.parties import ListedParty, PartyKind
from detector.screening.reading import Reading
from detector.screening.score import NameScore, name_score


class Asked(NamedTuple):
    """What is asked: a kind of party, its names, and what else its record tells.

    Without the last, every listed name that is worth comparing is scored.
    """

    kind: PartyKind
    names: tuple[str, ...]
    told: Told | None = None


class _Names:
    """The listed names that are read in one way, and where they belong."""

    def __init__(self, tag: NameTypeTag, parties: Sequence[ListedParty], figures: Figures) -> None:
        self.tag = tag
        self.read: list[Reading] = []
        #: party's position and whether the name is a weak alias, of each name
        self.places: list[tuple[int, bool]] = []
        self._figures = figures
        for at, party in enumerate(parties):
            if tag in readings(party.kind, party.names):
                self._add(forms(tag, party.names), (at, False))
                self._add(forms(tag, party.weak_aliases), (at, True))
        self.index = NameIndex(self.read, figures.rarity[tag])

    def _add(self, names: Iterable[Name], place: tuple[int, bool]) -> None:
        for name in names:
            self.read.append(Reading(name, self._figures.parts))
            self.places.append(place)


class Finder:
    """Listed parties by name; a position is that in the sequence given."""

    def __init__(self, parties: Sequence[ListedParty], figures: Figures) -> None:
        """Read and index the names of listed parties."""
        self._figures = figures
        self._named = [_Names(tag, parties, figures) for tag in figures.rarity]
        self._told = [told_by(party) for party in parties]

    def find(self, asked: Sequence[Asked]) -> list[dict[int, NameScore]]:
        """Give, for each asked, the parties it may be and the best pair of names of each.

        A party that can be no match, with all that both records tell, may be left out.
        """
        found: list[dict[int, NameScore]] = [{} for _ in asked]
        for named in self._named:
            self._compare(named, asked, found)
        return found

    def _compare(
        self, named: _Names, asked: Sequence[Asked], found: Sequence[dict[int, NameScore]]
    ) -> None:
        figures, floors = self._figures, Floors(self._figures)
        ours = [
            (at, Reading(name, figures.parts))
            for at, (kind, names, _) in enumerate(asked)
            if named.tag in readings(kind, names)
            for name in forms(named.tag, names)
        ]
        for mine, theirs in named.index.candidates([each for _, each in ours], figures.search):
            at, reading = ours[mine]
            party, is_weak = named.places[theirs]
            listed, told = named.read[theirs], asked[at].told
            if told is not None:
                most = points_max(reading, listed, figures, is_weak=is_weak)
                if most < floors.of(told, self._told[party]):
                    continue
            scored = name_score(reading, listed, figures, is_weak=is_weak)
            known = found[at].get(party)
            if known is None or scored.points > known.points:
                found[at][party] = scored
