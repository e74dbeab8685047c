"""How alike two names are: parts are paired by known spellings, then by letters, then weighed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import JaroWinkler
from rigour.names import (
    Alignment,
    NamePart,
    align_person_name_order,
    compare_parts,
    pair_symbols,
)

from detector.screening.names import ACRONYM_MIN
from detector.screening.reading import PartFigures, Reading


class Likeness(NamedTuple):
    """What two names have in common; ratios are 0 to 1, weighted by how much a part tells.

    ``misspelt``: how unlike the letters are in any order of the parts, no more than is left open.
    ``ours_unmatched``, ``listed_unmatched``: weight of parts without a counterpart.
    ``both_unmatched``: the smaller of the two, a conflict rather than an omission.
    ``other_number``: 1 where the numbers in the names differ, or one has
    none. ``other_legal_form``: 1 where both state one and they differ.
    ``other_first_part``: 1 where the part that begins an organisation's name has no counterpart.
    ``acronym``: where one is the initials of the other, the more telling the longer: four letters
    are 1, eight a half; nothing else is then held against the pair.
    """

    misspelt: float
    ours_unmatched: float
    listed_unmatched: float
    both_unmatched: float
    other_number: float
    other_legal_form: float
    other_first_part: float
    acronym: float = 0.0


FEATURES: Final = Likeness._fields


def likeness(ours: Reading, listed: Reading, figures: PartFigures) -> Likeness:
    """Compare one name of ours with a listed one; the pairing that leaves the least open counts."""
    if letters := acronym_letters(ours, listed):
        return Likeness(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ACRONYM_MIN / letters)
    weights = ours.weights_beside(listed, figures), listed.weights_beside(ours, figures)
    opens = [
        _open(ours, listed, _aligned(ours, listed, pairs, figures), weights)
        for pairs in _pairings(ours, listed)
    ]
    return with_open(ours, listed, min(opens, key=lambda each: each[0] + each[1]))


def with_open(ours: Reading, listed: Reading, left_open: tuple[float, float, float]) -> Likeness:
    """Give the likeness where so much is open of ours, of theirs, and of the first parts.

    No ratio falls where more is open.
    """
    ours_open, listed_open, first_open = left_open
    return Likeness(
        misspelt=min(1 - spelling(ours, listed), max(ours_open, listed_open)),
        ours_unmatched=ours_open,
        listed_unmatched=listed_open,
        both_unmatched=min(ours_open, listed_open),
        other_number=float(ours.numbers != listed.numbers),
        other_legal_form=float(_differ(ours.legal_forms, listed.legal_forms)),
        other_first_part=first_open if ours.is_organisation else 0.0,
    )


def spelling(ours: Reading, listed: Reading) -> float:
    """Compare letters with the parts in order of the alphabet, and as they are, run together."""
    ordered = JaroWinkler.similarity(ours.ordered, listed.ordered)
    return float(max(ordered, JaroWinkler.similarity(ours.joined, listed.joined)))


def _pairings(ours: Reading, listed: Reading) -> Sequence[Iterable[Alignment]]:
    """Give the ways to pair parts by known spellings; one without any where there is none."""
    if ours.symbols.isdisjoint(listed.symbols):
        return [()]
    return pair_symbols(ours.name, listed.name) or [()]


def acronym_letters(ours: Reading, listed: Reading) -> int:
    """Give how many letters of one name are the initials of the other, 0 where they are not."""
    for short, long in ((ours.acronym, listed.initials), (listed.acronym, ours.initials)):
        if short and short == long:
            return len(short)
    return 0


class _Pair(NamedTuple):
    """Parts that stand for one another, and how surely, 0 to 1."""

    score: float
    ours: Sequence[NamePart]
    listed: Sequence[NamePart]


def _aligned(
    ours: Reading, listed: Reading, pairs: Iterable[Alignment], figures: PartFigures
) -> list[_Pair]:
    """Pair parts by known spellings, what is left by letters, what is then left by sound."""
    known, used, taken = list[_Pair](), set[NamePart](), set[NamePart]()
    for pair in pairs:
        category = pair.symbol.category.value if pair.symbol is not None else ""
        same = pair.qstr == pair.rstr
        worth = 1.0 if same else figures.pairing.get(category, figures.pairing["other"])
        known.append(_Pair(worth, pair.qps, pair.rps))
        used.update(pair.qps)
        taken.update(pair.rps)
    rest = [part for part in ours.name.parts if part not in used]
    left = [part for part in listed.name.parts if part not in taken]
    spelt = [
        _Pair(pair.score, pair.qps, pair.rps)
        for pair in compare_parts(*_in_one_order(ours, rest, left))
    ]
    return known + _by_sound(ours, listed, spelt, figures.pairing["SOUND"])


def _by_sound(ours: Reading, listed: Reading, spelt: Sequence[_Pair], worth: float) -> list[_Pair]:
    """Pair again what letters pair worse than sounds do."""
    kept = [pair for pair in spelt if pair.score >= worth]
    weak = [pair for pair in spelt if pair.score < worth]
    heard: dict[str, NamePart] = {}
    for pair in weak:
        heard |= {told: part for part in pair.listed if (told := listed.sounds[part.index])}
    if not heard:
        return list(spelt)
    met: set[NamePart] = set()
    met_listed: set[NamePart] = set()
    for pair in weak:
        for part in pair.ours:
            other = heard.pop(ours.sounds[part.index], None)
            if other is not None:
                kept.append(_Pair(worth, (part,), (other,)))
                met.add(part)
                met_listed.add(other)
    return kept + [
        pair for pair in weak if met.isdisjoint(pair.ours) and met_listed.isdisjoint(pair.listed)
    ]


def _in_one_order(
    ours: Reading, rest: list[NamePart], left: list[NamePart]
) -> tuple[list[NamePart], list[NamePart]]:
    """Put parts side by side: lists write the family name first, customers often last."""
    if ours.is_organisation:
        return NamePart.tag_sort(rest), NamePart.tag_sort(left)
    return align_person_name_order(rest, left)


def _open(
    ours: Reading,
    listed: Reading,
    aligned: Sequence[_Pair],
    weights: tuple[Sequence[float], Sequence[float]],
) -> tuple[float, float, float]:
    """Give the weight left open of ours and of theirs, and whether a first part is."""
    our_weights, listed_weights = weights
    matched, listed_matched = 0.0, 0.0
    first_met = listed_first_met = False
    for pair in aligned:
        if pair.score > 0:
            parts, listed_parts = pair.ours, pair.listed
            matched += pair.score * sum(our_weights[part.index] for part in parts)
            listed_matched += pair.score * sum(listed_weights[part.index] for part in listed_parts)
            first_met = first_met or ours.first in parts
            listed_first_met = listed_first_met or listed.first in listed_parts
    return (
        1 - matched / sum(our_weights),
        1 - listed_matched / sum(listed_weights),
        float(not (first_met and listed_first_met)),
    )


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)
