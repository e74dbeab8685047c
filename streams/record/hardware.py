"""What the catalogue makes of a name that a tool prints: is it known, how much is a slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.policy.catalogue_explain import look_up
from features.names import Names
from streams.reference import catalogue_sheets, read_additions, reference_texts


@dataclass(frozen=True)
class Meaning:
    """One name looked up. ``kinds``: what it may be; ``fraction``: of the device, None unknown."""

    kinds: tuple[str, ...]
    near: tuple[str, ...]
    fraction: float | None


class Hardware:
    """Looks names up once each."""

    def __init__(self, catalogue: Sequence[Path] = ()) -> None:
        """Read the shipped catalogue with the operator's own rows over it."""
        sheets = catalogue_sheets(reference_texts(), read_additions(catalogue))
        self._names = Names(
            sheets.accelerators(), sheets.instances(), sheets.slices(), sheets.pods()
        )
        self._known: dict[tuple[str, str | None], Meaning] = {}

    def meaning(self, accelerator: str, profile: str | None = None) -> Meaning:
        """Look up a name, with the MIG profile of an instance."""
        key = (accelerator, profile)
        if key not in self._known:
            self._known[key] = self._look_up(accelerator, profile)
        return self._known[key]

    def _look_up(self, accelerator: str, profile: str | None) -> Meaning:
        found = look_up(accelerator, self._names)
        sure = tuple(each.sku for each in found.accelerators if not each.is_loose)
        if profile is None:
            return Meaning(sure, found.near, 1.0)
        sliced = look_up(f"{accelerator} MIG {profile}", self._names).accelerators
        fractions = {
            each.slice_fraction
            for each in sliced
            if each.sku in sure and each.slice_fraction is not None
        }
        return Meaning(sure, found.near, max(fractions, default=None))
