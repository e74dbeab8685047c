"""Holds our parties against every listed party, each once, and gives the hits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Final, NamedTuple

from detector.screening.ceiling import told_by
from detector.screening.effects import Effects
from detector.screening.figures import Figures
from detector.screening.finder import Asked, Finder
from detector.screening.parties import (
    Hit,
    Judgement,
    Level,
    ListedParty,
    Snapshot,
    Subject,
)
from detector.screening.score import NameScore, score

#: Subjects looked up at once, so that memory has a bound.
PIECE: Final = 2000
#: Subjects remembered with their pairs; past it the older half is looked up again where asked.
KEPT_MAX: Final = 2_000_000
#: Parts that renewed lists are held in before all is indexed anew.
PARTS_MAX: Final = 16


class _Alike(NamedTuple):
    """A pair of a subject and a listed party that is alike enough, and why."""

    party: ListedParty
    level: Level
    score: float
    name: str
    listed_name: str
    features: tuple[str, ...]
    pair: str


def pair_digest(subject: Subject, party: ListedParty) -> str:
    """Name a pair of record and listed party as they are; a change of either is another pair."""
    ours = [subject.record_id, subject.kind, *map(list, _said(subject))]
    theirs = [party.source, party.party_id, *map(list, _said(party)), party.name, *party.aliases]
    text = json.dumps([ours, theirs], ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:16]


def _said(each: Subject | ListedParty) -> tuple[tuple[str, ...], ...]:
    names = tuple(sorted(each.names))
    return names, each.identifiers, each.countries, each.addresses, each.birth_dates


class _Part:
    """Listed parties that were indexed together, by name and by number."""

    def __init__(self, parties: Sequence[ListedParty], figures: Figures) -> None:
        self.parties = parties
        self.finder = Finder(parties, figures)
        self.numbered: dict[str, list[int]] = {}
        for at, party in enumerate(parties):
            for identifier in party.identifiers:
                self.numbered.setdefault(identifier, []).append(at)


class Screener:
    """The lists as read, ready to be asked; what was asked once is kept.

    A subject is screened once for as long as neither it nor the lists change. As a pair scores by
    itself, a new snapshot costs only what is new in it (``renewed``).
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
        self._name_points_min = figures.name_points_min
        #: every party in force, and the labels of the snapshots that list it
        self._labels = _labels(snapshots)
        self._parts = [_Part(list(self._labels), figures)]
        #: pairs that are alike, by subject, of parties in force or once in force
        self._kept: dict[Subject, tuple[_Alike, ...]] = {}

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """What analysts said of pairs, in no order."""
        return tuple(self._judgements.values())

    def renewed(
        self,
        snapshots: Sequence[Snapshot],
        judgements: Mapping[str, Judgement] | None = None,
    ) -> Screener:
        """Give a screener over other snapshots that knows what this one found.

        Subjects met before are held against parties that are new or changed, and no others;
        parties that are gone are hits no more. The result is that of screening all anew.
        """
        other = Screener((), self._figures, self.effects, judgements)
        other.snapshots, other._labels = tuple(snapshots), _labels(snapshots)
        indexed = {party for part in self._parts for party in part.parties}
        added = [party for party in other._labels if party not in indexed]
        new = [_Part(added, self._figures)] if added else []
        stale = len(indexed) + len(added) - len(other._labels)
        if len(self._parts) < PARTS_MAX and stale <= len(other._labels):
            other._parts = self._parts + new
            held = indexed
        else:
            other._parts = [_Part(list(other._labels), self._figures)]
            held = indexed & other._labels.keys()
        subjects = list(self._kept)
        for start in range(0, len(subjects), PIECE):
            piece = subjects[start : start + PIECE]
            for subject, more in zip(piece, other._alike(piece, new), strict=True):
                before = (each for each in self._kept[subject] if each.party in held)
                other._kept[subject] = (*before, *more)
        return other

    def screen(self, subjects: Iterable[Subject]) -> list[Hit]:
        """Give the hits of all subjects, in their order, the best of each first."""
        asked = list(dict.fromkeys(subjects))
        new = [subject for subject in asked if subject not in self._kept]
        for start in range(0, len(new), PIECE):
            piece = new[start : start + PIECE]
            self._kept.update(zip(piece, self._alike(piece, self._parts), strict=True))
        hits = [hit for subject in asked for hit in self._hits(subject, self._kept[subject])]
        if len(self._kept) > KEPT_MAX:
            newest = islice(reversed(self._kept.items()), KEPT_MAX // 2)
            self._kept = dict(reversed(list(newest)))
        return hits

    def look_up(self, subjects: Sequence[Subject]) -> list[tuple[Hit, ...]]:
        """Give the hits of each subject and keep nothing; ask for no more than a few thousand."""
        alike = self._alike(subjects, self._parts)
        return [self._hits(*each) for each in zip(subjects, alike, strict=True)]

    def _alike(
        self, subjects: Sequence[Subject], parts: Sequence[_Part]
    ) -> list[tuple[_Alike, ...]]:
        """Score subjects against parts; who asks the same is looked up once."""
        questions = [self._question(subject, parts) for subject in subjects]
        places = {asked: at for at, asked in enumerate(dict.fromkeys(questions))}
        found = [(part, part.finder.find(list(places))) for part in parts]
        return [
            tuple(
                each
                for part, best in found
                for each in self._scored(subject, part, best[places[asked]])
            )
            for subject, asked in zip(subjects, questions, strict=True)
        ]

    def _question(self, subject: Subject, parts: Sequence[_Part]) -> Asked:
        """Ask for whom the names may mean; of whom shares a number with us, however unlike."""
        is_numbered = any(each in part.numbered for part in parts for each in subject.identifiers)
        return Asked(subject.kind, subject.names, None if is_numbered else told_by(subject))

    def _scored(
        self, subject: Subject, part: _Part, best: Mapping[int, NameScore]
    ) -> Iterator[_Alike]:
        """Give whom of a part the names or the numbers of a subject mean."""
        alike: dict[int, NameScore | None] = {
            at: name for at, name in best.items() if name.points >= self._name_points_min
        }
        for number in subject.identifiers:
            alike |= {at: best.get(at) for at in part.numbered.get(number, ())}
        for at, name in sorted(alike.items()):
            party = part.parties[at]
            scored = score(subject, party, name, self._figures)
            if scored.level is not None:
                ours = name.ours.name.original if name is not None else ""
                listed = name.listed.name.original if name is not None else party.name
                pair, value = pair_digest(subject, party), round(scored.score, 4)
                yield _Alike(party, scored.level, value, ours, listed, scored.features, pair)

    def _hits(self, subject: Subject, found: Sequence[_Alike]) -> tuple[Hit, ...]:
        """Give the pairs whose party is in force, once for each list that names it, best first."""
        told = [(each, label) for each in found for label in self._labels.get(each.party, ())]
        told.sort(key=_order)
        hits = []
        for each, label in told[: self._figures.search.hits_max]:
            hits.append(
                Hit(
                    subject=subject,
                    party=each.party,
                    snapshot=label,
                    level=each.level,
                    score=each.score,
                    name=each.name,
                    listed_name=each.listed_name,
                    features=each.features,
                    pair=each.pair,
                    judgement=self._judgements.get(each.pair),
                )
            )
        return tuple(hits)


def _order(told: tuple[_Alike, str]) -> tuple[object, ...]:
    """Put the best first; what follows makes the order the same however the lists were read."""
    each, label = told
    party = each.party
    rest = (party.aliases, party.weak_aliases, party.programs, party.listed_on or "")
    entry = (party.source, party.party_id, label, party.name, each.pair)
    return (-each.score, *entry, *rest, party.url or "")


def _labels(snapshots: Sequence[Snapshot]) -> dict[ListedParty, tuple[str, ...]]:
    """Give the labels of the snapshots that list each party, in order."""
    found: dict[ListedParty, tuple[str, ...]] = {}
    for snapshot in snapshots:
        for party in snapshot.parties:
            labels = found.get(party, ())
            if snapshot.label not in labels:
                found[party] = (*labels, snapshot.label)
    return found
