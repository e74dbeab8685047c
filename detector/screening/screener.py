"""Holds our parties against every listed party, each once, and gives the hits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from detector.screening.effects import Effects
from detector.screening.figures import Figures
from detector.screening.finder import Finder
from detector.screening.parties import Hit, Judgement, ListedParty, Snapshot, Subject
from detector.screening.score import NameScore, score

#: Subjects looked up at once, so that memory has a bound.
PIECE: Final = 2000


def pair_digest(subject: Subject, party: ListedParty) -> str:
    """Name a pair of record and listed party as they are; a change of either is another pair."""
    ours = [subject.record_id, subject.kind, *map(list, _said(subject))]
    theirs = [party.source, party.party_id, *map(list, _said(party)), party.name, *party.aliases]
    text = json.dumps([ours, theirs], ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:16]


def _said(each: Subject | ListedParty) -> tuple[tuple[str, ...], ...]:
    names = tuple(sorted(each.names))
    return names, each.identifiers, each.countries, each.addresses, each.birth_dates


class Screener:
    """The lists as read, ready to be asked; what was asked once is kept.

    A subject is screened once for as long as neither it nor the lists change.
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        figures: Figures,
        effects: Effects,
        judgements: Mapping[str, Judgement] | None = None,
    ) -> None:
        """Index the snapshots; ``judgements`` are by the digest of their pair."""
        self.snapshots = tuple(snapshots)
        self.effects = effects
        self._figures = figures
        self._judgements = judgements or {}
        self._listed = [(party, each.label) for each in snapshots for party in each.parties]
        parties = [party for party, _ in self._listed]
        self._finder = Finder(parties, figures)
        self._name_points_min = figures.name_points_min
        self._numbered: dict[str, list[int]] = {}
        for at, party in enumerate(parties):
            for identifier in party.identifiers:
                self._numbered.setdefault(identifier, []).append(at)
        self._kept: dict[Subject, tuple[Hit, ...]] = {}

    def screen(self, subjects: Iterable[Subject]) -> list[Hit]:
        """Give the hits of all subjects, in their order, the best of each first."""
        asked = list(dict.fromkeys(subjects))
        new = [subject for subject in asked if subject not in self._kept]
        for start in range(0, len(new), PIECE):
            piece = new[start : start + PIECE]
            self._kept.update(zip(piece, self.look_up(piece), strict=True))
        return [hit for subject in asked for hit in self._kept[subject]]

    def look_up(self, subjects: Sequence[Subject]) -> list[tuple[Hit, ...]]:
        """Give the hits of each subject and keep nothing; ask for no more than a few thousand.

        The same names of the same kind are looked up once.
        """
        asked = list(dict.fromkeys((subject.kind, subject.names) for subject in subjects))
        found = dict(zip(asked, self._finder.find(asked), strict=True))
        return [self._of(subject, found[subject.kind, subject.names]) for subject in subjects]

    def _of(self, subject: Subject, best: Mapping[int, NameScore]) -> tuple[Hit, ...]:
        """Put together whom the names and whom the numbers of a subject mean."""
        alike: dict[int, NameScore | None] = {
            at: name for at, name in best.items() if name.points >= self._name_points_min
        }
        for number in subject.identifiers:
            alike |= {at: best.get(at) for at in self._numbered.get(number, ())}
        return self._hits(subject, alike)

    def _hits(self, subject: Subject, found: Mapping[int, NameScore | None]) -> tuple[Hit, ...]:
        hits = []
        for at, name in sorted(found.items()):
            party, label = self._listed[at]
            scored = score(subject, party, name, self._figures)
            if scored.level is not None:
                pair = pair_digest(subject, party)
                hits.append(
                    Hit(
                        subject=subject,
                        party=party,
                        snapshot=label,
                        level=scored.level,
                        score=round(scored.score, 4),
                        name=name.ours.name.original if name is not None else "",
                        listed_name=name.listed.name.original if name is not None else party.name,
                        features=scored.features,
                        pair=pair,
                        judgement=self._judgements.get(pair),
                    )
                )
        hits.sort(key=lambda hit: (-hit.score, hit.party.source, hit.party.party_id, hit.snapshot))
        return tuple(hits[: self._figures.search.hits_max])
