"""The utilisation prior: TOML text to the values that ``features.prior`` computes with."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from detector.policy.model import Day, Document, Positive, Ratio, Text
from detector.policy.parse import parse_document
from features.prior import Band, Curve, Power, Prior, Regime

REMEDY: Final = "mend the value, or take the file as shipped"
#: An effect or a width, in log10: a factor of a thousand either way is no utilisation any more.
Effect = Annotated[float, Field(ge=-3.0, le=3.0)]
Width = Annotated[float, Field(ge=0.0, le=3.0)]


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


class RegimeTable(Document):
    """The effects on workloads of one age, in log10 of the share."""

    centre: Effect
    generations: dict[str, Effect]
    device_hours: CurveTable
    devices: CurveTable
    below: Width
    above: Width
    few: tuple[Text, ...]
    unknown_spread: Annotated[float, Field(ge=1.0, le=5.0)]
    tuned: dict[str, Width] = {}

    def regime(self) -> Regime:
        """Give the plain value."""
        return Regime(
            centre=self.centre,
            generations=self.generations,
            device_hours=self.device_hours.curve(),
            devices=self.devices.curve(),
            below=self.below,
            above=self.above,
            few=frozenset(self.few),
            unknown_spread=self.unknown_spread,
            tuned=self.tuned,
        )


class PowerTable(Document):
    """Shares of the rated power, and how steeply the share of the peak follows them."""

    idle_ratio: Ratio
    reference_ratio: Positive
    exponent: Annotated[float, Field(ge=0, le=2.0)]
    full_ratio: Positive

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.idle_ratio >= min(self.reference_ratio, self.full_ratio):
            raise ValueError(
                "expected idle_ratio below reference_ratio and full_ratio, found "
                f"{self.idle_ratio}, {self.reference_ratio}, {self.full_ratio}"
            )
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
    young_until_hours: Positive
    old_from_hours: Positive
    ceiling: Annotated[float, Field(gt=0, le=1.0)]
    high_ceiling: Annotated[float, Field(gt=0, le=4.0)]
    young: RegimeTable
    old: RegimeTable
    stated_bits: dict[Annotated[int, Field(strict=False)], Effect]
    service_classes: dict[str, Effect]
    algorithmic: BandTable
    executed_ratio: Ratio = 1.0
    board: PowerTable
    wall: PowerTable
    correlation: CorrelationTable

    @model_validator(mode="after")
    def _ages_ascend(self) -> Self:
        if self.young_until_hours >= self.old_from_hours:
            found = f"{self.young_until_hours}, {self.old_from_hours}"
            raise ValueError(f"expected young_until_hours below old_from_hours, found {found}")
        return self

    def prior(self) -> Prior:
        """Give the plain values that the estimate is computed with."""
        return Prior(
            young=self.young.regime(),
            old=self.old.regime(),
            young_until_hours=self.young_until_hours,
            old_from_hours=self.old_from_hours,
            stated_bits=self.stated_bits,
            service_classes=self.service_classes,
            ceiling=self.ceiling,
            high_ceiling=self.high_ceiling,
            algorithmic=Band(**self.algorithmic.model_dump()),
            executed_ratio=self.executed_ratio,
            board=Power(**self.board.model_dump()),
            wall=Power(**self.wall.model_dump()),
            rho_tenant=self.correlation.rho_tenant,
            rho_owner=self.correlation.rho_owner,
        )


def parse_utilisation(text: str, name: str = "utilisation.toml") -> Utilisation:
    """Read the utilisation prior from TOML text."""
    return parse_document(text, name, Utilisation, REMEDY)
