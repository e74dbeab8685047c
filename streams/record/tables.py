"""The data that the recorder reads by: sources, units and limits, checked when they are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from detector.policy.model import Day, Document, Positive, Ratio, Text
from detector.policy.parse import parse_document

Quantity = Literal["ratio", "power", "energy"]
SOURCES: Final = ("nvidia-smi", "dcgm", "amd-smi")
#: Steps in which figures are summed: millionths of a share, milliwatts, microjoules.
STEPS: Final[Mapping[str, int]] = {"ratio": 1_000_000, "power": 1_000, "energy": 1_000_000}
ENERGY: Final = "energy_j"
POWER: Final = "power_w"
REMEDY: Final = "mend the value, or take the file as shipped"


class Unit(Document):
    """One unit: what it measures, and how many of the contract's unit one of it is."""

    quantity: Quantity
    factor: Decimal


class UnitTable(Document):
    """The file ``units.toml``."""

    source: Text
    as_of: Day
    unit: dict[str, Unit]


class FieldRow(Document):
    """One field of a source: what it is in the contract, in which unit, and what is possible.

    ``least`` and ``most`` are in the contract's unit, both included. ``of_board``: where a board
    is cut into instances the figure is the board's, so it is read of whole boards only.
    """

    name: Text
    contract: Text
    unit: Text
    least: Decimal
    most: Decimal
    of_board: bool = False
    source: Text


class DeviceColumns(Document):
    """Where a source says which accelerator a figure is of; empty where it does not say."""

    index: Text
    id: Text
    name: Text
    profile: str = ""
    instance: str = ""


class SourceTable(Document):
    """One file of ``sources/``."""

    tool: Text
    as_of: Day
    sample_seconds: Positive
    source: Text
    time: str
    missing: tuple[str, ...]
    device: DeviceColumns
    field: Annotated[tuple[FieldRow, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _knows_its_units(self) -> SourceTable:
        known = units()
        for row in self.field:
            quantity = quantity_of(row.contract)
            if row.unit not in known or known[row.unit].quantity != quantity:
                raise ValueError(f"{row.name}: a unit of {quantity} from units.toml: {row.unit}")
        return self

    def rows(self) -> dict[str, FieldRow]:
        """Give the rows by the source's own names."""
        return {row.name: row for row in self.field}


class Limits(Document):
    """The file ``limits.toml``; meanings stand beside the values."""

    source: Text
    as_of: Day
    hold_periods: Annotated[int, Field(strict=True, ge=1)]
    hold_ms_min: Annotated[int, Field(strict=True, ge=1)]
    covered_ratio_min: Ratio
    counter_over_power_max: Positive
    comparable_power_w_min: Positive
    clock_jump_ms: Annotated[int, Field(strict=True, ge=1)]
    restart_holds: Annotated[int, Field(strict=True, ge=1)]
    restart_silence_ms_min: Annotated[int, Field(strict=True, ge=1)]
    restart_seconds_min: Positive
    restart_seconds_max: Positive
    queue_events_max: Annotated[int, Field(strict=True, ge=1)]


def quantity_of(contract: str) -> Quantity:
    """Say what a telemetry field of the contract measures."""
    return "power" if contract == POWER else "energy" if contract == ENERGY else "ratio"


@cache
def units() -> Mapping[str, Unit]:
    """Give the units by their names."""
    return parse_document(_text("units.toml"), "units.toml", UnitTable, REMEDY).unit


@cache
def limits() -> Limits:
    """Give the recorder's own figures."""
    return parse_document(_text("limits.toml"), "limits.toml", Limits, REMEDY)


@cache
def source_table(name: str) -> SourceTable:
    """Give the table of one of ``SOURCES``."""
    file = f"{name}.toml"
    return parse_document(_text("sources", file), file, SourceTable, REMEDY)


def _text(*parts: str) -> str:
    return files("streams.record").joinpath(*parts).read_text(encoding="utf-8")
