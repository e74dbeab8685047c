"""Disguises of looks: the training is dressed as other work, or its meters are made to lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streams.simulation.draw import draw_levels
from streams.simulation.evasion.knobs import Knobs
from streams.simulation.evasion.plan import (
    Training,
    each,
    kept,
    scaled,
    seen,
    share_of,
    towards,
    unbeaten,
    wasteful,
)
from streams.simulation.families import LEVELS, family
from streams.simulation.workload import Workload


def inference_camouflage(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Swing over the day, send padding out with the load, and be billed as managed inference.

    The load cannot rise over what it was, so the swing lowers its mean.
    """
    del rng
    swing = knobs["swing_ratio"] * strength
    mean = 1.0 / (1.0 + swing)

    def dressed(piece: Workload) -> Workload:
        lower = scaled(
            piece,
            **dict.fromkeys(
                ("tensor", "gpu_util", "sm", "dram", "power", "nvlink", "fabric"), mean
            ),
        )
        shown = towards(
            lower,
            strength,
            egress=knobs["egress_bytes"],
            storage=knobs["storage_bytes"],
            sync=knobs["sync_ratio"],
        )
        hidden = strength >= knobs["rhythm_hidden_from"]
        quiet = seen(unbeaten(shown, "storage"), step_seconds=0.0) if hidden else shown
        swung = seen(quiet, diurnal=max(piece.level("diurnal"), swing))
        answers = max(piece.answers, strength)
        return replace(swung, service_class="managed_inference", answers=answers)

    return each(training, dressed)


def mixed_serving(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Serve real answers on the same devices for a share of the time, under the same job."""
    serving = knobs["serving_ratio"] * strength
    service = family("inference")
    levels = draw_levels(rng, service)
    goals = dict(zip(LEVELS, levels, strict=True))

    def mixed(piece: Workload) -> Workload:
        training_rate = piece.level("tensor") * (1.0 - serving)
        step = piece.level("step_seconds") / (1.0 - serving)
        figures = {
            name: piece.level(name) * (1.0 - serving) + goals[name] * serving for name in LEVELS
        }
        answers = goals["egress"] * serving * service.answers / figures["egress"]
        shown = replace(seen(piece, **{**figures, "step_seconds": step}), answers=answers)
        return wasteful(shown, training_rate / shown.level("tensor"))

    return each(training, mixed)


def noise_traffic(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Send decoy bytes in, out and to storage, and scatter every interval."""

    def noisy(piece: Workload) -> Workload:
        decoys = {
            name: knobs["decoy_bytes"] * float(rng.uniform(0.2, 2.0))
            for name in ("ingress", "egress", "storage")
        }
        shown = towards(piece, strength, **decoys)
        scatter = max(piece.level("noise"), knobs["noise_ratio"] * strength)
        return wasteful(
            seen(shown, noise=scatter, sync=piece.level("sync") * (1.0 - strength / 2.0)),
            1.0 - knobs["slowed_ratio"] * strength,
        )

    return each(training, noisy)


def quiet_fabric(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Exchange seldom between nodes, which then keep no step; more operations for the same loss."""
    del rng

    def quiet(piece: Workload) -> Workload:
        shown = scaled(piece, fabric=knobs["traffic_ratio"] ** strength)
        alone = towards(shown, strength, sync=knobs["sync_ratio"])
        return wasteful(alone, 1.0 / (1.0 + knobs["wasted_ratio"] * strength))

    return each(training, quiet)


def counter_tampering(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Let every counter within reach read low while the devices work; power stays true."""
    del rng
    shown = 1.0 - (1.0 - knobs["shown_ratio"]) * strength
    lowered = dict.fromkeys(("tensor", "tensor_std", "gpu_util", "sm", "dram", "fp32"), shown)

    def tampered(piece: Workload) -> Workload:
        low = scaled(piece, **lowered)
        return replace(low, hardware_ratio=piece.hardware_ratio / shown)

    return each(training, tampered)


def counters_off(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Switch the telemetry of a share of the nodes off; the job stays one."""
    del rng
    pieces: list[Workload] = []
    for piece in training.pieces:
        silent = share_of(piece, knobs["silent_ratio"] * strength)
        if silent == 0:
            pieces.append(piece)
            continue
        parts = [(silent, "none", "-silent"), (piece.device_count - silent, piece.telemetry, "")]
        pieces += [
            kept(
                replace(piece, device_count=count, telemetry=telemetry, name=piece.name + ending),
                piece.planned_operations * count / piece.device_count,
                training.window,
            )
            for count, telemetry, ending in parts
            if count > 0
        ]
    return replace(training, pieces=tuple(pieces))
