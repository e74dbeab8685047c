"""Rows of different lengths laid end to end in one array: picking rows, and the sum of groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def places(starts: Ints, lengths: Ints) -> Ints:
    """Give the place of every element of rows that begin at ``starts``, row after row."""
    before = np.cumsum(lengths) - lengths
    found: Ints = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return found


def grouped(keys: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Give the order by several keys, the first one first, and where each group of equals begins.

    Elements with the same keys stay in the order in which they came.
    """
    order = np.lexsort(tuple(reversed(keys)))
    return order, begins([key[order] for key in keys])


def begins(keys: Sequence[Ints]) -> Ints:
    """Give where each group of equals begins in keys that are in order."""
    is_first = np.ones(len(keys[0]), dtype=bool)
    is_first[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(is_first)


def total(values: Floats, starts: Ints) -> Floats:
    """Add up each group; its elements come in a fixed order, so the sum is always the same."""
    return np.add.reduceat(values, starts)


def index(codes: Ints, count: int) -> Ints:
    """Give where the elements of each code from 0 to ``count`` begin in codes in order."""
    return np.searchsorted(codes, np.arange(count + 1))
