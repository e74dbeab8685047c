"""The utilisation prior as it would be were its share known, for ``assumptions``."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from features.prior import Band, Prior, Regime


def settled(prior: Prior) -> Prior:
    """Leave the expected share, without its interval."""
    return replace(prior, young=_moved(prior.young, 0.0), old=_moved(prior.old, 0.0))


def at(prior: Prior, end: Literal["low", "high"]) -> Prior:
    """Take one end of the prior's 90 % interval for the share, without an interval.

    Where the generation is unknown, or tuned work on 8-bit pipes not ruled out, the interval is
    wider; that is left out here.
    """
    young, old = (
        _moved(each, -each.below if end == "low" else each.above)
        for each in (prior.young, prior.old)
    )
    return replace(prior, young=young, old=old, ceiling=max(prior.ceiling, prior.high_ceiling))


def without_recomputation_doubt(prior: Prior) -> Prior:
    """Leave the expected share of the AI model in what the hardware executed."""
    share = prior.algorithmic.expected
    return replace(prior, algorithmic=Band(share, share, share))


def _moved(regime: Regime, by: float) -> Regime:
    return replace(regime, centre=regime.centre + by, below=0.0, above=0.0, tuned={})
