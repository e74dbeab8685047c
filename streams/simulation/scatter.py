"""Random numbers as a function of a key and a time, so that nothing has to be remembered."""

from __future__ import annotations

from typing import Final

import numpy as np

Array = np.ndarray
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
#: The sum of four 16-bit uniforms has this mean and, divided by this spread, variance one.
_CENTRE: Final = 2.0 * 65_535.0
_SPREAD: Final = 65_536.0 / np.sqrt(3.0)


def mixed(key: Array, more: Array | int) -> Array:
    """Give a 64-bit hash of a key and something more (splitmix64); both are whole numbers."""
    salt = np.atleast_1d(more).astype(np.uint64) * _GOLDEN + _GOLDEN
    word: Array = key.astype(np.uint64) ^ salt
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    word ^= word >> np.uint64(31)
    return word


def drawn(key: Array, more: Array | int) -> Array:
    """Give a number of mean 0 and variance 1, within 3.5 of 0, fixed by the key."""
    word = mixed(key, more)
    low = np.uint64(0xFFFF)
    total = np.zeros(word.shape, dtype=np.uint64)
    for shift in (0, 16, 32, 48):
        total += (word >> np.uint64(shift)) & low
    found: Array = (total.astype(np.float64) - _CENTRE) / _SPREAD
    return found


def uniform(key: Array, more: Array | int) -> Array:
    """Give a number from 0 (in) to 1 (out), fixed by the key."""
    found: Array = (mixed(key, more) >> np.uint64(11)).astype(np.float64) / 2.0**53
    return found


def mean_scatter(key: Array, start: Array, end: Array, grains: tuple[int, ...]) -> Array:
    """Give the mean over [start, end) of a noise of variance 1, spread evenly over time scales.

    A scale coarser than the interval is read at its middle, between two drawn values; the finer
    ones average out, to ``grain / length`` of their variance each.
    """
    length = end - start
    middle = (start + end) // 2
    found, averaged = np.zeros(len(start)), np.zeros(len(start))
    for grain in grains:
        is_coarse = length < grain
        averaged += np.where(is_coarse, 0.0, grain / np.maximum(length, 1))
        if is_coarse.all():
            found += _between(key, middle, grain)
        elif is_coarse.any():
            found[is_coarse] += _between(key[is_coarse], middle[is_coarse], grain)
    if averaged.any():
        found += np.sqrt(averaged) * drawn(mixed(key, start), len(grains))
    found /= np.sqrt(len(grains))
    return found


def variance(length: Array, grains: tuple[int, ...]) -> Array:
    """Give the variance of ``mean_scatter`` over intervals of this length."""
    kept = sum(np.minimum(1.0, grain / np.maximum(length, 1)) for grain in grains)
    found: Array = np.asarray(kept) / len(grains)
    return found


def _between(key: Array, at: Array, grain: int) -> Array:
    """Give a smooth noise of variance 1 at an instant: between the values of two cells."""
    cell = at // grain
    share = (at - cell * grain) / grain
    own = mixed(key, grain)
    value: Array = (1 - share) * drawn(own, cell) + share * drawn(own, cell + 1)
    value /= np.sqrt((1 - share) ** 2 + share**2)
    return value
