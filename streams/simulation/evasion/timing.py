"""Disguises of time: pauses, short jobs, growth, and runs that each end below a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streams.simulation.evasion.knobs import Knobs
from streams.simulation.evasion.plan import Training, in_turn, kept, unnamed, wasteful
from streams.simulation.evasion.splitting import parts_at
from streams.simulation.workload import HOUR_MS, Workload


def pause_and_resume(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Stop for days now and then, and resume under a new job."""
    del rng
    return _stretches(training, parts_at(strength, knobs["jobs"]), strength, knobs)


def short_preemptible(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Run short jobs, one after the other, on capacity that may be taken away."""
    del rng
    cut = _stretches(training, parts_at(strength, knobs["jobs"]), strength, knobs)
    pieces = tuple(replace(piece, purchase_option="spot") for piece in cut.pieces)
    return replace(cut, pieces=pieces)


def threshold_hugging(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """End every run below a threshold and go on as another, with a rest between."""
    del rng
    return _stretches(training, parts_at(strength, knobs["runs"]), strength, knobs)


def small_then_grow(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Begin with few devices and hold more from step to step, under one job."""
    del rng
    steps = int(knobs["steps"])
    growth = 1.0 + knobs["growth"] * strength
    pieces = tuple(
        step
        for piece in training.pieces
        for step in _grown(piece, steps, growth, knobs["lost_hours"] * strength, training.window)
    )
    return replace(training, pieces=pieces)


def _stretches(training: Training, count: int, strength: float, knobs: Knobs) -> Training:
    pause, lost = knobs["pause_hours"] * strength, knobs["lost_hours"]
    pieces = tuple(
        unnamed(part)
        for piece in training.pieces
        for part in in_turn(piece, count, pause, lost, training.window)
    )
    return replace(training, pieces=pieces)


def _grown(
    piece: Workload, steps: int, growth: float, lost_hours: float, window: tuple[int, int]
) -> tuple[Workload, ...]:
    """Steps of equal length, the last on the most devices; the whole is widened to fit."""
    shares = [growth ** (step - steps + 1) for step in range(steps)]
    span = (window[1] - window[0]) // steps
    lost = lost_hours * HOUR_MS * steps / max(piece.end_ms - piece.start_ms, HOUR_MS)
    length = min(span, round((piece.end_ms - piece.start_ms) / sum(shares)))
    first = max(window[0], min(piece.start_ms, window[1] - length * steps))
    slower = wasteful(piece, 1.0 / (1.0 + lost))
    total = piece.planned_operations
    grown = []
    for step, share in enumerate(shares):
        begin = first + length * step
        packing = piece.resource_device_count
        devices = max(packing, round(piece.device_count * share / packing) * packing)
        part = replace(
            slower,
            name=f"{piece.name}-g{step}",
            device_count=devices,
            start_ms=begin,
            end_ms=begin + length,
        )
        grown.append(kept(part, total * share / sum(shares), (begin, begin + span)))
    return tuple(grown)
