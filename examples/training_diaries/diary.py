"""Published training diaries: when a gang ran, on which nodes, and why it stopped."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TITLES = ("glm130b", "opt175b")


@dataclass(frozen=True)
class Stretch:
    """One uninterrupted stretch: its number, its span, the node pool and who runs on it."""

    number: int
    begins: datetime
    stops: datetime
    pool: int
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Diary:
    """A training as its notes tell it."""

    name: str
    accelerators_per_node: int
    accelerator: str
    stretches: tuple[Stretch, ...]

    @property
    def device_hours(self) -> float:
        """Accelerator-hours of the whole training."""
        return sum(
            len(s.nodes) * self.accelerators_per_node * (s.stops - s.begins).total_seconds() / 3600
            for s in self.stretches
        )


def diary(title: str) -> Diary:
    """Read a diary; failed nodes get other names, a move renames them all."""
    told = tomllib.loads((FOLDER / f"{title}.toml").read_text(encoding="utf-8"))
    return Diary(
        told["name"],
        told["accelerators_per_node"],
        told["accelerator"],
        tuple(_stretches(told)),
    )


def _stretches(told: Mapping[str, Any]) -> Iterator[Stretch]:
    pool = 0
    names = list(range(told["nodes"]))
    fresh = told["nodes"]
    for number, each in enumerate(told["stretches"]):
        nodes = tuple(f"pool-{pool}-n{name:05d}" for name in names)
        yield Stretch(
            number, each["begins"].astimezone(UTC), each["stops"].astimezone(UTC), pool, nodes
        )
        replaced = each.get("replaced", 0)
        names[:replaced] = range(fresh, fresh + replaced)
        fresh += replaced
        pool += each.get("moved", False)
