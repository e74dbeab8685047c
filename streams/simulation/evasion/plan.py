"""A planned training and what may be changed about it: its operations stay, its price is counted.

A disguise changes how the work looks and how much of what is held does useful work; ``kept`` then
gives it the time, and where time runs out the devices, that its operations still take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from streams.simulation.families import LEVELS
from streams.simulation.workload import HOUR_MS, Workload

_MINUTE_MS: Final = 60_000


@dataclass(frozen=True)
class Training:
    """One training as a customer plans it: pieces of work inside ``window`` (milliseconds).

    ``fronted``: tenants that somebody else holds on paper, so that no owner sum reaches them.
    """

    pieces: tuple[Workload, ...]
    window: tuple[int, int]
    fronted: frozenset[str] = frozenset()


def operations(training: Training) -> float:
    """Give the operations that the AI model itself needs, over all pieces."""
    return sum(piece.planned_operations for piece in training.pieces)


def rented(training: Training) -> float:
    """Give the computing that is paid for: held device time x dense 16-bit peak, operations."""
    return sum(
        piece.planned_device_hours * 3600.0 * piece.hardware.peak_operations_per_second
        for piece in training.pieces
    )


def cost_ratio(before: Training, after: Training) -> float:
    """Give the extra computing that a disguise costs, as a share of the plain training's."""
    return rented(after) / rented(before) - 1.0


def seen(workload: Workload, **figures: float) -> Workload:
    """Give the workload with these figures of its ``levels``."""
    levels = tuple(
        figures.get(name, value) for name, value in zip(LEVELS, workload.levels, strict=True)
    )
    return replace(workload, levels=levels)


def scaled(workload: Workload, **factors: float) -> Workload:
    """Give the workload with these figures of its ``levels`` multiplied."""
    return seen(workload, **{name: workload.level(name) * f for name, f in factors.items()})


def towards(workload: Workload, share: float, **goals: float) -> Workload:
    """Move figures this share of the way to ``goals``; bytes by their logarithm."""
    moved = {}
    for name, goal in goals.items():
        value = workload.level(name)
        by_factor = name in {"fabric", "ingress", "egress", "storage"} and min(value, goal) > 0
        moved[name] = (
            value ** (1 - share) * goal**share if by_factor else value + (goal - value) * share
        )
    return seen(workload, **moved)


def unbeaten(workload: Workload, *names: str) -> Workload:
    """Take the beat of checkpoints and the like off these figures; the work keeps its pace."""
    rhythms = tuple(
        replace(beat, factors=tuple(each for each in beat.factors if each[0] not in names))
        for beat in workload.rhythms
    )
    return replace(workload, rhythms=rhythms)


def wasteful(workload: Workload, useful_ratio: float) -> Workload:
    """Let only this share of what it did serve the AI model; nothing that is metered changes."""
    return replace(workload, algorithmic_ratio=workload.algorithmic_ratio * useful_ratio)


def kept(workload: Workload, operations_needed: float, window: tuple[int, int]) -> Workload:
    """Give the workload the time its operations take; past the window, the devices too."""
    length = workload.end_ms - workload.start_ms
    needed = _whole_minutes(length * operations_needed / workload.planned_operations)
    fitting = min(needed, window[1] - window[0])
    start_ms = max(window[0], min(workload.start_ms, window[1] - fitting))
    longer = replace(workload, start_ms=start_ms, end_ms=start_ms + fitting)
    if fitting == needed:
        return longer
    lacking = operations_needed / longer.planned_operations
    packing = workload.resource_device_count
    devices = -(-round(workload.device_count * lacking) // packing) * packing
    wider = replace(longer, device_count=devices)
    spare = operations_needed / wider.planned_operations
    return replace(wider, end_ms=start_ms + min(fitting, _whole_minutes(fitting * spare)))


def each(training: Training, change: Callable[[Workload], Workload]) -> Training:
    """Change every piece and give it the time that its operations then take."""
    pieces = tuple(
        kept(change(piece), piece.planned_operations, training.window) for piece in training.pieces
    )
    return replace(training, pieces=pieces)


def share_of(workload: Workload, share: float) -> int:
    """Give the devices that are this share of a workload's, in whole resources."""
    packing = workload.resource_device_count
    return min(workload.device_count, round(workload.device_count * share / packing) * packing)


def beside(
    workload: Workload, count: int, window: tuple[int, int], operations_needed: float
) -> tuple[Workload, ...]:
    """Cut a workload into ``count`` (no more than devices) that run beside each other."""
    parts = min(count, workload.device_count)
    share = -(-workload.device_count // parts)
    packing = min(workload.resource_device_count, share)
    devices = -(-share // packing) * packing
    part = replace(workload, device_count=devices, resource_device_count=packing)
    part = kept(part, operations_needed / parts, window)
    return tuple(replace(part, name=f"{workload.name}-p{number}") for number in range(parts))


def in_turn(
    workload: Workload, count: int, pause_hours: float, lost_hours: float, window: tuple[int, int]
) -> tuple[Workload, ...]:
    """Cut a workload into ``count`` that follow each other after pauses, inside the window.

    Each loses ``lost_hours`` to loading and warming up. Pauses take half of the window at most.
    """
    span = window[1] - window[0]
    pause = min(int(pause_hours * HOUR_MS), span // (2 * max(1, count - 1)))
    room = (window[0], window[1] - pause * (count - 1))
    lost = lost_hours * HOUR_MS * count / max(workload.end_ms - workload.start_ms, HOUR_MS)
    whole = kept(wasteful(workload, 1.0 / (1.0 + lost)), workload.planned_operations, room)
    length = whole.end_ms - whole.start_ms
    cuts = [_whole_minutes(length * k / count) if k else 0 for k in range(count)] + [length]
    return tuple(
        replace(
            whole,
            name=f"{workload.name}-s{k}",
            start_ms=whole.start_ms + cuts[k] + pause * k,
            end_ms=whole.start_ms + cuts[k + 1] + pause * k,
        )
        for k in range(count)
        if cuts[k + 1] > cuts[k]
    )


def unnamed(workload: Workload, tenant_id: str | None = None) -> Workload:
    """Give a piece a job of its own, no data that names it, and a fabric of its own."""
    return replace(
        workload,
        tenant_id=tenant_id or workload.tenant_id,
        job_id=f"job-{workload.name}",
        data_ref=None,
        cluster_id=None if workload.cluster_id is None else f"fabric-{workload.name}",
    )


def later(rng: np.random.Generator, workload: Workload, hours: float, end_ms: int) -> Workload:
    """Begin up to so many hours later, and end as much later, by ``end_ms``."""
    shift = min(int(rng.random() * hours * HOUR_MS), end_ms - workload.end_ms)
    moved = max(0, shift) // _MINUTE_MS * _MINUTE_MS
    return replace(workload, start_ms=workload.start_ms + moved, end_ms=workload.end_ms + moved)


def _whole_minutes(length_ms: float) -> int:
    return max(_MINUTE_MS, round(length_ms / _MINUTE_MS) * _MINUTE_MS)
