"""How far from the expected share the ends of a 90 % interval lie, from honest residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detector.calibration.cases import Floats

#: Share of cases that may lie below the low end and above the high end. They are not equal: the
#: low tail is long (failed reproductions, small models on many chips), and what must not be
#: missed is a run that did more than its high end. Read as 5 % and 95 % points, as
#: ``detector.thresholds.crossing`` does, both ends say a crossing to be rather more probable than
#: it is.
TAIL_BELOW: Final = 0.08
TAIL_ABOVE: Final = 0.02
#: Share of the absolute misses of rounds left out that the ends of a short run hold.
ROUNDS_HELD: Final = 0.90
#: The interval of a generation of no or few configurations is this much wider in log10: the newest
#: chips have the fewest, and to miss what they do is the worst error.
UNKNOWN_SPREAD: Final = 1.6
#: Fewer configurations than this are few.
FEW: Final = 5


@dataclass(frozen=True)
class Widths:
    """Distances in log10, ``unknown_spread`` times as wide for the ``few`` and the unknown."""

    below: float
    above: float
    few: frozenset[str]
    unknown_spread: float = UNKNOWN_SPREAD


def widths(errors: Floats, generations: NDArray[np.str_], weight: Floats) -> Widths:
    """Measure the interval from residuals of cases that their line did not see.

    ``weight``: of each case among its configuration's; they sum to the configurations.
    """
    few = few_of(generations, weight)
    spread = np.where(np.isin(generations, sorted(few)), UNKNOWN_SPREAD, 1.0)
    errors, weight = errors / spread, np.ones(len(errors))
    return Widths(
        few=few,
        below=max(0.0, quantile(-errors, 1.0 - TAIL_BELOW, weight)),
        above=max(0.0, quantile(errors, 1.0 - TAIL_ABOVE, weight)),
    )


def rounds_width(errors: Floats, generations: NDArray[np.str_], weight: Floats) -> float:
    """Give how far a round of which nothing was seen may lie, either way.

    Few rounds are at hand, and whether the next one lies above or below them is not known: so the
    distance is that of misses of both signs.
    """
    spread = np.where(
        np.isin(generations, sorted(few_of(generations, weight))), UNKNOWN_SPREAD, 1.0
    )
    return quantile(np.abs(errors) / spread, ROUNDS_HELD, np.ones(len(errors)))


def few_of(generations: NDArray[np.str_], weight: Floats) -> frozenset[str]:
    """Give the generations that too few configurations speak for."""
    names = {str(each) for each in generations}
    return frozenset(each for each in names if weight[generations == each].sum() < FEW)


def quantile(values: Floats, probability: float, weight: Floats) -> float:
    """Give the weighted quantile, straight between cases (each in the middle of its weight)."""
    order = np.argsort(values, kind="stable")
    own = weight[order]
    reached = (np.cumsum(own) - own / 2.0) / own.sum()
    return float(np.interp(probability, reached, values[order]))
