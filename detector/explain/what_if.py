"""What would change a total: every assumption tried by really computing it again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from detector.explain.assumptions import Variant, variants
from detector.explain.document import Assumption, Binding, Range, WhatIf
from detector.explain.scene import Scene, Setting, lay_open, scene
from detector.facts import Interval, SubjectFacts
from detector.policy.model import Pack, Threshold
from detector.thresholds.crossing import passes

Limit = tuple[Pack, Threshold]
#: Settling an assumption must take this much off the interval's width to be called the binding one.
LEAST_GAIN: Final = 0.1
NOTHING: Final = Interval(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Tried:
    """A variant and the figures that came of it."""

    variant: Variant
    operations: Interval
    training: Interval


def tried(setting: Setting, shown: Scene) -> tuple[Tried, ...]:
    """Compute the subject again under each variant; one that vanishes has done nothing."""
    return tuple(_try(variant, shown.facts) for variant in variants(setting, shown))


def _try(variant: Variant, facts: SubjectFacts) -> Tried:
    again = scene(lay_open(variant.setting), facts.scope, facts.subject_id)
    if again is None:
        return Tried(variant, NOTHING, NOTHING)
    return Tried(variant, again.facts.operations, again.facts.training)


def what_if(
    facts: SubjectFacts, found: Iterable[Tried], limits: Sequence[Limit]
) -> tuple[WhatIf, ...]:
    """Give the table of what would change the total, in the order tried."""
    return tuple(
        WhatIf(
            id=each.variant.id,
            because=each.variant.because,
            training_operations=range_of(each.training),
            flips=_flips(facts.training, each.training, limits),
        )
        for each in found
    )


def range_of(interval: Interval) -> Range:
    """Write an interval as part of the document."""
    return Range(low=interval.low, expected=interval.expected, high=interval.high)


def _flips(before: Interval, after: Interval, limits: Sequence[Limit]) -> tuple[str, ...]:
    told = []
    for pack, threshold in limits:
        was, is_ = (
            passes(each.expected, threshold.operations, threshold.comparison)
            for each in (before, after)
        )
        if was != is_:
            told.append(f"{'passes' if is_ else 'no longer passes'} {threshold.id} of {pack.id}")
    return tuple(told)


def binding(facts: SubjectFacts, found: Sequence[Tried]) -> Binding | None:
    """Find the assumption whose settling narrows the interval most; None where none does.

    Of several ways to settle one (several candidates for the hardware) the widest outcome counts.
    """
    is_training = facts.training.high > 0
    base = _width(facts.training if is_training else facts.operations)
    left: dict[Assumption, float] = {}
    for each in found:
        settles = each.variant.settles
        if settles is not None:
            width = _width(each.training if is_training else each.operations)
            left[settles] = max(width, left.get(settles, 0.0))
    if not left:
        return None
    assumption, width = min(left.items(), key=lambda item: (item[1], item[0]))
    if not width < base * (1.0 - LEAST_GAIN):
        return None
    return Binding(
        assumption=assumption, width_ratio=_ratio(base), settled_width_ratio=_ratio(width)
    )


def _width(interval: Interval) -> float:
    """Give the natural logarithm of high over low; infinite where low is 0 and high is not."""
    if interval.high <= 0:
        return 0.0
    return math.log(interval.high / interval.low) if interval.low > 0 else math.inf


def _ratio(width: float) -> float | None:
    return math.exp(width) if math.isfinite(width) else None
