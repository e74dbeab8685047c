"""How many of the names that mean a listed party are found, and how many hits mean another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detector.screening.figures import Figures
from detector.screening.finder import Asked, Finder
from detector.screening.names import TAGS, forms
from detector.screening.parties import ListedParty
from detector.screening.reading import Reading
from detector.screening.score import ratio
from streams.matching.cases import PIECE
from streams.matching.kinds import KINDS, kind_of
from streams.matching.rows import Query


@dataclass(frozen=True)
class Found:
    """What one name brought up: the score of whom it means, and the scores of others."""

    query: Query
    right: float
    others: tuple[float, ...]

    def others_from(self, cut: float) -> int:
        """Count the others that are hits at a cut-off."""
        return sum(score >= cut for score in self.others)


@dataclass(frozen=True)
class Line:
    """A row of a table, at one cut-off: cases, those found, and hits that mean whom was asked."""

    cases: int
    found: int
    hits: int

    @property
    def recall(self) -> float:
        """Give the share of cases that are found."""
        return self.found / self.cases if self.cases else 0.0

    @property
    def precision(self) -> float:
        """Give the share of hits, of any name, that are whom the name means."""
        return self.found / self.hits if self.hits else 1.0


def ask(queries: Sequence[Query], parties: Sequence[ListedParty], finder: Finder) -> list[Found]:
    """Ask for names; a score is 0 where nothing was brought up."""
    told: list[Found] = []
    for start in range(0, len(queries), PIECE):
        piece = queries[start : start + PIECE]
        found = finder.find([Asked(query.kind, (query.name,)) for query in piece])
        for query, best in zip(piece, found, strict=True):
            scores = {at: ratio(name.points) for at, name in best.items()}
            same = [s for at, s in scores.items() if parties[at].party_id == query.party_id]
            other = [s for at, s in scores.items() if parties[at].party_id != query.party_id]
            told.append(Found(query, max(same, default=0.0), tuple(other)))
    return told


def line(found: Sequence[Found], cut: float) -> Line:
    """Count at a cut-off; a name counts as found where its own entry is a hit."""
    right = sum(each.right >= cut for each in found)
    wrong = sum(each.others_from(cut) for each in found)
    return Line(len(found), right, right + wrong)


def by_kind(
    found: Sequence[Found], parties: Sequence[ListedParty], figures: Figures
) -> Mapping[str, list[Found]]:
    """Sort names by what kind of other writing they are; kinds in the order of ``KINDS``."""
    listed = {party.party_id: party for party in parties}
    sorted_: dict[str, list[Found]] = {kind: [] for kind in KINDS}
    for each in found:
        party = listed[str(each.query.party_id)]
        tag = TAGS[party.kind][0]
        ours = [Reading(form, figures.parts) for form in forms(tag, [each.query.name])]
        theirs = [Reading(form, figures.parts) for form in forms(tag, party.names)]
        sorted_[kind_of(ours, theirs)].append(each)
    return sorted_
