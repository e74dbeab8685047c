"""The most points that two names can have, told without aligning them, and the fewest that count.

Most pairs that the search brings up share one common word and are no match. What pairs two parts,
a spelling, letters or a sound, is a matter of these two alone, so a part that nothing on the other
side can be paired with is open whatever the alignment. A ceiling below what counts settles the
pair; any other pair is scored as ever. What is found is the same with it and without.
"""

from __future__ import annotations

import math
from itertools import compress
from typing import Final, NamedTuple

from rapidfuzz.distance import LCSseq
from rigour.names import CompareConfig

from detector.screening.figures import Figures
from detector.screening.likeness import acronym_letters, with_open
from detector.screening.parties import ListedParty, Subject
from detector.screening.reading import Reading
from detector.screening.score import country_odds, log_odds, name_points

#: How far rounding may move a sum of points.
ROUNDING: Final = 1e-9
#: rigour pairs parts by letters where more than this of the shorter one meets the other, in order.
OVERLAP_MIN: Final = CompareConfig().cluster_overlap_min


class Told(NamedTuple):
    """What a record tells beside names that can move the odds of a pair."""

    countries: tuple[str, ...]
    has_address: bool
    has_birth_date: bool


def told_by(record: Subject | ListedParty) -> Told:
    """Say what a subject or a listed party tells beside its names."""
    return Told(record.countries, bool(record.addresses), bool(record.birth_dates))


class Floors:
    """The fewest points of names with which two records still are a match."""

    def __init__(self, figures: Figures) -> None:
        """Take the figures of screening; what was worked out is kept."""
        self._figures = figures
        self._known: dict[tuple[Told, Told], float] = {}

    def of(self, ours: Told, listed: Told) -> float:
        """Give the points from which names are a likely match, or with the rest a possible one."""
        known = self._known.get((ours, listed))
        if known is None:
            known = self._known[ours, listed] = self._least(ours, listed)
        return known

    def _least(self, ours: Told, listed: Told) -> float:
        record, cut = self._figures.record, self._figures.cut_offs
        more, _ = country_odds(ours.countries, listed.countries, self._figures) or (0.0, "")
        if ours.has_address and listed.has_address:
            more += record.same_address
        if ours.has_birth_date and listed.has_birth_date:
            more += max(record.same_birth_date, record.same_birth_year)
        return min(log_odds(cut.possible) - more, log_odds(cut.hit)) - ROUNDING


def points_max(ours: Reading, listed: Reading, figures: Figures, *, is_weak: bool) -> float:
    """Give points that no alignment of two names passes; infinity where one may be initials."""
    if acronym_letters(ours, listed):
        return math.inf
    met, listed_met = _may_be_met(ours, listed)
    weights = ours.weights_beside(listed, figures.parts)
    listed_weights = listed.weights_beside(ours, figures.parts)
    least = (
        1 - sum(compress(weights, met)) / sum(weights),
        1 - sum(compress(listed_weights, listed_met)) / sum(listed_weights),
        float(not (met[ours.first.index] and listed_met[listed.first.index])),
    )
    return name_points(with_open(ours, listed, least), ours.tag, figures, is_weak=is_weak)


def _may_be_met(ours: Reading, listed: Reading) -> tuple[list[bool], list[bool]]:
    """Say of each part on either side whether any on the other may be paired with it."""
    met = [text in listed.words for text in ours.texts]
    listed_met = [text in ours.words for text in listed.texts]
    for symbol in ours.symbols & listed.symbols:
        for at in ours.covered(symbol):
            met[at] = True
        for at in listed.covered(symbol):
            listed_met[at] = True
    for at, text in enumerate(ours.texts):
        sound = ours.sounds[at]
        for listed_at, other in enumerate(listed.texts):
            if met[at] and listed_met[listed_at]:
                continue
            shorter = min(len(text), len(other))
            if (sound and sound == listed.sounds[listed_at]) or (
                LCSseq.similarity(text, other) > OVERLAP_MIN * shorter
            ):
                met[at] = listed_met[listed_at] = True
    return met, listed_met
