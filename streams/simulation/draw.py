"""Workloads drawn from their families, inside a window and an event budget."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from streams.simulation.families import LEVELS, Beat, Family, Hardware, hardware
from streams.simulation.parallel import Layout, draw_layout, physics
from streams.simulation.serving import served, spread_out
from streams.simulation.workload import DAY_MS, HOUR_MS, METERS, SITES, Limits, Rhythm, Workload

_LOGARITHMIC: Final = frozenset({"fabric", "ingress", "egress", "storage"})
#: Share of the cycles in which the matrix units are active that do whole work. A house belief.
HARDWARE_RATIO: Final = (0.9, 1.0)
#: Bytes per device and second that logs write, and that storage takes in a burst. A house belief.
LOG_BYTES: Final = 100.0
STORAGE_RATE: Final = (5e7, 2e9)
#: No drawn work is shorter.
SHORTEST_MS: Final = 5 * 60_000
#: Figures that rise and fall together: how busy the work keeps its devices.
_INTENSITY: Final = frozenset({"tensor", "sm", "power", "gpu_util", "nvlink"})


def draw_levels(rng: np.random.Generator, family: Family) -> tuple[float, ...]:
    """Draw one workload's figures inside its family's ranges."""
    busy = rng.random() ** family.quiet_skew
    drawn = []
    for name, (low, high) in zip(LEVELS, family.levels, strict=True):
        share = rng.random()
        if name in _INTENSITY:
            share = 0.6 * busy + 0.4 * share**family.quiet_skew
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
    workload = Workload(
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
        cluster_id=f"fabric-{name}" if devices > kind.device_count and rng.random() < 0.8 else None,
        precision="bf16" if telemetry == "full" and rng.random() < 0.5 else None,
        load=family.load,
        answers=family.answers,
        hardware_ratio=float(rng.uniform(*HARDWARE_RATIO)),
        algorithmic_ratio=float(rng.uniform(*family.algorithmic)),
    )
    held = _consistent(served(rng, family.serving, workload))
    return _with_rhythm(rng, family, _laid_out(rng, family, held))


def _consistent(workload: Workload) -> Workload:
    """Keep parts within what holds them, and power between what activity must draw and can.

    A unit is active no longer than the compute units it lies in, and those and the memory no
    longer than the device is in use.
    """
    facts = physics()["power"]
    least, most = facts["least"], facts["most"]
    idle = workload.hardware.idle_w / workload.hardware.tdp_w
    util = workload.level("gpu_util")
    sm, dram = min(workload.level("sm"), util), min(workload.level("dram"), util)
    pipes = {name: min(workload.level(name), sm) for name in ("tensor", "fp64", "fp32")}
    tensor, busiest = pipes["tensor"], max(*pipes.values(), 0.6 * sm)
    low = idle + (1 - idle) * (least["gpu_util"] * util + least["tensor"] * tensor)
    high = idle + (1 - idle) * (most["gpu_util"] * util + most["busiest"] * busiest)
    held = {"sm": sm, "dram": dram, **pipes}
    held["power"] = min(max(workload.level("power"), low), high, 1.0)
    levels = zip(LEVELS, workload.levels, strict=True)
    return replace(workload, levels=tuple(held.get(name, value) for name, value in levels))


def _laid_out(rng: np.random.Generator, family: Family, workload: Workload) -> Workload:
    """Let traffic and step time follow from how the model is spread, where it is known."""
    if family.serving is not None:
        return spread_out(rng, family.serving, workload)
    if family.training is None:
        return workload
    kind = workload.hardware
    layout = draw_layout(rng, family.training, workload.device_count, kind)
    rate = kind.peak_operations_per_second * workload.level("tensor")
    inside, between = (rate * each for each in layout.bytes_per_operation)
    if workload.device_count <= kind.device_count:
        inside, between = inside + between, 0.0
    link = max(kind.nvlink_bytes_per_second, 1.0)
    drawn = {
        "nvlink": min(inside / link, 0.9),
        "fabric": max(min(between, 0.9 * kind.fabric_bytes_per_second), 1e2),
        "step_seconds": min(layout.step_seconds(rate), 600.0),
    }
    checkpoint = _checkpoint(rng, family, layout, workload)
    if checkpoint is not None:
        drawn["storage"] = LOG_BYTES
    levels = zip(LEVELS, workload.levels, strict=True)
    return replace(
        workload,
        levels=tuple(drawn.get(name, value) for name, value in levels),
        rhythms=workload.rhythms if checkpoint is None else (checkpoint,),
    )


def _checkpoint(
    rng: np.random.Generator, family: Family, layout: Layout, workload: Workload
) -> Rhythm | None:
    """Give the bursts of storage traffic: the state of the training, as fast as disks take it."""
    if family.checkpoint_s is None:
        return None
    low, high = family.checkpoint_s
    period_ms = int(low * (high / low) ** rng.random() * 1000)
    rate = float(rng.uniform(*STORAGE_RATE))
    share = layout.checkpoint_bytes / workload.device_count / rate
    part_ms = int(min(max(share * 1000.0, 1_000.0), period_ms / 4))
    burst = layout.checkpoint_bytes / workload.device_count / (part_ms / 1000.0)
    return Rhythm("checkpoint writes", period_ms, part_ms, (("storage", burst / LOG_BYTES),))


def _with_rhythm(rng: np.random.Generator, family: Family, workload: Workload) -> Workload:
    """Add the beats that the family may have, and the stalls that its size brings."""
    beats = [_drawn_beat(rng, beat) for beat in family.beats if rng.random() < beat.chance]
    stalls = _draw_stalls(rng, workload) if family.training is not None else ()
    if family.shape == "gang":
        stalls = _after_start(rng, workload, stalls)
    return replace(workload, rhythms=(*workload.rhythms, *beats), stalls=stalls)


def _after_start(
    rng: np.random.Generator, workload: Workload, stalls: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    """Put the time before the first step in front of the stalls."""
    facts = physics()["failures"]
    low, high = facts["start_minutes"]
    longest = facts["start_ratio_max"] * (workload.end_ms - workload.start_ms)
    begun = workload.start_ms + int(min(low * (high / low) ** rng.random() * 60_000, longest))
    later = tuple((max(begun, low), high) for low, high in stalls if high > begun)
    return ((workload.start_ms, begun), *later)


def _drawn_beat(rng: np.random.Generator, beat: Beat) -> Rhythm:
    low, high = beat.period_s
    period_ms = int(low * (high / low) ** rng.random() * 1000)
    part_ms = max(1, int(period_ms * rng.uniform(*beat.share)))
    factors = tuple((name, float(rng.uniform(*span))) for name, span in beat.factors)
    return Rhythm(beat.name, period_ms, part_ms, factors, int(rng.integers(period_ms)))


def _draw_stalls(rng: np.random.Generator, workload: Workload) -> tuple[tuple[int, int], ...]:
    """Draw the failures of a gang: when each begins and how long nothing advances."""
    facts = physics()["failures"]
    length_ms = workload.end_ms - workload.start_ms
    rate = float(rng.uniform(*facts["per_device_hour"]))
    count = int(rng.poisson(rate * workload.device_count * length_ms / HOUR_MS))
    low, high = facts["stall_minutes"]
    begins = np.sort(rng.integers(workload.start_ms, workload.end_ms, count))
    lengths = (low * (high / low) ** rng.random(count) * 60_000).astype(np.int64)
    ends = np.minimum(begins + lengths, np.append(begins[1:], workload.end_ms))
    return tuple(
        (int(begin), int(end)) for begin, end in zip(begins, ends, strict=True) if end > begin
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
    length = max(SHORTEST_MS, min(length, window[1] - window[0]))
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
