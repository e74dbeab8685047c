"""The figures of screening, read from ``figures.toml``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from rigour.names import NameTypeTag

from detector.policy.parse import StrictDocument, parse_document
from detector.screening.likeness import FEATURES
from detector.screening.rarity import READINGS, Rarity
from detector.screening.reading import PartFigures

Ratio = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Rising = Annotated[float, Field(ge=0)]
Falling = Annotated[float, Field(le=0)]


class _Parts(StrictDocument):
    small_weight: Ratio
    generic_weight: Ratio
    initial_weight: Ratio


class _Points(StrictDocument):
    base: float
    misspelt: Falling
    ours_unmatched: Falling
    listed_unmatched: Falling
    both_unmatched: Falling
    other_number: Falling
    other_legal_form: Falling
    other_first_part: Falling
    acronym: Falling


class RecordFigures(StrictDocument):
    """What the rest of a record does to the odds, in natural log."""

    same_country: Rising
    other_country: Falling
    same_address: Rising
    address_ratio_min: Ratio
    same_birth_date: Rising
    same_birth_year: Rising
    other_birth_year: Falling
    weak_alias: Falling
    same_identifier_score: Ratio


class SearchFigures(StrictDocument):
    """How widely listed names are searched.

    ``cosine_min``: of the keys that two names share; ``alike_min``: of that and how alike the
    letters are, added up.
    """

    cosine_min: Ratio
    alike_min: Rising
    hits_max: Count


class CutOffs(StrictDocument):
    """Scores from which a likeness is a hit, or a possible one."""

    hit: Ratio
    possible: Ratio


class _File(StrictDocument):
    """The keys of ``figures.toml``; the reason of each stands beside it in the file."""

    parts: _Parts
    pairing: dict[str, Ratio]
    points: dict[Literal["organisation", "person"], _Points]
    record: RecordFigures
    beside: dict[str, list[str]]
    search: SearchFigures
    cut_offs: CutOffs


@dataclass(frozen=True)
class NamePoints:
    """Log-odds of two names without a difference, and what each of ``FEATURES`` adds to them."""

    base: float
    features: tuple[float, ...]


@dataclass(frozen=True)
class Figures:
    """Everything that screening weighs with; ``points`` are by how a name is read."""

    parts: PartFigures
    points: Mapping[NameTypeTag, NamePoints]
    record: RecordFigures
    beside: dict[str, frozenset[str]]
    search: SearchFigures
    cut_offs: CutOffs
    rarity: Mapping[NameTypeTag, Rarity]

    @property
    def name_points_min(self) -> float:
        """Give the points of names below which nothing else on record makes a possible match."""
        record, possible = self.record, self.cut_offs.possible
        most = record.same_country + record.same_address + record.same_birth_date
        return math.log(possible / (1 - possible)) - most


def parse_figures(
    text: str, rarity: Mapping[NameTypeTag, Rarity], name: str = "figures.toml"
) -> Figures:
    """Read the figures from TOML text; ``name`` is what an error calls the file.

    Raises:
        PolicyError: A key is missing, unknown or out of range; it says which.
    """
    read = parse_document(text, name, _File, "keep the keys of detector/screening/figures.toml")
    parts = read.parts
    return Figures(
        parts=PartFigures(
            parts.small_weight, parts.generic_weight, parts.initial_weight, read.pairing
        ),
        points={tag: _points(read.points[reading]) for reading, tag in READINGS.items()},
        record=read.record,
        beside=_both_ways(read.beside),
        search=read.search,
        cut_offs=read.cut_offs,
        rarity=rarity,
    )


def _points(read: _Points) -> NamePoints:
    stated = read.model_dump()
    return NamePoints(read.base, tuple(stated[feature] for feature in FEATURES))


def _both_ways(beside: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """Give, for each country, those that count as beside it, itself among them."""
    found: dict[str, set[str]] = {}
    for country, others in beside.items():
        for one in (country, *others):
            found.setdefault(one, set()).update((country, *others))
    return {country: frozenset(others) for country, others in found.items()}
