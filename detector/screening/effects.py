"""What standing on a list means, read from ``effects.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from detector.facts import Severity
from detector.policy.parse import parse_document


class Effect(BaseModel):
    """How severe a likely match with a list is, and what the list bars, in words."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    severity: Severity
    effect: Annotated[str, Field(min_length=1)]


class _Listed(Effect):
    source: Annotated[str, Field(min_length=1)]


class Effects(BaseModel):
    """The effects of the lists that are known, and of any other."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    other: Effect
    lists: list[_Listed]

    def of(self, source: str) -> Effect:
        """Give the effect of the list of this name."""
        return next((each for each in self.lists if each.source == source), self.other)


def parse_effects(text: str, name: str = "effects.toml") -> Effects:
    """Read the effects from TOML text; ``name`` is what an error calls the file.

    Raises:
        PolicyError: A key is missing, unknown or out of range; it says which.
    """
    return parse_document(text, name, Effects, "keep the keys of detector/screening/effects.toml")
