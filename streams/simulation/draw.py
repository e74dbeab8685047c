"""Workloads drawn from their families, inside a window and an event budget."""

from __future__ import annotations

from typing import Final

import numpy as np

from streams.simulation.families import LEVELS, Family, Hardware, hardware
from streams.simulation.workload import DAY_MS, HOUR_MS, METERS, SITES, Limits, Workload

_LOGARITHMIC: Final = frozenset({"fabric", "ingress", "egress", "storage"})
#: Figures that rise and fall together: how busy the work keeps its devices.
_INTENSITY: Final = frozenset({"tensor", "sm", "power", "gpu_util", "nvlink"})


def draw_levels(rng: np.random.Generator, family: Family) -> tuple[float, ...]:
    """Draw one workload's figures inside its family's ranges."""
    busy = rng.random()
    drawn = []
    for name, (low, high) in zip(LEVELS, family.levels, strict=True):
        share = rng.random()
        if name in _INTENSITY:
            share = 0.6 * busy + 0.4 * share
        if name in _LOGARITHMIC and low > 0:
            drawn.append(float(low * (high / low) ** share))
        else:
            drawn.append(float(low + (high - low) * share))
    return tuple(drawn)


def draw_workload(
    rng: np.random.Generator,
    family: Family,
    tenant_id: str,
    name: str,
    limits: Limits,
) -> Workload:
    """Draw a workload that lies inside the window and keeps to the limits."""
    kind = _draw_hardware(rng, family)
    low, high = family.devices
    high = max(low, min(high, limits.max_devices))
    devices = max(1, round(low * (high / low) ** (rng.random() ** family.device_skew)))
    if devices > kind.device_count / 2:
        devices = -(-devices // kind.device_count) * kind.device_count
    start_ms, end_ms = _draw_span(rng, family, limits.window)
    vantage, telemetry = METERS[_choose(rng, [weight for _, weight in METERS])][0]
    cadence_ms, packing = _draw_cadence(rng, devices, kind, end_ms - start_ms, limits)
    if vantage == "bill":
        cadence_ms = DAY_MS
    full_fabric = devices > kind.device_count
    return Workload(
        tenant_id=tenant_id,
        name=name,
        family=family.name,
        is_training=family.is_training,
        work_class=family.work_class,
        shape=family.shape,
        hardware=kind,
        device_count=devices,
        resource_device_count=packing,
        start_ms=start_ms,
        end_ms=end_ms,
        duty_ratio=_draw_duty(rng, family),
        cadence_ms=cadence_ms,
        vantage=vantage,
        telemetry=telemetry,
        levels=draw_levels(rng, family),
        service_class=_weighted(rng, family.classes),
        purchase_option=_weighted(rng, family.options),
        site=int(rng.integers(len(SITES))),
        job_id=f"job-{name}",
        data_ref=f"ref-{name}" if rng.random() < 0.3 else None,
        cluster_id=f"fabric-{name}" if full_fabric and rng.random() < 0.8 else None,
        precision="bf16" if telemetry == "full" and rng.random() < 0.5 else None,
    )


def _draw_duty(rng: np.random.Generator, family: Family) -> float:
    """Half of the gangs keep their resources through every pause and restart."""
    duty = float(rng.uniform(*family.duty))
    return 1.0 if family.shape == "gang" and rng.random() < 0.5 else duty


def _draw_hardware(rng: np.random.Generator, family: Family) -> Hardware:
    kinds = [each for each in hardware() if each.device_count > 1 or not family.needs_big_hardware]
    return kinds[_choose(rng, [each.weight for each in kinds])]


def _draw_span(
    rng: np.random.Generator, family: Family, window: tuple[int, int]
) -> tuple[int, int]:
    low, high = family.hours
    length = int(low * (high / low) ** rng.random() * HOUR_MS) // 60_000 * 60_000
    length = max(HOUR_MS // 2, min(length, window[1] - window[0]))
    latest = window[1] - length
    start = window[0] + int(rng.random() * (latest - window[0])) // 60_000 * 60_000
    return start, start + length


def _draw_cadence(
    rng: np.random.Generator, devices: int, kind: Hardware, length_ms: int, limits: Limits
) -> tuple[int, int]:
    """Give milliseconds between readings and devices per resource that keep to the budget."""
    packing, budget = min(devices, kind.device_count), limits.event_budget
    if limits.cadence_ms is not None:
        return limits.cadence_ms, packing
    nodes = -(-devices // packing)
    cadence = 5 * 60_000 if rng.random() < 0.35 else HOUR_MS
    if nodes * length_ms / cadence > budget:
        cadence = HOUR_MS
    if nodes * length_ms / cadence > budget and rng.random() < 0.5:
        cadence = DAY_MS
    while nodes > 1 and nodes * length_ms / cadence > budget:
        packing = min(devices, packing * 4)
        nodes = -(-devices // packing)
    return cadence, packing


def _choose(rng: np.random.Generator, weights: list[float]) -> int:
    shares = np.asarray(weights, dtype=np.float64)
    return int(rng.choice(len(shares), p=shares / shares.sum()))


def _weighted(rng: np.random.Generator, weights: dict[str, float]) -> str:
    words = list(weights)
    return words[_choose(rng, [weights[word] for word in words])]
