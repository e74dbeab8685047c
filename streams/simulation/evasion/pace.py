"""Disguises of pace: the training rests, is capped, or computes in another format."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streams.simulation.evasion.knobs import Knobs
from streams.simulation.evasion.plan import (
    Training,
    each,
    scaled,
    seen,
    towards,
    unbeaten,
    wasteful,
)
from streams.simulation.workload import Workload


def duty_cycle_padding(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Let the devices rest for a share of the time, in stretches shorter than an hour."""
    del rng
    rest = knobs["idle_ratio"] * strength

    def padded(piece: Workload) -> Workload:
        tensor = piece.level("tensor")
        swing = (rest * (1.0 - rest)) ** 0.5
        slower = scaled(
            piece,
            **dict.fromkeys(("tensor", "gpu_util", "sm", "dram", "nvlink", "fabric"), 1.0 - rest),
        )
        calmer = towards(slower, rest, power=knobs["idle_power_ratio"])
        return seen(
            calmer,
            tensor_std=min(1.0, piece.level("tensor_std") + tensor * swing),
            power_std=min(1.0, piece.level("power_std") + piece.level("power") * swing / 2),
            step_seconds=piece.level("step_seconds") / (1.0 - rest),
        )

    return each(training, padded)


def power_flattening(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Burn power through every pause with decoy work, so that nothing dips."""
    del rng

    def flattened(piece: Workload) -> Workload:
        flat = towards(
            piece,
            strength,
            power=knobs["power_ratio"],
            gpu_util=1.0,
            power_std=0.005,
            tensor_std=0.02,
            noise=0.005,
            flicker=0.005,
        )
        hidden = strength >= knobs["rhythm_hidden_from"]
        even = unbeaten(flat, "power", "gpu_util")
        shown = seen(even, step_seconds=0.0) if hidden else flat
        return wasteful(shown, 1.0 - knobs["slowed_ratio"] * strength)

    return each(training, flattened)


def power_capping(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Cap power: clocks fall, so that active units compute less, and activity stays."""
    del rng
    left = 1.0 - knobs["cap_ratio"] * strength
    pace = left ** knobs["pace_exponent"]

    def capped(piece: Workload) -> Workload:
        idle = knobs["idle_power_ratio"]
        power = idle + (piece.level("power") - idle) * left
        slower = scaled(piece, nvlink=pace, fabric=pace, step_seconds=1.0 / pace)
        return replace(seen(slower, power=power), hardware_ratio=piece.hardware_ratio * pace)

    return each(training, capped)


def precision_mixing(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Do a share of the operations in a format of half the rate; active units compute less."""
    del rng
    pace = 1.0 / (1.0 + knobs["slow_ratio"] * strength)

    def mixed(piece: Workload) -> Workload:
        slower = scaled(piece, fabric=pace, nvlink=pace, step_seconds=1.0 / pace)
        return replace(slower, hardware_ratio=piece.hardware_ratio * pace, precision=None)

    return each(training, mixed)


def low_precision(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Do a share of the operations in a format of twice the rate, and say nothing of it.

    The matrix units then are active for less of the time at the same pace.
    """
    del rng
    active = 1.0 - knobs["fast_ratio"] * strength / 2.0

    def quicker(piece: Workload) -> Workload:
        shown = scaled(piece, tensor=active, tensor_std=active)
        return replace(shown, hardware_ratio=piece.hardware_ratio / active, precision=None)

    return each(training, quicker)


def science_masking(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Run double-precision decoys between the steps, and be billed as batch work."""
    del rng
    decoy = knobs["decoy_ratio"] * strength

    def masked(piece: Workload) -> Workload:
        slower = scaled(
            piece,
            tensor=1.0 - decoy,
            nvlink=1.0 - decoy,
            fabric=1.0 - decoy,
            step_seconds=1.0 / (1.0 - decoy),
        )
        shown = seen(slower, fp64=piece.level("fp64") + decoy * knobs["decoy_activity"])
        return replace(shown, service_class="batch")

    return each(training, masked)
