"""Whether, when and how surely a subject's operations pass a threshold.

Shared by rules, decide and report, so that all three mean the same by "passed". Operations are
dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from detector.facts import Crossing, Curve, Interval

Comparison = Literal["gt", "ge"]

#: A 90 % interval ends this many standard deviations from its middle.
DEVIATIONS_OF_90_PERCENT: Final = 1.6448536269514722


def passes(operations: float, limit: float, comparison: Comparison) -> bool:
    """Say whether ``operations`` are past ``limit``: above it (gt), or at least it (ge)."""
    return operations > limit if comparison == "gt" else operations >= limit


def probability_crossed(operations: Interval, limit: float) -> float:
    """Give the probability, 0 to 1, that the true operations are above ``limit``.

    The estimate is read as a log-normal in two halves that share the median ``expected``: the
    upper half is fitted to ``high`` (95th percentile), the lower half to ``low`` (5th). So the
    answer is above 0.5 exactly where ``expected`` is above the limit, 0.95 at ``low`` and 0.05 at
    ``high``, and it never rises when the limit does. A ``low`` of 0 says that it is open whether
    anything counts at all: no limit below ``expected`` is then surer than 0.5. An ``expected`` of
    0 gives 0.05 up to ``high`` and 0 above. A half without width is a step.
    """
    if operations.expected <= 0:
        return 0.05 if limit < operations.high else 0.0
    if limit <= 0:
        return 1.0
    if limit == operations.expected:
        return 0.5
    bound = operations.low if limit < operations.expected else operations.high
    if bound <= 0:
        return 0.5
    width = abs(math.log(bound / operations.expected))
    distance = math.log(operations.expected / limit)
    if width == 0:
        return 1.0 if distance > 0 else 0.0
    return 0.5 * math.erfc(-distance * DEVIATIONS_OF_90_PERCENT / width / math.sqrt(2))


def crossing(curve: Curve, limit: float, comparison: Comparison) -> Crossing:
    """Give the instants at which the high, expected and low figures first passed ``limit``.

    An instant is the end of the first bucket past the limit. Where the curve gives the starts of
    its buckets, operations are taken as even inside a bucket and the instant is interpolated.
    """
    return Crossing(
        earliest=_first_past(curve, curve.high, limit, comparison),
        likely=_first_past(curve, curve.expected, limit, comparison),
        certain=_first_past(curve, curve.low, limit, comparison),
    )


def _first_past(
    curve: Curve, cumulative: Sequence[float], limit: float, comparison: Comparison
) -> datetime | None:
    past = (place for place, sum_ in enumerate(cumulative) if passes(sum_, limit, comparison))
    place = next(past, None)
    if place is None:
        return None
    end = curve.ends[place]
    if not curve.starts:
        return end
    before = cumulative[place - 1] if place else 0.0
    within = cumulative[place] - before
    share = min(1.0, max(0.0, (limit - before) / within)) if within > 0 else 1.0
    return curve.starts[place] + (end - curve.starts[place]) * share


def operations_until(curve: Curve, instant: datetime) -> Interval:
    """Give the cumulative operations of event time before ``instant``.

    A bucket that contains the instant counts for the share of it that lies before, if the curve
    gives the starts of its buckets; otherwise it counts not at all.
    """
    place = bisect_right(curve.ends, instant)
    return Interval(
        low=_sum_until(curve, curve.low, place, instant),
        expected=_sum_until(curve, curve.expected, place, instant),
        high=_sum_until(curve, curve.high, place, instant),
    )


def _sum_until(curve: Curve, cumulative: Sequence[float], place: int, instant: datetime) -> float:
    before = cumulative[place - 1] if place else 0.0
    if place == len(curve.ends) or not curve.starts or instant <= curve.starts[place]:
        return before
    share = (instant - curve.starts[place]) / (curve.ends[place] - curve.starts[place])
    return before + (cumulative[place] - before) * share
