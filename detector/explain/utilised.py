"""The utilisation prior as it would be were its share known, for ``assumptions``."""

from __future__ import annotations

from dataclasses import replace
from math import log10
from typing import Final, Literal

import numpy as np

from features.prior import Band, Curve, Prior

_NONE: Final = Curve(((1.0, 0.0), (10.0, 0.0)), 0.0)


def settled(prior: Prior) -> Prior:
    """Leave the expected share, without its interval."""
    return replace(prior, below=_NONE, above=_NONE)


def at(prior: Prior, end: Literal["low", "high"]) -> Prior:
    """Take one end of the prior's 90 % interval for the share, without an interval.

    Where the generation is unknown the interval is wider; that is left out here.
    """
    moved = (
        _sum(prior.age, prior.below, -1.0) if end == "low" else _sum(prior.age, prior.above, 1.0)
    )
    top = max(prior.ceiling, prior.high_ceiling)
    return replace(settled(prior), age=moved, ceiling=top)


def without_recomputation_doubt(prior: Prior) -> Prior:
    """Leave the expected share of the AI model in what the hardware executed."""
    share = prior.algorithmic.expected
    return replace(prior, algorithmic=Band(share, share, share))


def _sum(one: Curve, other: Curve, factor: float) -> Curve:
    """Add a multiple of one line to another, both over the same quantity."""
    quantities = sorted({quantity for quantity, _ in (*one.knots, *other.knots)})
    knots = tuple((q, _effect(one, q) + factor * _effect(other, q)) for q in quantities)
    return Curve(knots, one.unknown + factor * other.unknown)


def _effect(curve: Curve, quantity: float) -> float:
    places = [log10(each) for each, _ in curve.knots]
    return float(np.interp(log10(quantity), places, [effect for _, effect in curve.knots]))
