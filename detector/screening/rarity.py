"""How rare the keys of names are, from counts that ship: the same whatever lists are in use.

So whether two names are compared depends on the two alone, and a list that changes in one entry
changes nothing for the others.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from rigour.names import NameTypeTag

from detector.errors import DetectorError

#: How much each family of keys says: sounds of parts two ways, known spellings, letter triples.
FAMILIES: Final = {"p": 1.0, "k": 0.5, "s": 0.5, "g": 0.6}
COLUMNS: Final = ("reading", "key", "names")
#: The key of the row that counts all names of a reading.
ALL: Final = "*"
#: How names are read, as files call it.
READINGS: Final[Mapping[Literal["organisation", "person"], NameTypeTag]] = {
    "organisation": NameTypeTag.ORG,
    "person": NameTypeTag.PER,
}


class RarityError(DetectorError):
    """The counts cannot be used. One line: file, what was expected, what came, what to do."""


@dataclass(frozen=True)
class Rarity:
    """Weights of the keys of names read in one way; a key that was not counted is as rare as any.

    ``known``: by key, the logarithm of how seldom it is times what its family says.
    """

    known: Mapping[str, float]
    unknown: Mapping[str, float]

    def weight(self, key: str) -> float:
        """Give the weight of a key."""
        found = self.known.get(key)
        return self.unknown[key[0]] if found is None else found


def parse_rarity(text: str, name: str = "rarity.csv") -> dict[NameTypeTag, Rarity]:
    """Read counts of names by key, CSV with the columns reading, key, names.

    Raises:
        RarityError: A column, a reading, its total or a number is missing or wrong.
    """
    expected = f"{name}: expected rows of {', '.join(COLUMNS)}"
    counts: dict[str, dict[str, int]] = {reading: {} for reading in READINGS}
    try:
        for row in csv.DictReader(io.StringIO(text), strict=True):
            counts[row["reading"]][row["key"]] = int(row["names"])
        return {tag: _weights(counts[reading]) for reading, tag in READINGS.items()}
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise RarityError(f"{expected}, came {error!r}; restore the file that ships") from error


def _weights(counts: Mapping[str, int]) -> Rarity:
    total = counts[ALL]
    rarest = math.log1p(total)
    return Rarity(
        {
            key: math.log1p(total / count) * FAMILIES[key[0]]
            for key, count in counts.items()
            if key != ALL
        },
        {family: rarest * says for family, says in FAMILIES.items()},
    )
