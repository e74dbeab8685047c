"""The families of workload and the hardware they run on, read from the tables beside this file."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

#: The figures one workload draws, in the order of its ``levels``. Ratios but for the bytes per
#: device and second and ``step_seconds``.
LEVELS: Final = (
    "tensor",
    "tensor_std",
    "gpu_util",
    "sm",
    "dram",
    "fp64",
    "power",
    "power_std",
    "nvlink",
    "fabric",
    "ingress",
    "egress",
    "storage",
    "sync",
    "step_seconds",
    "diurnal",
    "noise",
    "flicker",
    "fp32",
)

#: What the classifier is asked to tell apart.
WORK_CLASSES: Final = ("training", "fine-tuning", "inference", "hpc", "other")


@dataclass(frozen=True)
class Hardware:
    """One kind of node. Peak is dense 16-bit operations per second and device, power in watts.

    Links are bytes per second and device: inside the node, and between nodes.
    """

    accelerator: str
    instance_type: str
    device_count: int
    tdp_w: float
    peak_operations_per_second: float
    nvlink_bytes_per_second: float
    weight: float
    idle_w: float = 0.0
    memory_gb: float = 80.0
    fabric_bytes_per_second: float = 5e10


@dataclass(frozen=True)
class Training:
    """What a family trains: ranges of parameters and tokens a step, and how it is spread.

    ``sharded_ratio``: how many shard their weights; ``trainable_ratio``: share of the parameters
    that is trained (1, or a few in a thousand with adapters).
    """

    parameters: tuple[float, float]
    batch_tokens: tuple[float, float]
    sharded_ratio: float
    trainable_ratio: float


@dataclass(frozen=True)
class Serving:
    """What a family answers with: range of parameters, and how many services split their work.

    ``apart_ratio``: share of the services that read prompts on other nodes than they write answers.
    """

    parameters: tuple[float, float]
    apart_ratio: float


@dataclass(frozen=True)
class Beat:
    """A rhythm that a family's work may have: ranges, one draw a workload.

    ``share`` is the part of a period in which ``factors`` hold; ``chance`` how many have it.
    """

    name: str
    chance: float
    period_s: tuple[float, float]
    share: tuple[float, float]
    factors: tuple[tuple[str, tuple[float, float]], ...]


@dataclass(frozen=True)
class Family:
    """One family of workload. Every range is (low, high); one draw a workload.

    ``siblings``: how many jobs of a tenant come together, as in a sweep of settings; ``answers``:
    share of the traffic to the outside that goes with the load.
    """

    name: str
    is_training: bool
    work_class: str
    weight: float
    shape: str
    needs_big_hardware: bool
    devices: tuple[float, float]
    device_skew: float
    hours: tuple[float, float]
    duty: tuple[float, float]
    levels: tuple[tuple[float, float], ...]
    classes: dict[str, float]
    options: dict[str, float]
    training: Training | None = None
    serving: Serving | None = None
    beats: tuple[Beat, ...] = ()
    checkpoint_s: tuple[float, float] | None = None
    algorithmic: tuple[float, float] = (1.0, 1.0)
    load: str | None = None
    answers: float = 0.0
    quiet_skew: float = 1.0
    siblings: tuple[float, float] = (1.0, 1.0)
    sources: dict[str, str] = field(default_factory=dict)


@cache
def hardware() -> tuple[Hardware, ...]:
    """Read the kinds of node, commonest not first: in the order of the table."""
    text = resources.files(__package__).joinpath("hardware.csv").read_text("utf-8")
    return tuple(
        Hardware(
            accelerator=row["accelerator"],
            instance_type=row["instance_type"],
            device_count=int(row["device_count"]),
            tdp_w=float(row["tdp_w"]),
            peak_operations_per_second=float(row["peak_operations_per_second"]),
            nvlink_bytes_per_second=float(row["nvlink_bytes_per_second"]),
            weight=float(row["weight"]),
            idle_w=float(row["idle_w"]),
            memory_gb=float(row["memory_gb"]),
            fabric_bytes_per_second=float(row["fabric_bytes_per_second"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def families() -> tuple[Family, ...]:
    """Read the families in the order of the table."""
    text = resources.files(__package__).joinpath("families.toml").read_text("utf-8")
    return tuple(_family(name, table) for name, table in tomllib.loads(text).items())


def family(name: str) -> Family:
    """Give one family by name."""
    known = {each.name: each for each in families()}
    if name not in known:
        raise ValueError(f"expected a family out of {sorted(known)}, got {name!r}")
    return known[name]


def node(accelerator: str) -> Hardware:
    """Give one kind of node by its accelerator."""
    known = {each.accelerator: each for each in hardware()}
    if accelerator not in known:
        raise ValueError(f"expected an accelerator out of {sorted(known)}, got {accelerator!r}")
    return known[accelerator]


class _Table:
    """One family's table, read with errors that name the place."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self.table = table

    def span(self, key: str) -> tuple[float, float]:
        value = self.table.get(key)
        if not (isinstance(value, list) and len(value) == 2):
            raise ValueError(
                f"families.toml, [{self.name}] {key}: expected [low, high], got {value!r}"
            )
        return float(value[0]), float(value[1])

    def weights(self, key: str) -> dict[str, float]:
        value = self.table.get(key)
        if not isinstance(value, dict):
            raise TypeError(f"families.toml, [{self.name}] {key}: expected a table, got {value!r}")
        return {str(word): float(weight) for word, weight in value.items()}

    def work_class(self) -> str:
        value = str(self.table["class"])
        if value not in WORK_CLASSES:
            expected = ", ".join(WORK_CLASSES)
            raise ValueError(
                f"families.toml, [{self.name}] class: expected {expected}, got {value!r}"
            )
        return value

    def training(self) -> Training | None:
        if "model" not in self.table:
            return None
        model = _Table(f"{self.name}.model", self.table["model"])
        return Training(
            parameters=model.span("parameters"),
            batch_tokens=model.span("batch_tokens"),
            sharded_ratio=float(model.table["sharded"]),
            trainable_ratio=float(model.table["trainable"]),
        )

    def serving(self) -> Serving | None:
        if "served" not in self.table:
            return None
        model = _Table(f"{self.name}.served", self.table["served"])
        return Serving(model.span("parameters"), float(model.table["apart"]))

    def beats(self) -> tuple[Beat, ...]:
        tables = [
            _Table(f"{self.name}.beat.{name}", each)
            for name, each in self.table.get("beat", {}).items()
        ]
        return tuple(
            Beat(
                name=each.name.rpartition(".")[2],
                chance=float(each.table["chance"]),
                period_s=each.span("period_s"),
                share=each.span("share"),
                factors=tuple((level, each.span(level)) for level in LEVELS if level in each.table),
            )
            for each in tables
        )


def _family(name: str, read: Mapping[str, Any]) -> Family:
    table = _Table(name, read)
    work_class = table.work_class()
    return Family(
        name=name,
        is_training=work_class in ("training", "fine-tuning"),
        work_class=work_class,
        weight=float(read["weight"]),
        shape=str(read["shape"]),
        needs_big_hardware=bool(read.get("big_hardware", False)),
        devices=table.span("devices"),
        device_skew=float(read.get("skew", 1.0)),
        hours=table.span("hours"),
        duty=table.span("duty"),
        levels=tuple(table.span(level) for level in LEVELS),
        classes=table.weights("classes"),
        options=table.weights("options"),
        training=table.training(),
        serving=table.serving(),
        beats=table.beats(),
        checkpoint_s=table.span("checkpoint_s") if "checkpoint_s" in read else None,
        algorithmic=table.span("algorithmic") if "algorithmic" in read else (1.0, 1.0),
        load=str(read["load"]) if "load" in read else None,
        answers=float(read.get("answers", 0.0)),
        quiet_skew=float(read.get("quiet", 1.0)),
        siblings=table.span("siblings") if "siblings" in read else (1.0, 1.0),
        sources={str(key): str(text) for key, text in read.get("sources", {}).items()},
    )
