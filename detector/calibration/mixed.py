"""What an interval that fits tuned runs more closely would leave out of ordinary short work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from detector.calibration.goals import covers
from detector.calibration.judged import Judged
from detector.calibration.scores import Interval, binomial
from detector.calibration.widths import TAIL_ABOVE, quantile

#: Shares of ordinary runs that a low end may leave below it.
LEFT_OUT: Final = (0.0, 0.05, 0.10, 0.20, 0.30)


@dataclass(frozen=True)
class Mixed:
    """A low end that leaves ``ordinary_below`` of ordinary runs out, and what tuned ones do then.

    ``held``: of tuned runs, where the high end leaves out what it may. ``above``: of tuned runs,
    what it would have to leave out for nine in ten to be held; null where the low end leaves too
    many out by itself.
    """

    ordinary_below: float
    tuned_below: float
    held: Interval
    above: float | None


def mixed(ordinary: Judged, tuned: Judged) -> list[Mixed]:
    """Move the low end of short runs up, in hindsight, and count who falls out.

    ``ordinary`` and ``tuned`` are judged by priors whose line saw none of them.
    """
    ordinary_away, tuned_away = -ordinary.errors, -tuned.errors
    count = len(tuned_away)
    found = []
    for left in LEFT_OUT:
        low = quantile(ordinary_away, left, np.ones(len(ordinary_away)))
        below = int((tuned_away < low).sum())
        hits = count - below - round(TAIL_ABOVE * count)
        above = 0.1 - below / count
        found.append(
            Mixed(left, below / count, binomial(hits, count), above if above > 0.0 else None)
        )
    return found


def mixed_page(found: Sequence[Mixed]) -> str:
    """Write the section of the page."""
    lines = [
        "## Short runs: tuned and ordinary in one interval\n",
        "The low end of short runs reaches down to the least of ordinary work, so it holds more",
        "than nine in ten of tuned runs. Here it is moved up, in hindsight, until so many of the",
        "ordinary rows lie below it; tuned runs are judged with their round left out, and the high",
        f"end leaves {TAIL_ABOVE:.0%} of them out, in hindsight too. The last column: how many it",
        "would have to leave above it for nine in ten of tuned runs to be held.\n",
        "| ordinary below | tuned below | tuned held | goal | tuned above, for 90 % |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {m.ordinary_below:.0%} | {m.tuned_below:.1%} | {m.held.estimate:.3f} "
        f"[{m.held.low:.3f}, {m.held.high:.3f}] | {covers(m.held)} | "
        f"{'-' if m.above is None else f'{m.above:.1%}'} |"
        for m in found
    ]
    return "\n".join(lines) + "\n"
