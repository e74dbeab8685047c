"""Disguises of identity: the training is cut over accounts, sites, nodes or slices of devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from streams.simulation.evasion.knobs import Knobs
from streams.simulation.evasion.plan import (
    Training,
    beside,
    in_turn,
    kept,
    later,
    scaled,
    unnamed,
    wasteful,
)
from streams.simulation.workload import SITES, Workload


def parts_at(strength: float, most: float) -> int:
    """Give how many parts a strength makes: two at least, ``most`` at full strength."""
    return max(2, round(1 + strength * (most - 1)))


def account_splitting(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Run pieces at once under several accounts, some of which a front holds on paper."""
    cut = _cut_beside(training, parts_at(strength, knobs["accounts"]), strength, knobs)
    moved = _over_accounts(cut)
    delayed = tuple(
        later(rng, piece, knobs["later_hours"] * strength, training.window[1]) for piece in moved
    )
    return _fronted(replace(training, pieces=delayed), strength * knobs["fronted_ratio"])


def tenant_hopping(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Go on under the next account, some of which a front holds on paper."""
    del rng
    count = parts_at(strength, knobs["accounts"])
    cut = [
        in_turn(piece, count, knobs["pause_hours"], knobs["lost_hours"], training.window)
        for piece in training.pieces
    ]
    moved = replace(training, pieces=_over_accounts(cut))
    return _fronted(moved, strength * knobs["fronted_ratio"])


def site_splitting(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Run pieces at once on several sites, each a job on a cluster of its own."""
    cut = _cut_beside(training, parts_at(strength, knobs["sites"]), strength, knobs)
    pieces = tuple(
        later(
            rng,
            unnamed(replace(piece, site=(piece.site + number) % len(SITES))),
            knobs["later_hours"] * strength,
            training.window[1],
        )
        for parts in cut
        for number, piece in enumerate(parts)
    )
    return replace(training, pieces=pieces)


def region_hop(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Go on in the next region as a job of its own."""
    del rng
    count = parts_at(strength, knobs["sites"])
    pieces = tuple(
        unnamed(replace(part, site=(part.site + number) % len(SITES)))
        for piece in training.pieces
        for number, part in enumerate(
            in_turn(piece, count, knobs["pause_hours"], knobs["lost_hours"], training.window)
        )
    )
    return replace(training, pieces=pieces)


def job_per_node(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Rent every node as a job of its own, as far as that many are simulated."""
    pieces: list[Workload] = []
    for piece in training.pieces:
        nodes = max(2, -(-piece.device_count // piece.hardware.device_count))
        count = min(nodes, parts_at(strength, knobs["jobs"]))
        slower = wasteful(piece, 1.0 / (1.0 + knobs["wasted_ratio"] * strength))
        for part in beside(slower, count, training.window, piece.planned_operations):
            alone = replace(unnamed(part), cluster_id=None)
            pieces.append(later(rng, alone, knobs["later_hours"] * strength, training.window[1]))
    return replace(training, pieces=tuple(pieces))


def device_slicing(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Hold hardware partitions instead of devices: more of them, each a part, without links."""
    del rng
    slices = parts_at(strength, knobs["slices"])
    idle = knobs["idle_ratio"] * strength

    def sliced(piece: Workload) -> Workload:
        cut = replace(
            piece,
            partition_fraction=piece.partition_fraction / slices,
            device_count=piece.device_count * slices,
            resource_device_count=piece.resource_device_count * slices,
        )
        apart = scaled(cut, nvlink=knobs["traffic_ratio"] ** strength)
        return wasteful(apart, 1.0 - idle)

    pieces = tuple(
        kept(sliced(piece), piece.planned_operations, training.window) for piece in training.pieces
    )
    return replace(training, pieces=pieces)


def _cut_beside(
    training: Training, count: int, strength: float, knobs: Knobs
) -> list[tuple[Workload, ...]]:
    useful = 1.0 / (1.0 + knobs["wasted_ratio"] * strength)
    return [
        beside(wasteful(piece, useful), count, training.window, piece.planned_operations)
        for piece in training.pieces
    ]


def _over_accounts(cut: Iterable[tuple[Workload, ...]]) -> tuple[Workload, ...]:
    """Put the n-th part of every piece into the n-th account; the first keeps its own."""
    return tuple(
        unnamed(part, part.tenant_id if number == 0 else f"{part.tenant_id}-a{number}")
        for parts in cut
        for number, part in enumerate(parts)
    )


def _fronted(training: Training, share: float) -> Training:
    """Let fronts hold this share of the accounts, the last ones."""
    tenants = sorted({piece.tenant_id for piece in training.pieces})
    count = round(share * len(tenants))
    return replace(training, fronted=training.fronted | set(tenants[len(tenants) - count :]))
