"""When a subject's training operations will pass a threshold, and how surely: "could result in".

Three sources. The *pace* is what the subject did of late. *Reserved* capacity keeps running when
other work ends. A *plan* is what the customer declared: it may make a crossing likelier, never
less likely, for a customer's word lowers nothing. Operations are dense, one multiply-accumulate
= 2; "now" is the subject's ``as_of``. How good forecasts are stands in docs/forecast.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from detector.facts import Declaration, Interval, SubjectFacts
from detector.openings import MAX_OPERATIONS
from detector.thresholds.crossing import DECIMALS, operations_until
from detector.thresholds.pace import (
    DAY,
    NONE,
    Arrival,
    ForecastLimits,
    Pace,
    arrival,
    crossed_within,
    first,
    operations_after,
    pace,
    rates,
    reserved,
)

#: Operations per parameter and token of a training pass: 2 forward, 4 backward (the 6ND rule).
OPERATIONS_PER_PARAMETER_AND_TOKEN: Final = 6
_NEVER: Final = Arrival(None, None, None)


@dataclass(frozen=True)
class Plan:
    """Declared training with its dates: ``operations`` spread evenly from start to end."""

    operations: float
    start: datetime
    end: datetime

    def done_by(self, instant: datetime) -> float:
        """Give the declared operations until an instant."""
        if instant >= self.end:
            return self.operations
        return self.operations * max(0.0, (instant - self.start) / (self.end - self.start))

    def passes_at(self, limit: float) -> datetime | None:
        """Give when the declared operations come to ``limit``, to the hour; None for never."""
        if self.operations < limit:
            return None
        return _to_the_hour(self.start + (self.end - self.start) * (limit / self.operations))


@dataclass(frozen=True)
class DeclaredEnd:
    """Where a subject stands when the last of its plans ends: by its own pace, and declared."""

    at: datetime
    operations: Interval | None
    declared_operations: float
    probability_crossed: float


@dataclass(frozen=True)
class Forecast:
    """What is to be expected of one subject and one threshold.

    ``earliest_at``, ``likely_at`` and ``latest_at`` bound, with 90 %, the crossing if the work
    goes on as of late; None lies beyond the horizon. ``probabilities`` are (days from ``as_of``,
    probability of having crossed by then); the chance that the work ends before is in them.
    ``pace_operations_per_second`` is None where nothing was metered for long enough;
    ``plan_passes_at`` is when the declared training would pass the threshold.
    """

    threshold_operations: float
    as_of: datetime
    horizon_days: int
    pace_operations_per_second: Interval | None
    reserved_operations_per_second: float
    earliest_at: datetime | None
    likely_at: datetime | None
    latest_at: datetime | None
    probability_in_horizon: float
    probabilities: tuple[tuple[int, float], ...]
    plan_passes_at: datetime | None
    declared_end: DeclaredEnd | None


def declared_operations(declaration: Declaration) -> float | None:
    """Give the planned operations, else six per active parameter and token, else None.

    More than anybody could do is cut, so that sums and products of what is declared stay finite.
    """
    if declaration.planned_operations is not None:
        return min(declaration.planned_operations, MAX_OPERATIONS)
    parameters = declaration.active_parameters or declaration.parameters
    if parameters is None or declaration.tokens is None:
        return None
    operations = OPERATIONS_PER_PARAMETER_AND_TOKEN * parameters * declaration.tokens
    return min(operations, MAX_OPERATIONS)


def plans(declarations: Sequence[Declaration], begun: datetime) -> tuple[Plan, ...]:
    """Give the declarations that say how much and until when.

    Without a start a plan begins at ``begun``, or a day before its end where that is earlier. One
    whose end is not after its start says nothing about time and is left out.
    """
    found = []
    for each in declarations:
        operations = declared_operations(each)
        if operations is None or operations <= 0 or each.planned_end is None:
            continue
        start = each.planned_start or min(begun, each.planned_end - DAY)
        if start < each.planned_end:
            found.append(Plan(operations, start, each.planned_end))
    return tuple(found)


def is_to_be_expected(
    facts: SubjectFacts, threshold_operations: float, limits: ForecastLimits, horizon_days: int
) -> bool:
    """Say whether work that goes on brings the expected figure past a threshold in the horizon.

    The pace of late counts unless the work has most likely ended.
    """
    missing = threshold_operations - facts.training.expected
    within = horizon_days * DAY.total_seconds()
    return any(
        each.operations_per_second * within >= missing
        for each in _paces(facts, limits)
        if each.going_on(NONE) >= limits.going_on_probability_min
    )


def _paces(facts: SubjectFacts, limits: ForecastLimits) -> list[Pace]:
    return [each for each in (pace(facts, limits), reserved(facts, limits)) if each is not None]


def forecast(
    facts: SubjectFacts,
    threshold_operations: float,
    declared: Sequence[Plan],
    limits: ForecastLimits,
    horizon_days: int | None = None,
) -> Forecast | None:
    """Forecast the crossing of one threshold; None where neither pace nor plan says anything.

    ``declared``: the plans of all tenants of the subject. ``horizon_days``: else the house's.
    """
    paces = _paces(facts, limits)
    ahead = tuple(plan for plan in declared if plan.end > facts.as_of)
    if not paces and not ahead:
        return None
    course = _Course(facts, threshold_operations, tuple(paces), ahead, limits)
    horizon = (limits.horizon_days if horizon_days is None else horizon_days) * DAY
    main = max(paces, key=lambda each: each.operations_per_second, default=None)
    reached = _NEVER if main is None else arrival(facts, main, threshold_operations, horizon)
    told = {days: days * DAY for days in sorted(limits.probability_days)}
    end = max((plan.end - facts.as_of for plan in ahead), default=NONE)
    chances = course.probabilities([horizon, end, *told.values()])
    return Forecast(
        threshold_operations=threshold_operations,
        as_of=facts.as_of,
        horizon_days=horizon.days,
        pace_operations_per_second=None if main is None else rates(main),
        reserved_operations_per_second=facts.reserved_operations_per_second,
        earliest_at=_at(facts, reached.earliest),
        likely_at=_at(facts, reached.likely),
        latest_at=_at(facts, reached.latest),
        probability_in_horizon=chances[horizon],
        probabilities=tuple((days, chances[after]) for days, after in told.items()),
        plan_passes_at=_at(facts, course.plan_passes_after(horizon)),
        declared_end=course.at_declared_end(main, end, chances[end]) if ahead else None,
    )


def _to_the_hour(instant: datetime) -> datetime:
    """Give the next whole hour: no forecast is finer."""
    whole = instant.replace(minute=0, second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(hours=1)


def _at(facts: SubjectFacts, after: timedelta | None) -> datetime | None:
    return None if after is None else _to_the_hour(facts.as_of + after)


@dataclass(frozen=True)
class _Course:
    """One subject on its way to one threshold."""

    facts: SubjectFacts
    limit: float
    paces: tuple[Pace, ...]
    plans: tuple[Plan, ...]
    limits: ForecastLimits

    def probabilities(self, whiles: Sequence[timedelta]) -> dict[timedelta, float]:
        """Give the probability of having passed the limit within each while."""
        by_pace = [crossed_within(self.facts, each, self.limit, whiles) for each in self.paces]
        return {
            after: self._with_plans(max((each[after] for each in by_pace), default=0.0), after)
            for after in whiles
        }

    def _with_plans(self, chance: float, after: timedelta) -> float:
        if self.plans and self._plan_is_past(after):
            kept = self.limits.plan_kept_probability
            chance = kept + (1.0 - kept) * chance
        return round(chance, DECIMALS)

    def plan_passes_after(self, horizon: timedelta) -> timedelta | None:
        """Give when the plans, if they are kept, pass the limit."""
        return first(self._plan_is_past, horizon) if self.plans else None

    def at_declared_end(self, main: Pace | None, after: timedelta, chance: float) -> DeclaredEnd:
        """Say where the subject stands when the last plan ends."""
        return DeclaredEnd(
            at=self.facts.as_of + after,
            operations=None if main is None else operations_after(self.facts, main, after),
            declared_operations=self._planned(after),
            probability_crossed=chance,
        )

    def _plan_is_past(self, after: timedelta) -> bool:
        return self._planned(after) > self.limit

    def _planned(self, after: timedelta) -> float:
        """What was done before the first plan began, and what the plans come to by then."""
        begun = min(plan.start for plan in self.plans)
        before = operations_until(self.facts, begun).expected
        return before + sum(plan.done_by(self.facts.as_of + after) for plan in self.plans)
