"""The class of each family of simulated work and of each measured benchmark."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from detector.classifier.kinds import CLASSES, TRAINING_CLASSES
from streams.simulation.families import families


@cache
def _table() -> dict[str, str]:
    text = resources.files(__package__).joinpath("classes.toml").read_text("utf-8")
    return {str(name): str(given) for name, given in tomllib.loads(text).items()}


def class_of_family(name: str) -> str:
    """Give the class of a family of the simulation.

    Raises:
        ValueError: ``classes.toml`` does not name the family, or names no class.
    """
    found = _table().get(name)
    if found not in CLASSES:
        raise ValueError(
            f"classes.toml: expected family {name!r} with one of {list(CLASSES)}, found "
            f"{found!r}; add the line"
        )
    return found


def class_of_benchmark(benchmark: str, *, is_training: bool) -> str:
    """Give the class of an MLPerf benchmark: one named after LoRA tunes a model it was given."""
    if not is_training:
        return "inference"
    return "fine_tuning" if "lora" in benchmark.lower() else "training"


def disagreeing(names: Iterable[str]) -> list[str]:
    """Name the families whose class and whose own flag differ on whether they train."""
    trains = {each.name: each.is_training for each in families()}
    return [name for name in names if (class_of_family(name) in TRAINING_CLASSES) != trains[name]]
