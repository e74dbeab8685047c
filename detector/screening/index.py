"""Finds the few listed names that one name could mean, among tens of thousands.

Names meet on keys they share, each weighted by how rare it is (the cosine of sparse vectors); then
letters are compared. Both rest on the two names alone. Names are taken in pieces, so memory has a
bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from detector.screening.figures import SearchFigures
from detector.screening.names import keys
from detector.screening.rarity import Rarity
from detector.screening.reading import Reading

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

#: Names looked up at once: some five million numbers.
PIECE: Final = 250
#: Digits that count of a cosine.
_DIGITS: Final = 9


class NameIndex:
    """Listed names by their keys; a position is that in the sequence given."""

    def __init__(self, listed: Sequence[Reading], rarity: Rarity) -> None:
        """Index listed names."""
        found = [keys(reading.name) for reading in listed]
        self._rarity = rarity
        self._listed = listed
        self._columns = {key: at for at, key in enumerate(sorted({k for ks in found for k in ks}))}
        self._matrix = _matrix(self._rows(found).T)
        self._initials = _places(reading.initials for reading in listed)
        self._acronyms = _places(reading.acronym for reading in listed)

    def candidates(
        self, asked: Sequence[Reading], search: SearchFigures
    ) -> Iterator[tuple[int, int]]:
        """Give (position asked, position listed) of the names worth comparing."""
        for start in range(0, len(asked), PIECE):
            piece = asked[start : start + PIECE]
            rows = self._rows([keys(reading.name) for reading in piece])
            ours, listed, cosine = _pairs(_matrix(rows @ self._matrix), search.cosine_min)
            alike = cosine + self._letters(piece, ours, listed)
            kept = np.flatnonzero(alike >= search.alike_min)
            yield from zip((ours[kept] + start).tolist(), listed[kept].tolist(), strict=True)
            for at, reading in enumerate(piece, start):
                yield from ((at, other) for other in self._by_initials(reading))

    def _by_initials(self, asked: Reading) -> list[int]:
        """Give the names whose initials this one is, and those that are its initials."""
        found = self._initials.get(asked.acronym, []) if asked.acronym else []
        return found + (self._acronyms.get(asked.initials, []) if asked.initials else [])

    def _letters(
        self, asked: Sequence[Reading], ours: NDArray[np.int64], listed: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Say how alike the letters of pairs are: parts in order of the alphabet, or joined."""
        mine = [asked[at] for at in ours.tolist()]
        theirs = [self._listed[at] for at in listed.tolist()]
        return np.maximum(
            _alike([each.ordered for each in mine], [each.ordered for each in theirs]),
            _alike([each.joined for each in mine], [each.joined for each in theirs]),
        )

    def _rows(self, found: Sequence[Sequence[str]]) -> csr_matrix:
        """Give one row of length 1 a name; keys that no listed name has only shorten the rest."""
        weight, columns = self._rarity.weight, self._columns
        data, places, starts = list[float](), list[int](), [0]
        for names_keys in found:
            weights = [weight(key) for key in names_keys]
            length = sum(each * each for each in weights) ** 0.5
            for key, each in zip(names_keys, weights, strict=True):
                if key in columns:
                    data.append(each / length)
                    places.append(columns[key])
            starts.append(len(places))
        parts = (np.array(data), np.array(places, dtype=np.int32), np.array(starts))
        return _matrix(parts, (len(found), max(1, len(columns))))


def _places(texts: Iterable[str]) -> dict[str, list[int]]:
    """Give the positions of each text but the empty one."""
    found: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        if text:
            found.setdefault(text, []).append(at)
    return found


def _alike(ours: Sequence[str], listed: Sequence[str]) -> NDArray[np.float32]:
    return np.asarray(cpdist(ours, listed, scorer=JaroWinkler.similarity, dtype=np.float32))


def _matrix(parts: object, shape: tuple[int, int] | None = None) -> csr_matrix:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only screening needs it, and it is slow

    return csr_matrix(parts, shape=shape)


def _pairs(
    product: csr_matrix, cosine_min: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give row, column and cosine of the pairs from ``cosine_min`` on, by row and column."""
    data = np.round(product.data, _DIGITS)
    kept = np.flatnonzero(data >= cosine_min)
    rows = np.searchsorted(product.indptr, kept, side="right") - 1
    columns = product.indices[kept].astype(np.int64)
    order = np.lexsort((columns, rows))
    return rows[order].astype(np.int64), columns[order], data[kept][order]
