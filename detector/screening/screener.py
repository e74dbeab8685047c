"""Holds our parties against every listed party, each once, and gives the hits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from rigour.names import Name, NameTypeTag

from detector.screening.effects import Effects
from detector.screening.figures import Figures
from detector.screening.index import NameIndex
from detector.screening.names import forms, readings
from detector.screening.parties import Hit, Judgement, ListedParty, Snapshot, Subject
from detector.screening.score import NameScore, name_score, score

#: (party's position, whether the name is a weak alias) of each indexed name.
_Place = tuple[int, bool]


def pair_digest(subject: Subject, party: ListedParty) -> str:
    """Name a pair of record and listed party as they are; a change of either is another pair."""
    ours = [subject.record_id, subject.kind, *map(list, _said(subject))]
    theirs = [party.source, party.party_id, *map(list, _said(party)), party.name, *party.aliases]
    text = json.dumps([ours, theirs], ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:16]


def _said(each: Subject | ListedParty) -> tuple[tuple[str, ...], ...]:
    names = tuple(sorted(each.names))
    return names, each.identifiers, each.countries, each.addresses, each.birth_dates


class _Names:
    """The listed names that are read in one way, and where they belong."""

    def __init__(self, tag: NameTypeTag, parties: Sequence[ListedParty]) -> None:
        self.tag = tag
        self.names: list[Name] = []
        self.places: list[_Place] = []
        for at, party in enumerate(parties):
            if tag in readings(party.kind, party.names):
                self._add(forms(tag, party.names), (at, False))
                self._add(forms(tag, party.weak_aliases), (at, True))
        self.index = NameIndex(self.names)

    def _add(self, names: Iterable[Name], place: _Place) -> None:
        for name in names:
            self.names.append(name)
            self.places.append(place)


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
        self._named = [_Names(tag, parties) for tag in (NameTypeTag.ORG, NameTypeTag.PER)]
        self._numbered: dict[str, list[int]] = {}
        for at, party in enumerate(parties):
            for identifier in party.identifiers:
                self._numbered.setdefault(identifier, []).append(at)
        self._kept: dict[Subject, tuple[Hit, ...]] = {}

    def screen(self, subjects: Iterable[Subject]) -> list[Hit]:
        """Give the hits of all subjects, in their order, the best of each first."""
        asked = list(dict.fromkeys(subjects))
        self._look([subject for subject in asked if subject not in self._kept])
        return [hit for subject in asked for hit in self._kept[subject]]

    def _look(self, subjects: Sequence[Subject]) -> None:
        best: list[dict[int, NameScore | None]] = [
            {at: None for number in subject.identifiers for at in self._numbered.get(number, ())}
            for subject in subjects
        ]
        for named in self._named:
            self._compare(named, subjects, best)
        for subject, found in zip(subjects, best, strict=True):
            self._kept[subject] = self._hits(subject, found)

    def _compare(
        self,
        named: _Names,
        subjects: Sequence[Subject],
        best: Sequence[dict[int, NameScore | None]],
    ) -> None:
        """Keep the best pair of names of each subject with each party that it may be."""
        search = self._figures.search
        asked = [
            (at, name)
            for at, subject in enumerate(subjects)
            if named.tag in readings(subject.kind, subject.names)
            for name in forms(named.tag, subject.names)
        ]
        found = named.index.candidates(
            [name for _, name in asked], search.cosine_min, search.candidates_max
        )
        for (at, name), positions in zip(asked, found, strict=True):
            for position in positions:
                party, is_weak = named.places[position]
                scored = name_score(name, named.names[position], self._figures, is_weak=is_weak)
                known = best[at].get(party)
                if known is None or scored.points > known.points:
                    best[at][party] = scored

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
                        name=name.ours if name is not None else "",
                        listed_name=name.listed if name is not None else party.name,
                        features=scored.features,
                        pair=pair,
                        judgement=self._judgements.get(pair),
                    )
                )
        hits.sort(key=lambda hit: (-hit.score, hit.party.source, hit.party.party_id, hit.snapshot))
        return tuple(hits[: self._figures.search.hits_max])
