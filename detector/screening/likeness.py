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

from detector.screening.reading import PartFigures, Reading


class Likeness(NamedTuple):
    """What two names have in common; ratios are 0 to 1, weighted by how much a part tells.

    ``misspelt``: how unlike the letters are in any order of the parts, no more than is left open.
    ``ours_unmatched``, ``listed_unmatched``: weight of parts without a counterpart.
    ``both_unmatched``: the smaller of the two, a conflict rather than an omission.
    ``other_number``: 1 where the numbers in the names differ, or one has
    none. ``other_legal_form``: 1 where both state one and they differ.
    ``other_first_part``: 1 where the part that begins an organisation's name has no counterpart.
    """

    misspelt: float
    ours_unmatched: float
    listed_unmatched: float
    both_unmatched: float
    other_number: float
    other_legal_form: float
    other_first_part: float


FEATURES: Final = Likeness._fields


def likeness(ours: Reading, listed: Reading, figures: PartFigures) -> Likeness:
    """Compare one name of ours with a listed one; the pairing that leaves the least open counts."""
    weights = ours.weights_beside(listed, figures), listed.weights_beside(ours, figures)
    opens = [
        _open(ours, listed, _aligned(ours, listed, pairs, figures), weights)
        for pairs in _pairings(ours, listed)
    ]
    ours_open, listed_open, first_open = min(opens, key=lambda each: each[0] + each[1])
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


def _aligned(
    ours: Reading, listed: Reading, pairs: Iterable[Alignment], figures: PartFigures
) -> list[Alignment]:
    known, used, taken = list[Alignment](), set[NamePart](), set[NamePart]()
    for pair in pairs:
        category = pair.symbol.category.value if pair.symbol is not None else ""
        same = pair.qstr == pair.rstr
        pair.score = 1.0 if same else figures.pairing.get(category, figures.pairing["other"])
        known.append(pair)
        used.update(pair.qps)
        taken.update(pair.rps)
    rest = [part for part in ours.name.parts if part not in used]
    left = [part for part in listed.name.parts if part not in taken]
    return known + compare_parts(*_in_one_order(ours, rest, left))


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
    aligned: Sequence[Alignment],
    weights: tuple[Sequence[float], Sequence[float]],
) -> tuple[float, float, float]:
    """Give the weight left open of ours and of theirs, and whether a first part is."""
    our_weights, listed_weights = weights
    matched, listed_matched = 0.0, 0.0
    first_met = listed_first_met = False
    for pair in aligned:
        if pair.score > 0:
            parts, listed_parts = pair.qps, pair.rps
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
