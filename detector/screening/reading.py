"""A name read for comparison: everything that comparing needs of it, worked out once.

A listed name meets many of ours, so what depends on it alone is not worked out for each pair.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from rigour.names import Name, NamePart, NameTypeTag

from detector.screening.names import SMALL_PARTS, acronym, initials, main_parts
from detector.screening.sounds import sound

#: Symbols of words that many share: a business, "company", "bin".
_COMMON: Final = frozenset({"DOMAIN", "SYMBOL"})


@dataclass(frozen=True)
class PartFigures:
    """How much parts tell, and what a pairing by a known spelling is worth, by its category."""

    small_weight: float
    generic_weight: float
    initial_weight: float
    pairing: dict[str, float]


class Reading:
    """One name with the weight of each part, its letters in two orders, and what it states.

    ``weights`` are 0 to 1 by position of the part; ``ordered`` are the main parts in order of the
    alphabet, ``joined`` the same as they stand, run together; ``texts`` are those of all parts,
    ``words`` each once, ``sounds`` their one spelling each. ``acronym`` may stand for the
    ``initials`` of another name.
    """

    __slots__ = (
        *(
            "acronym",
            "first",
            "generic",
            "initials",
            "is_organisation",
            "joined",
            "legal_forms",
            "name",
            "numbers",
        ),
        *("ordered", "sounds", "symbols", "tag", "texts", "weights", "words"),
    )

    def __init__(self, name: Name, figures: PartFigures) -> None:
        """Read a name."""
        main = main_parts(name)
        texts = [part.comparable for part in main]
        symbols = [(symbol.category.value, symbol.id) for symbol in name.symbols]
        self.name = name
        self.first: NamePart = main[0]
        self.tag = name.tag
        self.is_organisation = name.tag == NameTypeTag.ORG
        self.ordered = " ".join(sorted(texts))
        self.joined = "".join(texts)
        self.symbols = frozenset(symbols)
        self.numbers = frozenset(id_ for category, id_ in symbols if category == "NUM")
        self.legal_forms = frozenset(id_ for category, id_ in symbols if category == "ORGCLS")
        self.generic = frozenset(
            part.comparable
            for span in name.spans
            if span.symbol.category.value in _COMMON
            for part in span.parts
        )
        self.acronym, self.initials = acronym(name), initials(name)
        self.texts = tuple(part.comparable for part in name.parts)
        self.sounds = tuple(map(sound, self.texts))
        self.words = frozenset(self.texts)
        self.weights = _weights(name, self.generic, figures)

    def covered(self, symbol: tuple[str, str]) -> list[int]:
        """Give the positions of the parts that a symbol, its category and id, stands for."""
        return [
            part.index
            for span in self.name.spans
            if (span.symbol.category.value, span.symbol.id) == symbol
            for part in span.parts
        ]

    def weights_beside(self, other: Reading, figures: PartFigures) -> tuple[float, ...]:
        """Give the weights where what is generic in the other name is so in this one."""
        if other.generic.isdisjoint(self.words - self.generic):
            return self.weights
        return _weights(self.name, self.generic | other.generic, figures)


def _weights(name: Name, generic: AbstractSet[str], figures: PartFigures) -> tuple[float, ...]:
    """Give how much each part tells: a legal form little, a business less than a name."""

    def weight(part: NamePart) -> float:
        if part.tag in SMALL_PARTS:
            return figures.small_weight
        comparable = part.comparable
        if len(comparable) == 1:
            return figures.initial_weight
        return figures.generic_weight if comparable in generic else 1.0

    return tuple(weight(part) for part in name.parts)
