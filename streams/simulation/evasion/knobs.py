"""What each disguise does at full strength, read from the table beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

#: Figures of one disguise by name.
Knobs = Mapping[str, float]
_WORDS: Final = ("hides", "from_whom")


@dataclass(frozen=True)
class Sheet:
    """One table of ``evasion.toml``: what is hidden, from whom, and the figures."""

    hides: str
    from_whom: str
    knobs: Knobs


@cache
def sheets() -> dict[str, Sheet]:
    """Read the table, by the name of the disguise, in its order."""
    text = resources.files(__package__).joinpath("evasion.toml").read_text("utf-8")
    return {name: _sheet(name, table) for name, table in tomllib.loads(text).items()}


def _sheet(name: str, table: Mapping[str, object]) -> Sheet:
    words = {key: value for key, value in table.items() if key in _WORDS and value}
    figures = {key: value for key, value in table.items() if key not in _WORDS}
    if len(words) != len(_WORDS):
        raise ValueError(f"evasion.toml, [{name}]: expected {' and '.join(_WORDS)}, got {words}")
    knobs = {key: _figure(name, key, value) for key, value in figures.items()}
    return Sheet(str(words["hides"]), str(words["from_whom"]), knobs)


def _figure(name: str, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"evasion.toml, [{name}] {key}: expected a number, got {value!r}")
    return float(value)
