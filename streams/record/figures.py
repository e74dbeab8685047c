"""Text of a vendor's tool to figures in the contract's units, as integers, or why not.

Everything is exact: a decimal text times an exact factor, rounded once to the step in which sums
are kept. So 71.25 W and 71250 mW are the same figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

from streams.record.tables import ENERGY, STEPS, FieldRow, SourceTable, quantity_of, units

_VALUE: Final = re.compile(r"\s*(\S+?)\s*([%A-Za-z]*)\s*", re.ASCII)
#: A longer text is no figure.
_LENGTH_MAX: Final = 64


@dataclass(frozen=True)
class Device:
    """One accelerator, or one MIG instance of it, as its source names it.

    ``board`` is the identity of the whole device; ``profile`` is None for a whole device.
    """

    board: str
    index: str
    accelerator: str
    profile: str | None = None
    instance: str = ""


@dataclass(frozen=True)
class Figures:
    """What one reading says of one device: levels by contract field, the counter of energy.

    Levels are in millionths (shares) and milliwatts, energy in microjoules since some past instant.
    """

    levels: Mapping[str, int]
    energy: int | None = None


@dataclass(frozen=True)
class Sample:
    """One reading of every device that answered. ``at_ms``: milliseconds of the caller's clock."""

    at_ms: int
    figures: Mapping[Device, Figures]


@dataclass(frozen=True)
class Cell:
    """One figure as text: the source's name of it, the text, a unit where one stands beside it."""

    name: str
    text: str
    unit: str = ""


@dataclass
class Drops:
    """What was left out since it was last told: (field, reason) with how often."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, name: str, reason: str) -> None:
        """Count one more."""
        self.counts[name, reason] += 1

    def take(self) -> list[tuple[str, str, int]]:
        """Give the counts in order of name and begin anew."""
        told = sorted((name, reason, count) for (name, reason), count in self.counts.items())
        self.counts.clear()
        return told


def read_figures(
    cells: Iterable[Cell], device: Device, table: SourceTable, drops: Drops
) -> Figures:
    """Read what is known of one device; the first of several names of one contract field holds."""
    rows = table.rows()
    levels: dict[str, int] = {}
    for cell in cells:
        row = rows.get(cell.name)
        if row is None or (row.of_board and device.profile is not None):
            continue
        value = _read(cell, row, table, drops)
        if value is not None:
            levels.setdefault(row.contract, value)
    return Figures(levels, levels.pop(ENERGY, None))


def is_missing(text: str, table: SourceTable) -> bool:
    """Whether a tool says with this text that it has no figure."""
    return text.strip().strip("[]").strip().lower() in table.missing


def _read(cell: Cell, row: FieldRow, table: SourceTable, drops: Drops) -> int | None:
    if is_missing(cell.text, table):
        return None
    match = _VALUE.fullmatch(cell.text[:_LENGTH_MAX])
    value = _decimal(match[1]) if match is not None else None
    if match is None or value is None:
        drops.add(row.name, "not_a_number")
        return None
    quantity = quantity_of(row.contract)
    unit = units().get(match[2] or cell.unit or row.unit)
    if unit is None or unit.quantity != quantity:
        drops.add(row.name, "unknown_unit")
        return None
    amount = value * unit.factor
    if not row.least <= amount <= row.most:
        drops.add(row.name, "impossible")
        return None
    return int((amount * STEPS[quantity]).quantize(Decimal(1), ROUND_HALF_EVEN))


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
