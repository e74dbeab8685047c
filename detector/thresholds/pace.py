"""How fast a subject has been training of late, and when that brings it past a threshold.

The pace is read from the cumulative curve alone. Nothing here reads a clock: "now" is the
subject's ``as_of``. Operations are dense, one multiply-accumulate = 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Annotated, Final

from pydantic import Field

from detector.facts import Interval, SubjectFacts
from detector.policy.parse import StrictDocument
from detector.thresholds.crossing import operations_until, probability_crossed

DAY: Final = timedelta(days=1)
NONE: Final = timedelta(0)
#: Equally likely deviations of the pace, in standard deviations: the middles of 32 slices.
_SLICES: Final = tuple(NormalDist().inv_cdf((place + 0.5) / 32) for place in range(32))
#: A 90 % interval ends this many standard deviations from its middle.
_DEVIATIONS: Final = NormalDist().inv_cdf(0.95)
#: Growth is followed in steps that begin so long and lengthen so; their places do not depend on the
#: question, so that answers to several agree.
_FIRST_STEP: Final = timedelta(hours=6)
_STEP_FACTOR: Final = 1.12
#: Halvings by which an instant is narrowed down: of half a year, to the second.
_HALVINGS: Final = 24

Probability = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1)]


class ForecastLimits(StrictDocument):
    """House figures of a forecast; the reason of each stands beside it in ``limits.toml``."""

    horizon_days: Days
    probability_days: Annotated[list[Days], Field(min_length=1)]
    window_days: Annotated[list[Days], Field(min_length=1)]
    history_days_min: Annotated[float, Field(gt=0)]
    training_ratio_min: Probability
    going_on_probability_min: Probability
    pace_deviation: Annotated[float, Field(gt=0)]
    young_days: Annotated[float, Field(ge=0)]
    plan_kept_probability: Probability


@dataclass(frozen=True)
class Pace:
    """What a subject did of late, and for how long it has been at it.

    ``deviation`` is the standard deviation of the logarithm of the pace to come over the pace so
    far, if the work goes on. ``history`` runs from the first work to the last, ``quiet`` since.
    ``history`` None: nothing will end the work, as for reserved capacity.
    """

    operations_per_second: float
    deviation: float
    history: timedelta | None = None
    quiet: timedelta = NONE
    longest_pause: timedelta = NONE

    def going_on(self, after: timedelta) -> float:
        """Give the probability that the work has not ended ``after`` from now.

        Work that lasted so long is as likely as not to last as long again: the rule of one who
        knows nothing but its age. A silence longer than every pause before counts against it.
        """
        if self.history is None:
            return 1.0
        known = (self.longest_pause + DAY) / (self.quiet + DAY)
        return self.history / (self.history + self.quiet + after) * min(1.0, known)

    def grown(self, done: float, after: timedelta, deviations: float = 0.0) -> float:
        """Give how many times ``done`` the sum is after a while at this pace."""
        rate = self.operations_per_second * math.exp(deviations * self.deviation)
        return (done + rate * after.total_seconds()) / done


def pace(facts: SubjectFacts, limits: ForecastLimits) -> Pace | None:
    """Give the pace of a subject, None while its history is too short or nothing was done of late.

    Each window before ``as_of`` has a rate; a window longer than the history is as long as it.
    The pace is their mean. Youth and disagreement between the windows widen its deviation.
    """
    history = facts.last_end - facts.first_start
    if history < limits.history_days_min * DAY or not facts.curve.ends:
        return None
    now = max(facts.as_of, facts.last_end)
    rates = [_rate(facts, now, days * DAY) for days in limits.window_days]
    mean = sum(rates) / len(rates)
    if mean <= 0 or facts.training.expected <= 0:
        return None
    spread = sum((rate / mean - 1) ** 2 for rate in rates) / len(rates)
    return Pace(
        operations_per_second=mean,
        deviation=math.sqrt(
            limits.pace_deviation**2 + limits.young_days * DAY / history + math.log1p(spread)
        ),
        history=history,
        quiet=now - facts.last_end,
        longest_pause=_longest_pause(facts),
    )


def reserved(facts: SubjectFacts, limits: ForecastLimits) -> Pace | None:
    """Give the pace of the capacity that is reserved: it keeps running when other work ends."""
    rate = facts.reserved_operations_per_second
    if rate <= 0 or facts.training.expected <= 0:
        return None
    return Pace(rate, limits.pace_deviation)


def _rate(facts: SubjectFacts, now: datetime, window: timedelta) -> float:
    since = max(now - window, facts.first_start)
    done = facts.curve.expected[-1] - operations_until(facts, since).expected
    # What was stated was done before its instant, nobody knows how fast.
    done -= sum(each.training_expected for each in facts.openings if each.at > since)
    return max(0.0, done) / (now - since).total_seconds()


def _longest_pause(facts: SubjectFacts) -> timedelta:
    """Give the longest time between two buckets in which something was done."""
    curve = facts.curve
    begun = curve.starts or (facts.first_start, *curve.ends[:-1])
    before = (0.0, *curve.expected[:-1])
    longest, last = NONE, None
    for start, end, was, now in zip(begun, curve.ends, before, curve.expected, strict=True):
        if now > was:
            longest = longest if last is None else max(longest, start - last)
            last = end
    return longest


def crossed_going_on(facts: SubjectFacts, going: Pace, limit: float, after: timedelta) -> float:
    """Give the probability of being past ``limit`` after a while if the work goes on.

    The doubt about the estimate itself multiplies what was done and what is to come alike; the
    doubt about the pace is spread over equally likely paces.
    """
    done = facts.training.expected
    # To hold a sum that grew so many times against the limit is to hold it against that part of it.
    parts = (limit / going.grown(done, after, each) for each in _SLICES)
    return sum(probability_crossed(facts.training, part) for part in parts) / len(_SLICES)


def crossed_within(
    facts: SubjectFacts, going: Pace, limit: float, whiles: Iterable[timedelta]
) -> dict[timedelta, float]:
    """Give the probability of having passed ``limit`` within each while, the end of work included.

    It never falls with time or pace and never rises with the limit.
    """
    found: dict[timedelta, float] = {}
    chance = before = crossed_going_on(facts, going, limit, NONE)
    start, end = NONE, _FIRST_STEP
    for after in sorted(set(whiles)):
        while end <= after:
            past = crossed_going_on(facts, going, limit, end)
            chance += (past - before) * going.going_on(start + (end - start) / 2)
            before, start, end = past, end, end * _STEP_FACTOR
        past = before if after <= start else crossed_going_on(facts, going, limit, after)
        found[after] = chance + (past - before) * going.going_on(start + (end - start) / 2)
    return found


def operations_after(facts: SubjectFacts, going: Pace, after: timedelta) -> Interval:
    """Give the sum after a while: low and high at the low and high pace, if the work goes on."""
    done, training = facts.training.expected, facts.training
    return Interval(
        training.low * going.grown(done, after, -_DEVIATIONS),
        done * going.grown(done, after),
        training.high * going.grown(done, after, _DEVIATIONS),
    )


def rates(going: Pace) -> Interval:
    """Give the pace with its 90 % interval, operations per second."""
    rate = going.operations_per_second
    factor = math.exp(_DEVIATIONS * going.deviation)
    return Interval(rate / factor, rate, rate * factor)


@dataclass(frozen=True)
class Arrival:
    """When a limit is passed if the work goes on, from now; None lies beyond the horizon."""

    earliest: timedelta | None
    likely: timedelta | None
    latest: timedelta | None


def arrival(facts: SubjectFacts, going: Pace, limit: float, horizon: timedelta) -> Arrival:
    """Give the 90 % interval of the time to passing ``limit``, and the time at the pace itself.

    The latest is later by the longest pause so far, for it may come again.
    """
    missing = max(0.0, limit - facts.training.expected)
    seconds = missing / going.operations_per_second
    latest = first(lambda t: crossed_going_on(facts, going, limit, t) >= 0.95, horizon)
    if latest:
        latest += max(going.longest_pause, going.quiet)
    return Arrival(
        earliest=first(lambda t: crossed_going_on(facts, going, limit, t) >= 0.05, horizon),
        likely=timedelta(seconds=seconds) if seconds <= horizon.total_seconds() else None,
        latest=latest if latest is not None and latest <= horizon else None,
    )


def first(holds: Callable[[timedelta], bool], horizon: timedelta) -> timedelta | None:
    """Give the first time up to the horizon at which something holds that then holds for ever."""
    if not holds(horizon):
        return None
    if holds(NONE):
        return NONE
    early, late = NONE, horizon
    for _ in range(_HALVINGS):
        middle = early + (late - early) / 2
        early, late = (early, middle) if holds(middle) else (middle, late)
    return late
