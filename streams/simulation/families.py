"""The families of workload and the hardware they run on, read from the tables beside this file."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

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
)

#: What the classifier is asked to tell apart.
WORK_CLASSES: Final = ("training", "fine-tuning", "inference", "hpc", "other")


@dataclass(frozen=True)
class Hardware:
    """One kind of node. Peak is dense 16-bit operations per second and device, power in watts."""

    accelerator: str
    instance_type: str
    device_count: int
    tdp_w: float
    peak_operations_per_second: float
    nvlink_bytes_per_second: float
    weight: float


@dataclass(frozen=True)
class Family:
    """One family of workload. Every range is (low, high); one draw a workload."""

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


def _family(name: str, table: dict[str, object]) -> Family:
    def span(key: str) -> tuple[float, float]:
        value = table[key]
        if not (isinstance(value, list) and len(value) == 2):
            raise ValueError(f"families.toml, [{name}] {key}: expected [low, high], got {value!r}")
        return float(value[0]), float(value[1])

    def weights(key: str) -> dict[str, float]:
        value = table[key]
        if not isinstance(value, dict):
            raise TypeError(f"families.toml, [{name}] {key}: expected a table, got {value!r}")
        return {str(word): float(weight) for word, weight in value.items()}

    work_class = str(table["class"])
    if work_class not in WORK_CLASSES:
        expected = ", ".join(WORK_CLASSES)
        raise ValueError(f"families.toml, [{name}] class: expected {expected}, got {work_class!r}")
    return Family(
        name=name,
        is_training=work_class in ("training", "fine-tuning"),
        work_class=work_class,
        weight=float(str(table["weight"])),
        shape=str(table["shape"]),
        needs_big_hardware=bool(table.get("big_hardware", False)),
        devices=span("devices"),
        device_skew=float(str(table.get("skew", 1.0))),
        hours=span("hours"),
        duty=span("duty"),
        levels=tuple(span(level) for level in LEVELS),
        classes=weights("classes"),
        options=weights("options"),
    )
