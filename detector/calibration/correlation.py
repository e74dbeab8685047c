"""How alike the errors of runs of one customer are: what a sum of intervals must allow for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.calibration.cases import Floats

DRAWS: Final = 2000


@dataclass(frozen=True)
class Correlation:
    """A correlation with its 95 % bootstrap interval over owners, and the pairs behind it."""

    estimate: float
    low: float
    high: float
    owner_count: int
    pair_count: int


def correlation(
    errors: Floats, owners: Sequence[str], parts: Sequence[str], is_same_part: bool, seed: int
) -> Correlation:
    """Correlate errors of two cases of one owner: of one part of it, or of two different parts.

    The mean product over pairs, every owner weighing one, over the mean square of all errors.
    """
    centred = errors - errors.mean()
    names = sorted(set(owners))
    owner, part = np.array(owners), np.array(parts)
    products, squares, pairs = [], [], []
    for name in names:
        own = owner == name
        product, count = _pairs(centred[own], part[own], is_same_part)
        if count:
            products.append(product / count)
            squares.append(float(np.mean(centred[own] ** 2)))
            pairs.append(count)
    total = np.array(products), np.array(squares)
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(products), (DRAWS, len(products)))
    spread = total[0][drawn].mean(axis=1) / total[1][drawn].mean(axis=1)
    low, high = np.quantile(spread, [0.025, 0.975])
    estimate = float(total[0].mean() / total[1].mean())
    return Correlation(estimate, float(low), float(high), len(pairs), int(sum(pairs)))


def _pairs(errors: Floats, parts: np.ndarray, is_same_part: bool) -> tuple[float, int]:
    """Give the sum of products over the pairs wanted, and how many there are."""
    same = parts[:, None] == parts[None, :]
    wanted = same if is_same_part else ~same
    wanted = np.triu(wanted, k=1)
    return float((np.outer(errors, errors) * wanted).sum()), int(wanted.sum())
