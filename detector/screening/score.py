"""The score of one of our parties against a listed one, and the words that say what made it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from rigour.addresses import compare_address_many, normalize_address
from rigour.names import NameTypeTag

from detector.screening.figures import Figures
from detector.screening.likeness import FEATURES, Likeness, likeness
from detector.screening.parties import Level, ListedParty, Subject
from detector.screening.reading import Reading

_YEAR: Final = 4
#: A feature of this many points or more is told.
TOLD_POINTS_MIN: Final = 0.1
WORDS: Final = {
    "misspelt": "letters differ",
    "ours_unmatched": "parts of our name are not in the listed one",
    "listed_unmatched": "parts of the listed name are not in ours",
    "both_unmatched": "each name has a part that the other lacks",
    "other_number": "the numbers differ",
    "other_legal_form": "the legal forms differ",
    "other_first_part": "a name begins with a part that the other lacks",
    "acronym": "one name is the initials of the other",
}


@dataclass(frozen=True)
class NameScore:
    """The best pair of names: log-odds that they mean one party, and what lowered them.

    ``values`` are the features and ``parts`` their points, in the order of ``FEATURES``.
    """

    points: float
    ours: Reading
    listed: Reading
    is_weak: bool
    values: tuple[float, ...]
    parts: tuple[float, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Say how alike the names are, and what lowered that, the most telling first."""
        weak = ("the list calls this alias weak",) if self.is_weak else ()
        lowered = sorted(zip(self.parts, FEATURES, strict=True))
        told = (f"{WORDS[name]} ({p:+.1f})" for p, name in lowered if p <= -TOLD_POINTS_MIN)
        return (f"names alike: {ratio(self.points):.2f}", *weak, *told)


@dataclass(frozen=True)
class Score:
    """Score 0 to 1, level (None: too unlike to be shown) and features in words."""

    score: float
    level: Level | None
    features: tuple[str, ...]


def ratio(points: float) -> float:
    """Turn log-odds into a score from 0 to 1."""
    return 1 / (1 + math.exp(-points))


def log_odds(score: float) -> float:
    """Turn a score from 0 to 1 into log-odds; a score of 0 or 1 is without bounds."""
    if score in {0.0, 1.0}:
        return math.copysign(math.inf, score - 0.5)
    return math.log(score / (1 - score))


def name_score(ours: Reading, listed: Reading, figures: Figures, *, is_weak: bool) -> NameScore:
    """Score two names."""
    values = likeness(ours, listed, figures.parts)
    parts = tuple(map(mul, values, figures.points[ours.tag].features))
    points = name_points(values, ours.tag, figures, is_weak=is_weak)
    return NameScore(points, ours, listed, is_weak, values, parts)


def name_points(values: Likeness, tag: NameTypeTag, figures: Figures, *, is_weak: bool) -> float:
    """Give the log-odds of two names of one reading that are so alike."""
    weighed = figures.points[tag]
    weak = figures.record.weak_alias if is_weak else 0.0
    return weighed.base + math.fsum(map(mul, values, weighed.features)) + weak


def score(subject: Subject, party: ListedParty, name: NameScore | None, figures: Figures) -> Score:
    """Put the likeness of names and what else is on record together.

    A number that both carry decides. What contradicts lowers the score, but a pair whose names
    alone are a hit stays possible: screening never clears.
    """
    cut, record = figures.cut_offs, figures.record
    shared = sorted(set(subject.identifiers) & set(party.identifiers))
    if shared:
        words = f"the same identifier {', '.join(shared)}"
        told = name.words if name is not None else ()
        return Score(record.same_identifier_score, "hit", (words, *told))
    if name is None:
        return Score(0.0, None, ())
    more = _record_points(subject, party, figures)
    value = ratio(name.points + math.fsum(points for points, _ in more))
    level: Level = "hit" if value >= cut.hit else "possible"
    if value < cut.possible and ratio(name.points) < cut.hit:
        return Score(value, None, ())
    told = (*name.words, *(f"{words} ({points:+.1f})" for points, words in more))
    return Score(value, level, told)


def _record_points(
    subject: Subject, party: ListedParty, figures: Figures
) -> list[tuple[float, str]]:
    """Give (points, words) of countries, addresses and birth dates, where both sides state any."""
    found = (
        country_odds(subject.countries, party.countries, figures),
        _address(subject, party, figures),
        _birth(subject, party, figures),
    )
    return [each for each in found if each is not None]


def country_odds(
    our_countries: Sequence[str], listed_countries: Sequence[str], figures: Figures
) -> tuple[float, str] | None:
    """Give (points, words) of countries, None where either side states none."""
    ours, theirs = set(our_countries), set(listed_countries)
    if not ours or not theirs:
        return None
    if ours & theirs:
        return figures.record.same_country, f"the same country {', '.join(sorted(ours & theirs))}"
    wider = {near for code in ours for near in figures.beside.get(code, ())}
    if wider & theirs:
        return 0.0, f"{', '.join(sorted(ours))} is beside {', '.join(sorted(wider & theirs))}"
    words = f"another country: {', '.join(sorted(ours))}, listed {', '.join(sorted(theirs))}"
    return figures.record.other_country, words


def _address(subject: Subject, party: ListedParty, figures: Figures) -> tuple[float, str] | None:
    ours = [text for each in subject.addresses if (text := normalize_address(each))]
    theirs = [text for each in party.addresses if (text := normalize_address(each))]
    if not ours or not theirs:
        return None
    alike = compare_address_many(ours, theirs)
    if alike < figures.record.address_ratio_min:
        return None
    return figures.record.same_address, f"addresses alike: {alike:.2f}"


def _birth(subject: Subject, party: ListedParty, figures: Figures) -> tuple[float, str] | None:
    record = figures.record
    if not subject.birth_dates or not party.birth_dates:
        return None
    whole = {each for each in subject.birth_dates if len(each) > _YEAR}
    if whole & set(party.birth_dates):
        return record.same_birth_date, "the same date of birth"
    ours, theirs = (
        {int(each[:_YEAR]) for each in dates if each[:_YEAR].isdigit()}
        for dates in (subject.birth_dates, party.birth_dates)
    )
    if ours & theirs:
        return record.same_birth_year, "the same year of birth"
    if ours and theirs and min(abs(one - other) for one in ours for other in theirs) > 1:
        return record.other_birth_year, "another year of birth"
    return None
