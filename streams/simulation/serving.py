"""How a service spreads an AI model over devices, and what traffic follows.

Counts are per token: an active parameter costs 2 operations, and nothing flows back. Bytes are
those one device sends, per operation of its own. What its matrix units are counted for is more
than it computes: few answers at a time leave tiles empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from streams.simulation.families import LEVELS, Hardware, Serving
from streams.simulation.parallel import RING, physics, width_of
from streams.simulation.workload import Workload

OPERATIONS_PER_PARAMETER: Final = 2.0
#: All-reduces of activations per layer and token, forward alone (arXiv:1909.08053), two bytes each.
TENSOR_REDUCTIONS: Final = 2.0
#: Bytes per number of a token sent to an expert at 8 bit and brought back at 16 (arXiv:2412.19437).
EXPERT_BYTES: Final = 3.0
#: Keys and values that a layer keeps of a token, over its width, where eight heads share them
#: (arXiv:2305.13245); two bytes each.
KEPT_RATIO: Final = 2.0 / 8.0


@dataclass(frozen=True)
class Spread:
    """One model over devices. ``experts`` a token goes to (0: dense) lie on ``expert_devices``.

    ``active_parameters`` work on each token; ``hands_over``: prompts are read on other nodes than
    answers are written on, which take over what was kept of them.
    """

    active_parameters: float
    tensor: int
    experts: int
    expert_devices: int
    hands_over: bool
    node: int = 8

    @property
    def bytes_per_operation(self) -> tuple[float, float]:
        """Bytes a device sends per operation of its own: inside its node, and between nodes."""
        per_layer = self._width / self._operations_per_layer
        around = RING * (self.tensor - 1) / self.tensor
        shared = TENSOR_REDUCTIONS * 2.0 * around * self.tensor * per_layer
        sent = EXPERT_BYTES * self.experts * per_layer
        here = (min(self.node, self.expert_devices) - 1) / self.expert_devices
        beyond = 1.0 - min(self.node, self.expert_devices) / self.expert_devices
        kept = KEPT_RATIO * 2.0 * per_layer if self.hands_over else 0.0
        return shared + sent * here, sent * beyond + kept

    @property
    def _width(self) -> float:
        return width_of(self.active_parameters)

    @property
    def _operations_per_layer(self) -> float:
        depth = self._width / physics()["memory"]["aspect"]
        return float(OPERATIONS_PER_PARAMETER * self.active_parameters / depth)


def served(rng: np.random.Generator, serving: Serving | None, workload: Workload) -> Workload:
    """Let a service read prompts, write answers or do both, and draw what its devices then do."""
    facts = physics()["serving"]
    if serving is None or rng.random() >= serving.apart_ratio:
        return workload
    part = facts["prompts" if rng.random() < facts["prompts_ratio"] else "answers"]
    figures = {name: float(rng.uniform(*part[name])) for name in ("tensor", "sm", "dram")}
    busy = max(figures.values())
    figures["gpu_util"] = max(workload.level("gpu_util"), min(1.0, busy))
    return _with(workload, figures)


def spread_out(rng: np.random.Generator, serving: Serving, workload: Workload) -> Workload:
    """Let the traffic inside and between nodes follow from what the service computes."""
    facts, kind = physics()["serving"], workload.hardware
    spread = draw_spread(rng, serving, workload.device_count, kind)
    low, high = facts["filled_ratio"]
    filled = low * (high / low) ** rng.random()
    faster = facts["low_precision_speed"] if rng.random() < facts["low_precision_ratio"] else 1.0
    rate = kind.peak_operations_per_second * workload.level("tensor") * filled * faster
    inside, between = (rate * each for each in spread.bytes_per_operation)
    if workload.device_count <= kind.device_count:
        inside, between = inside + between, 0.0
    link = max(kind.nvlink_bytes_per_second, 1.0)
    aside = min(workload.level("fabric"), facts["aside_bytes"])
    return _with(
        workload,
        {
            "nvlink": min(inside / link, 0.9),
            "fabric": min(between + aside, 0.9 * kind.fabric_bytes_per_second),
        },
    )


def draw_spread(
    rng: np.random.Generator, serving: Serving, devices: int, hardware: Hardware
) -> Spread:
    """Draw a model that the devices can hold, and spread it as its size asks for."""
    facts, memory = physics()["serving"], hardware.memory_gb * 1e9
    held = facts["bytes_per_parameter"] / facts["weights_ratio"]
    low, high = serving.parameters
    largest = min(high, max(low, devices * memory / held))
    parameters = float(low * (largest / low) ** rng.random())
    is_sparse = parameters > facts["sparse_from"] and rng.random() < facts["sparse_ratio"]
    active = parameters * float(rng.uniform(*facts["active_ratio"])) if is_sparse else parameters
    ways = _ways(rng, parameters * held / memory, hardware.device_count)
    tensor = max(1, min(ways, hardware.device_count, devices))
    spread = Spread(active, tensor, 0, 1, hands_over=False, node=hardware.device_count)
    if is_sparse:
        spread = _to_experts(rng, spread, ways, devices)
    hands_over = devices > hardware.device_count and rng.random() < serving.apart_ratio
    return replace(spread, hands_over=hands_over)


def _to_experts(rng: np.random.Generator, spread: Spread, ways: int, devices: int) -> Spread:
    fewest, most = physics()["serving"]["experts"]
    return replace(
        spread,
        experts=int(rng.integers(fewest, most + 1)),
        expert_devices=min(devices, max(ways, 2 ** int(rng.integers(3, 8)))),
        tensor=1 if rng.random() < 0.5 else spread.tensor,
    )


def _ways(rng: np.random.Generator, needed: float, node: int) -> int:
    """Give the devices that a copy of the model lies on: what it needs, or more to be quicker."""
    least = int(np.ceil(np.log2(max(1.0, needed))))
    most = max(least, int(np.log2(node)))
    return int(2 ** rng.integers(least, most + 1)) if rng.random() < 0.5 else 2**least


def _with(workload: Workload, figures: dict[str, Any]) -> Workload:
    levels = zip(LEVELS, workload.levels, strict=True)
    return replace(workload, levels=tuple(figures.get(name, value) for name, value in levels))
