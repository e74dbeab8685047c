"""Cross-holdings: the least fixed point of ``x = clip(held @ x + entering, floor, ceiling)``.

Sweeps from the floor upwards find which shares are held at a bound; the rest is one linear system.
The answer is taken only if it satisfies the equation.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Limits of the work on one group of parties in cycles; past them there is no answer.
MAX_PARTIES: Final = 500
MAX_ROUNDS: Final = 20
SWEEPS_PER_ROUND: Final = 64
TOLERANCE: Final = 1e-12


def least_fixed_point(
    held: Floats, entering: Floats, floor: Floats, ceiling: Floats
) -> Floats | None:
    """Solve for the shares of one owner in parties that hold one another, 0 to 1 each.

    ``held[i, j]`` is the share of party j in party i, ``entering`` what the owner has from outside
    the group. None where no answer is found within the limits.
    """
    if len(entering) > MAX_PARTIES:
        return None
    shares = floor
    for _ in range(MAX_ROUNDS):
        for _ in range(SWEEPS_PER_ROUND):
            swept = np.clip(held @ shares + entering, floor, ceiling)
            if np.array_equal(swept, shares):
                return swept
            shares = swept
        solved = _with_bounds_fixed(held, entering, floor, ceiling, shares)
        if solved is not None:
            return solved
    return None


def _with_bounds_fixed(
    held: Floats, entering: Floats, floor: Floats, ceiling: Floats, shares: Floats
) -> Floats | None:
    """Leave shares at a bound where they are, solve the others, and check the whole."""
    raw = held @ shares + entering
    free = (raw > floor) & (raw < ceiling)
    fixed = np.clip(raw, floor, ceiling)
    right = entering[free] + held[np.ix_(free, ~free)] @ fixed[~free]
    try:
        fixed[free] = np.linalg.solve(np.eye(int(free.sum())) - held[np.ix_(free, free)], right)
    except np.linalg.LinAlgError:
        return None
    checked = np.clip(held @ fixed + entering, floor, ceiling)
    return fixed if np.allclose(checked, fixed, rtol=0, atol=TOLERANCE) else None
