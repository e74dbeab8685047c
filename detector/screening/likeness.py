"""How alike two names are: parts are paired by known spellings, then by letters, then weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from rapidfuzz.distance import JaroWinkler
from rigour.names import (
    Alignment,
    Name,
    NamePart,
    NameTypeTag,
    align_person_name_order,
    compare_parts,
    pair_symbols,
)

from detector.screening.names import SMALL_PARTS, main_parts

Weight = Callable[[NamePart], float]


@dataclass(frozen=True)
class Likeness:
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

    def values(self) -> tuple[float, ...]:
        """Give the features in the order of ``FEATURES``."""
        return tuple(float(getattr(self, name)) for name in FEATURES)


FEATURES: Final = tuple(field.name for field in fields(Likeness))


@dataclass(frozen=True)
class PartFigures:
    """How much parts tell, and what a pairing by a known spelling is worth, by its category."""

    small_weight: float
    generic_weight: float
    initial_weight: float
    pairing: dict[str, float]


def likeness(ours: Name, listed: Name, figures: PartFigures) -> Likeness:
    """Compare one name of ours with a listed one; the pairing that leaves the least open counts."""
    generic = _generic(ours) | _generic(listed)

    def weight(part: NamePart) -> float:
        if part.tag in SMALL_PARTS:
            return figures.small_weight
        if len(part.comparable) == 1:
            return figures.initial_weight
        return figures.generic_weight if part.comparable in generic else 1.0

    paired = [
        _aligned(ours, listed, pairs, figures) for pairs in pair_symbols(ours, listed) or [()]
    ]
    opens = [_open(ours, listed, each, weight) for each in paired]
    ours_open, listed_open, first_open = min(opens, key=lambda each: each[0] + each[1])
    return Likeness(
        misspelt=min(1 - _spelling(ours, listed), max(ours_open, listed_open)),
        ours_unmatched=ours_open,
        listed_unmatched=listed_open,
        both_unmatched=min(ours_open, listed_open),
        other_number=float(_numbers(ours) != _numbers(listed)),
        other_legal_form=float(_differ(_legal_forms(ours), _legal_forms(listed))),
        other_first_part=first_open if ours.tag == NameTypeTag.ORG else 0.0,
    )


def _aligned(
    ours: Name, listed: Name, pairs: Iterable[Alignment], figures: PartFigures
) -> list[Alignment]:
    known, used, taken = list[Alignment](), set[NamePart](), set[NamePart]()
    for pair in pairs:
        category = pair.symbol.category.value if pair.symbol is not None else ""
        same = pair.qstr == pair.rstr
        pair.score = 1.0 if same else figures.pairing.get(category, figures.pairing["other"])
        known.append(pair)
        used |= set(pair.qps)
        taken |= set(pair.rps)
    rest = [part for part in ours.parts if part not in used]
    left = [part for part in listed.parts if part not in taken]
    return known + compare_parts(*_in_one_order(ours, rest, left))


def _in_one_order(
    ours: Name, rest: list[NamePart], left: list[NamePart]
) -> tuple[list[NamePart], list[NamePart]]:
    """Put parts side by side: lists write the family name first, customers often last."""
    if ours.tag == NameTypeTag.PER:
        return align_person_name_order(rest, left)
    return NamePart.tag_sort(rest), NamePart.tag_sort(left)


def _open(
    ours: Name, listed: Name, aligned: Sequence[Alignment], weight: Weight
) -> tuple[float, float, float]:
    """Give the weight left open of ours and of theirs, and whether a first part is."""
    total, listed_total = sum(map(weight, ours.parts)), sum(map(weight, listed.parts))
    matched = sum(pair.score * sum(map(weight, pair.qps)) for pair in aligned)
    listed_matched = sum(pair.score * sum(map(weight, pair.rps)) for pair in aligned)
    met = {part for pair in aligned if pair.score > 0 for part in (*pair.qps, *pair.rps)}
    first_open = any(main_parts(name)[0] not in met for name in (ours, listed))
    return 1 - matched / total, 1 - listed_matched / listed_total, float(first_open)


def _spelling(ours: Name, listed: Name) -> float:
    """Compare letters with the parts in order of the alphabet, and as they are, run together."""
    ordered = JaroWinkler.similarity(_sorted(ours), _sorted(listed))
    plain = JaroWinkler.similarity(_joined(ours), _joined(listed))
    return float(max(ordered, plain))


def _sorted(name: Name) -> str:
    return " ".join(sorted(part.comparable for part in main_parts(name)))


def _joined(name: Name) -> str:
    return "".join(part.comparable for part in main_parts(name))


def _generic(name: Name) -> set[str]:
    """Give the parts that many share: a business, "company", "bin"."""
    common = {"DOMAIN", "SYMBOL"}
    spans = (span for span in name.spans if span.symbol.category.value in common)
    return {part.comparable for span in spans for part in span.parts}


def _numbers(name: Name) -> frozenset[str]:
    """Give the numbers in a name, ordinals and Roman ones read as numbers."""
    return frozenset(s.id for s in name.symbols if s.category.value == "NUM")


def _legal_forms(name: Name) -> frozenset[str]:
    return frozenset(s.id for s in name.symbols if s.category.value == "ORGCLS")


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)
