"""Whether, when and how surely a subject's operations pass a threshold.

Shared by rules, decide and report, so that all three mean the same by "passed". Operations are
dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from detector.facts import Crossing, Interval, SubjectFacts

Comparison = Literal["gt", "ge"]

#: A 90 % interval ends this many standard deviations from its middle.
DEVIATIONS_OF_90_PERCENT: Final = 1.6448536269514722

DECIMALS: Final = 6


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
    0 gives 0.05 up to ``high`` and 0 above. A half without width is a step. The answer has six
    decimals, so that it prints alike on every machine.

    Of the runs that the interval of device time was measured on, 8 % lie below its low end and 2 %
    above its high end (``detector.calibration.widths``). Read as 5 % each, the answer is at either
    end three points larger than measured: it errs towards a crossing.
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
    width = abs(math.log(bound) - math.log(operations.expected))
    distance = math.log(operations.expected) - math.log(limit)
    if width == 0:
        return 1.0 if distance > 0 else 0.0
    return round(
        0.5 * math.erfc(-distance * DEVIATIONS_OF_90_PERCENT / width / math.sqrt(2)), DECIMALS
    )


def crossing(facts: SubjectFacts, limit: float, comparison: Comparison) -> Crossing:
    """Give the instants at which the high, expected and low figures first passed ``limit``.

    An instant is the end of the first bucket past the limit, or the end of the work where that
    comes first. Where the curve gives the starts of its buckets, operations are taken as even
    inside a bucket and the instant is interpolated.
    """
    curve = facts.curve
    return Crossing(
        earliest=_first_past(facts, curve.high, limit, comparison),
        likely=_first_past(facts, curve.expected, limit, comparison),
        certain=_first_past(facts, curve.low, limit, comparison),
    )


def _first_past(
    facts: SubjectFacts, cumulative: Sequence[float], limit: float, comparison: Comparison
) -> datetime | None:
    past = (place for place, sum_ in enumerate(cumulative) if passes(sum_, limit, comparison))
    place = next(past, None)
    if place is None:
        return None
    start, end = _bucket(facts, place)
    if not facts.curve.starts:
        return end
    before = cumulative[place - 1] if place else 0.0
    share = min(1.0, max(0.0, (limit - before) / (cumulative[place] - before)))
    return start + (end - start) * share


def operations_until(facts: SubjectFacts, instant: datetime) -> Interval:
    """Give the cumulative training operations of event time before ``instant``.

    Operations are taken as even inside a bucket; what was stated of the time before an instant
    counts from that instant on. A curve without the starts of its buckets is
    read as if each began where the one before it ended.
    """
    curve = facts.curve
    place = bisect_left(curve.ends, instant)
    share = 0.0
    if place < len(curve.ends):
        start, end = _bucket(facts, place)
        share = _share_before(start, end, instant)
    return Interval(
        low=_sum_until(curve.low, place, share),
        expected=_sum_until(curve.expected, place, share),
        high=_sum_until(curve.high, place, share),
    )


def expected_until(facts: SubjectFacts, instant: datetime) -> tuple[float, float]:
    """Give the least and the most training operations expected of event time before ``instant``.

    The two are one, but for a bucket with work before and after the instant: nobody knows how much
    of its operations belong to which, so that work which came later in it is no change of them.
    What was stated of the time before an instant is known to belong to it.
    """
    expected, ends = facts.curve.expected, facts.curve.ends
    place = bisect_left(ends, instant)
    least, most = _sum_until(expected, place, 0.0), _sum_until(expected, place, 1.0)
    if place == len(ends):
        return most, most
    start, end = _bucket(facts, place)
    if instant >= end:
        return most, most
    inside = [each for each in facts.openings if bisect_left(ends, each.at) == place]
    stated = sum(each.training_expected for each in inside if each.at <= instant)
    later = sum(each.training_expected for each in inside if each.at > instant)
    least = min(least + stated, most)
    return (least, max(least, most - later)) if instant > start else (least, least)


def _share_before(start: datetime, end: datetime, instant: datetime) -> float:
    if instant >= end:  # an opening alone is a bucket without a length: its end comes first
        return 1.0
    return 0.0 if instant <= start else (instant - start) / (end - start)


def _sum_until(cumulative: Sequence[float], place: int, share: float) -> float:
    before = cumulative[place - 1] if place else 0.0
    if place == len(cumulative) or share == 0.0:
        return before
    return before + (cumulative[place] - before) * share


def _bucket(facts: SubjectFacts, place: int) -> tuple[datetime, datetime]:
    """Give the span in which the operations of one bucket were performed.

    The first bucket begins no earlier than the work, the last one ends no later: so the figure of
    a bucket that is still filling stays the same once it is full.
    """
    curve = facts.curve
    if curve.starts:  # exact, and an opening lies before the first metered work
        start = curve.starts[place]
    else:
        start = max((facts.first_start, *curve.ends[:-1])[place], facts.first_start)
    return start, max(start, min(curve.ends[place], facts.last_end))
