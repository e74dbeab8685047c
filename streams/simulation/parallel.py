"""How a training is spread over devices; what traffic, step time and checkpoints follow.

Counts are per token: a parameter costs 6 operations (2 forward, 4 backward; 4 where the weights
are frozen). Bytes are those one device sends, two for each 16-bit number.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np

from streams.simulation.families import Hardware, Training

OPERATIONS_PER_PARAMETER: Final = 6.0
FROZEN_OPERATIONS_PER_PARAMETER: Final = 4.0
#: All-reduces of activations per layer and token in tensor parallelism: one after attention and one
#: after the feed-forward part, forward and backward (arXiv:1909.08053); and bytes that a ring moves
#: per byte reduced.
TENSOR_REDUCTIONS: Final = 4.0
RING: Final = 2.0
#: Passes of all weights through the network in a sharded step: two gathers of the weights, forward
#: and backward, and one scatter of the gradients.
SHARDED_PASSES: Final = 3.0


@dataclass(frozen=True)
class Layout:
    """One training over devices. ``tensor``, ``pipeline`` and ``data`` multiply to the devices."""

    parameters: float
    batch_tokens: float
    tensor: int
    pipeline: int
    data: int
    is_sharded: bool
    trainable_ratio: float
    node: int = 8

    @property
    def operations_per_parameter(self) -> float:
        """Operations per parameter and token; frozen weights need no gradient of their own."""
        frozen = FROZEN_OPERATIONS_PER_PARAMETER
        return frozen + (OPERATIONS_PER_PARAMETER - frozen) * min(1.0, 10 * self.trainable_ratio)

    @property
    def width(self) -> float:
        """The model's hidden width, from its parameters."""
        return width_of(self.parameters)

    @property
    def bytes_per_operation(self) -> tuple[float, float]:
        """Bytes a device sends per operation of its own: inside its node, and between nodes.

        A ring over the replicas of a node leaves it once: one of ``mates`` hops is between nodes.
        """
        mates = min(self.data, max(1, self.node // self.tensor))
        outside = 0.0 if self.data == mates else 1.0 / mates
        inside = self._tensor_bytes + self._data_bytes * (1.0 - outside)
        return inside, self._pipeline_bytes + self._data_bytes * outside

    def step_seconds(self, operations_per_second: float) -> float:
        """Give the time of a step if every device does so many operations a second."""
        devices = self.tensor * self.pipeline * self.data
        work = self.operations_per_parameter * self.parameters * self.batch_tokens
        return work / (devices * operations_per_second)

    @property
    def checkpoint_bytes(self) -> float:
        """Bytes of one checkpoint: what is trained, with the optimiser's state."""
        per_parameter = float(physics()["memory"]["checkpoint_bytes_per_parameter"])
        return per_parameter * self.parameters * self.trainable_ratio

    @property
    def _tensor_bytes(self) -> float:
        depth = self.width / physics()["memory"]["aspect"]
        around = RING * (self.tensor - 1) / self.tensor
        per_token = TENSOR_REDUCTIONS * depth * self.width * 2.0 * around / self.pipeline
        return float(per_token / self._operations_per_token)

    @property
    def _pipeline_bytes(self) -> float:
        if self.pipeline == 1:
            return 0.0
        return 2.0 * self.width * 2.0 / self.tensor / self._operations_per_token

    @property
    def _data_bytes(self) -> float:
        around = (self.data - 1) / self.data
        held = self.parameters / (self.tensor * self.pipeline) * 2.0
        passed = SHARDED_PASSES if self.is_sharded else RING * self.trainable_ratio
        tokens = self.batch_tokens / self.data
        return held * passed * around / (tokens * self._operations_per_token)

    @property
    def _operations_per_token(self) -> float:
        """Operations that one device does for one token that passes it."""
        each = self.operations_per_parameter * self.parameters
        return each / (self.tensor * self.pipeline)


def draw_layout(
    rng: np.random.Generator, training: Training, devices: int, hardware: Hardware
) -> Layout:
    """Draw a model that fits the devices, and spread it as its size asks for."""
    memory = physics()["memory"]
    room = devices * hardware.memory_gb * 1e9 * memory["usable_ratio"]
    trained = 2.0 + (memory["bytes_per_parameter"] - 2.0) * training.trainable_ratio
    low, high = training.parameters
    largest = min(high, max(low, room / trained))
    parameters = float(low * (largest / low) ** rng.random())
    is_sharded = bool(rng.random() < training.sharded_ratio)
    low, high = training.batch_tokens
    tokens = float(low * (high / low) ** rng.random())
    asked = _asked(devices, hardware)
    parameters, tokens = _grown((parameters, tokens), (largest, high), asked)
    tensor = 1 if is_sharded else _tensor_ways(parameters, hardware.device_count, devices)
    share = room / devices
    needed = 1 if is_sharded else int(np.ceil(parameters * trained / (tensor * share)))
    pipeline = min(2 ** int(np.ceil(np.log2(max(1, needed)))), max(1, devices // tensor))
    data = max(1, devices // (tensor * pipeline))
    return Layout(
        parameters,
        max(tokens, 512.0 * data),
        tensor,
        pipeline,
        data,
        is_sharded and data > 1,
        training.trainable_ratio,
        hardware.device_count,
    )


def _asked(devices: int, hardware: Hardware) -> float:
    """Give the parameters x tokens a step at least that a gang over several nodes is rented for.

    With less its steps would be shorter than the exchange between so many nodes lets them be.
    """
    nodes = devices / hardware.device_count
    if nodes <= 1:
        return 0.0
    facts = physics()["step"]
    seconds = facts["seconds_min"] * nodes ** facts["nodes_exponent"]
    rate = devices * hardware.peak_operations_per_second * facts["active_ratio"]
    return float(seconds * rate / OPERATIONS_PER_PARAMETER)


def _grown(
    drawn: tuple[float, float], most: tuple[float, float], asked: float
) -> tuple[float, float]:
    """Let parameters and tokens a step grow in like proportion to ``asked``, as far as both can."""
    parameters, tokens = drawn
    even = max(1.0, asked / (parameters * tokens)) ** 0.5
    parameters = min(most[0], parameters * even)
    tokens = min(most[1], max(tokens, asked / parameters))
    return min(most[0], max(parameters, asked / tokens)), tokens


def _tensor_ways(parameters: float, node: int, devices: int) -> int:
    """Give the devices that share a layer: more for larger models, never past the node."""
    ways = 1 if parameters < 3e9 else 2 if parameters < 1.2e10 else 4 if parameters < 4e10 else 8
    return max(1, min(ways, node, devices))


def width_of(parameters: float) -> float:
    """Give the hidden width of a model with so many parameters at work on a token."""
    aspect: float = physics()["memory"]["aspect"]
    return float((parameters * aspect / 12.0) ** (1.0 / 3.0))


@cache
def physics() -> dict[str, Any]:
    """Read the facts beside this file: tables of figures, each with its source."""
    text = resources.files(__package__).joinpath("physics.toml").read_text("utf-8")
    return tomllib.loads(text)
