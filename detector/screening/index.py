"""Finds the few listed names that one name could mean, among tens of thousands.

Names meet on keys they share, each weighted by how rare it is (inverse frequency, the cosine of
sparse vectors). Subjects are taken in pieces, so memory has a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from rigour.names import Name

from detector.screening.names import keys

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

#: Names looked up at once: some ten million numbers.
PIECE: Final = 1000
#: How much each family of keys says: sounds of parts, known spellings, letter triples.
FAMILIES: Final = {"p": 1.0, "s": 0.5, "g": 0.6}


class NameIndex:
    """Listed names by their keys; a position is that in the sequence given."""

    def __init__(self, names: Sequence[Name]) -> None:
        """Index listed names."""
        listed = [keys(name) for name in names]
        self._columns = {key: at for at, key in enumerate(sorted({k for ks in listed for k in ks}))}
        counts = np.zeros(max(1, len(self._columns)))
        for found in listed:
            for key in found:
                counts[self._columns[key]] += 1
        rarity = np.log1p(len(listed) / np.maximum(counts, 1.0))
        weights = np.array([FAMILIES[key[0]] for key in self._columns] or [0.0])
        self._weights: NDArray[np.float64] = rarity * weights
        self._listed = _matrix(self._rows(listed).T)

    def _rows(self, found: Sequence[Sequence[str]]) -> csr_matrix:
        """Give one row of length 1 a name; keys that no listed name has only lengthen nothing."""
        places = [[self._columns[k] for k in ks if k in self._columns] for ks in found]
        starts = np.cumsum([0, *(len(each) for each in places)])
        columns = np.array([at for each in places for at in each], dtype=np.int32)
        data = self._weights[columns] if len(columns) else np.zeros(0)
        norms = np.sqrt(np.add.reduceat(np.append(data**2, 0.0), starts[:-1]))
        norms[np.diff(starts) == 0] = 1.0
        data = data / np.repeat(norms, np.diff(starts))
        return _matrix((data, columns, starts), (len(places), max(1, len(self._columns))))

    def candidates(self, names: Sequence[Name], cosine_min: float, at_most: int) -> list[list[int]]:
        """Give the positions of the likeliest listed names of each name, likeliest first."""
        found: list[list[int]] = []
        for start in range(0, len(names), PIECE):
            piece = self._rows([keys(name) for name in names[start : start + PIECE]])
            found += _best(_matrix(piece @ self._listed), cosine_min, at_most)
        return found


def _matrix(parts: object, shape: tuple[int, int] | None = None) -> csr_matrix:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only screening needs it, and it is slow

    return csr_matrix(parts, shape=shape)


def _best(product: csr_matrix, cosine_min: float, at_most: int) -> list[list[int]]:
    """Give the columns of each row from ``cosine_min`` on; of equals the first."""
    kept = np.flatnonzero(product.data >= cosine_min)
    rows = np.searchsorted(product.indptr, kept, side="right") - 1
    columns, data = product.indices[kept], np.round(product.data[kept], 9)
    order = np.lexsort((columns, -data, rows))
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(rows, np.arange(product.shape[0] + 1))
    return [
        columns[begin : min(end, begin + at_most)].tolist()
        for begin, end in zip(starts[:-1], starts[1:], strict=True)
    ]
