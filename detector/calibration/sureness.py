"""How large a gain the runs at hand could show, and how many owners a smaller one would take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from detector.calibration.judged import Baseline, Judged, baselines
from detector.calibration.scores import Interval

#: Standard errors from the middle of a 95 % interval to its end.
_END: Final = 1.96
#: And so many more for the whole interval to lie above 0 in four drawings of five.
_FOUND: Final = 0.84


@dataclass(frozen=True)
class Sureness:
    """``least``: the gain that these owners would surely show in four drawings of five.

    ``owners``: how many would show the gain that was found; null where it is not above 0.
    """

    least: float
    owners: int | None


def sureness(gain: Interval, owner_count: int) -> Sureness:
    """Tell from the width of an interval over owners what could be sure.

    Owners are taken to be as unlike as those at hand, so the interval narrows as the square root
    of their count.
    """
    least = (gain.high - gain.low) / 2.0 * (1.0 + _FOUND / _END)
    if gain.estimate <= 0.0:
        return Sureness(least, None)
    return Sureness(least, ceil(owner_count * (least / gain.estimate) ** 2))


def sureness_page(judged: Iterable[tuple[str, Judged]]) -> str:
    """Write, of each constant that the prior does not surely beat, what it would take."""
    lines = [
        "Of the constants that are not surely beaten: the least gain that so many owners would",
        "show (its whole interval above 0 in four drawings of five), and how many owners would",
        "show the gain that was found, were they as unlike as these.\n",
        "| runs | constant | owners | gain | least gain shown | owners for the gain found |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        _line(name, each, len(set(runs.groups.tolist())))
        for name, runs in judged
        for each in baselines(runs)
        if each.gain.low <= 0.0
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, constant: Baseline, owner_count: int) -> str:
    found = sureness(constant.gain, owner_count)
    owners = "none: it loses" if found.owners is None else f"{found.owners:,}"
    return (
        f"| {name} | {constant.name} | {owner_count} | {constant.gain.estimate:+.3f} | "
        f"{found.least:.3f} | {owners} |"
    )
