"""What kind of other writing an alias is, told from the names alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from detector.screening.likeness import spelling
from detector.screening.names import main_parts
from detector.screening.reading import Reading

#: Letters this alike are a slip of the pen or of a romanisation.
LETTERS_MIN: Final = 0.93
KINDS: Final = (
    "the same words, in another order or with another legal form",
    "the same letters, run together or apart",
    "initials",
    "another romanisation, the same sounds",
    "a few letters differ",
    "words left out or added",
    "some words shared, others differ",
    "no word shared",
)


def kind_of(ours: Sequence[Reading], listed: Sequence[Reading]) -> str:
    """Give the first kind that fits any pair of an alias's readings and the entry's names."""
    return KINDS[min((_rank(one, other) for one in ours for other in listed), default=7)]


def _rank(one: Reading, other: Reading) -> int:
    mine, theirs = _words(one), _words(other)
    tests = (
        one.ordered == other.ordered,
        one.joined == other.joined or sorted(one.joined) == sorted(other.joined),
        bool(one.acronym and one.acronym == other.initials)
        or bool(other.acronym and other.acronym == one.initials),
        _sounds(one) == _sounds(other),
        spelling(one, other) >= LETTERS_MIN,
        mine <= theirs or theirs <= mine,
        bool(mine & theirs),
    )
    return tests.index(True) if True in tests else len(KINDS) - 1


def _words(reading: Reading) -> set[str]:
    return {part.comparable for part in main_parts(reading.name)}


def _sounds(reading: Reading) -> list[str]:
    parts = main_parts(reading.name)
    return sorted(reading.sounds[part.index] or part.comparable for part in parts)
