"""The utilisation prior: TOML text to the values that ``features.prior`` computes with."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from detector.policy.model import Day, Document, Positive, Ratio, Text
from detector.policy.parse import parse_document
from features.prior import Band, Curve, Power, Prior

REMEDY: Final = "mend the value, or take the file as shipped"
#: An effect or a width, in log10: a factor of a thousand either way is no utilisation any more.
Effect = Annotated[float, Field(ge=-3.0, le=3.0)]


class CurveTable(Document):
    """A line through knots (quantity, effect); ``unknown`` where the quantity is not known."""

    unknown: Effect
    knots: Annotated[tuple[tuple[Positive, Effect], ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        quantities = [quantity for quantity, _ in self.knots]
        if any(left >= right for left, right in pairwise(quantities)):
            raise ValueError(f"expected quantities that ascend, found {quantities}")
        return self

    def curve(self) -> Curve:
        """Give the plain value."""
        return Curve(self.knots, self.unknown)


class BandTable(Document):
    """Three shares in order."""

    low: Ratio
    expected: Ratio
    high: Ratio

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if not self.low <= self.expected <= self.high:
            found = f"{self.low}, {self.expected}, {self.high}"
            raise ValueError(f"expected low <= expected <= high, found {found}")
        return self


class PowerTable(Document):
    """Shares of the rated power."""

    idle_ratio: Ratio
    busy_ratio: Positive
    high_idle_ratio: Ratio
    high_busy_ratio: Positive

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.idle_ratio >= self.busy_ratio or self.high_idle_ratio >= self.high_busy_ratio:
            raise ValueError("expected each idle ratio below its busy ratio")
        return self


class CorrelationTable(Document):
    """Correlation of errors between workloads of one tenant, and between tenants of one owner."""

    rho_tenant: Ratio
    rho_owner: Ratio


class Utilisation(Document):
    """The file ``reference/utilisation.toml``; meanings as in ``features.prior.Prior``."""

    as_of: Day
    sample_count: Annotated[int, Field(gt=0)]
    source: Text
    method: Text
    centre: Effect
    generations: dict[str, Effect]
    unknown_generation: Effect
    unknown_widening: Annotated[float, Field(ge=1.0, le=5.0)]
    age_hours: CurveTable
    devices: CurveTable
    stated_bits: dict[Annotated[int, Field(strict=False)], Effect]
    service_classes: dict[str, Effect]
    below: CurveTable
    above: CurveTable
    ceiling: Annotated[float, Field(gt=0, le=1.0)]
    high_ceiling: Annotated[float, Field(gt=0, le=4.0)]
    algorithmic: BandTable
    board: PowerTable
    wall: PowerTable
    correlation: CorrelationTable

    def prior(self) -> Prior:
        """Give the plain values that the estimate is computed with."""
        algorithmic = self.algorithmic
        return Prior(
            centre=self.centre,
            generations=self.generations,
            unknown_generation=self.unknown_generation,
            unknown_widening=self.unknown_widening,
            age=self.age_hours.curve(),
            devices=self.devices.curve(),
            stated_bits=self.stated_bits,
            service_classes=self.service_classes,
            below=self.below.curve(),
            above=self.above.curve(),
            ceiling=self.ceiling,
            high_ceiling=self.high_ceiling,
            algorithmic=Band(algorithmic.low, algorithmic.expected, algorithmic.high),
            board=Power(**self.board.model_dump()),
            wall=Power(**self.wall.model_dump()),
            rho_tenant=self.correlation.rho_tenant,
            rho_owner=self.correlation.rho_owner,
        )


def parse_utilisation(text: str, name: str = "utilisation.toml") -> Utilisation:
    """Read the utilisation prior from TOML text."""
    return parse_document(text, name, Utilisation, REMEDY)
