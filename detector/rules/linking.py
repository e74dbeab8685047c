"""The figures of weak links, read from ``links.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from detector.policy.parse import StrictDocument, parse_document
from features.evidence import LinkFigures, Trait

Ratio = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]


class _Trait(StrictDocument):
    shared_ratio: Ratio
    chance_ratio: Ratio

    def trait(self) -> Trait:
        return Trait(self.shared_ratio, self.chance_ratio)


class _Pause(StrictDocument):
    longest_seconds: Count
    shared_ratio: Ratio


class _LinkFile(StrictDocument):
    """The keys of ``links.toml``; the reason of each stands beside it in the file."""

    training_probability_min: Ratio
    operations_ratio_min: Ratio
    score_min: Ratio
    score_sure: Ratio
    prior_ratio: Ratio
    prior_population_min: Count
    pieces_max: Count
    own_prior_ratio: Ratio
    pseudo_count: Positive
    own_pseudo_count: Positive
    own_chance_ratio: Ratio
    tolerance_seconds: Count
    instant_shared_ratio: Ratio
    instants_points_max: Positive
    instants_points_min: Annotated[float, Field(lt=0)]
    step_tolerance_ratio: Ratio
    overlap_ratio_min: Ratio
    block_max: Annotated[int, Field(ge=2)]
    image: _Trait
    hardware: _Trait
    cluster: _Trait
    step_period: _Trait
    succession: Annotated[list[_Pause], Field(min_length=1)]


def parse_link_figures(text: str) -> LinkFigures:
    """Read the figures from TOML text.

    Raises:
        PolicyError: A key is missing, unknown or out of range; it says which.
    """
    read = parse_document(
        text, "links.toml", _LinkFile, "keep the keys of detector/rules/links.toml"
    )
    values = read.model_dump(
        exclude={"tolerance_seconds", "succession", "image", "hardware", "cluster", "step_period"}
    )
    return LinkFigures(
        image=read.image.trait(),
        hardware=read.hardware.trait(),
        cluster=read.cluster.trait(),
        step_period=read.step_period.trait(),
        tolerance_ms=read.tolerance_seconds * 1000,
        succession=tuple((p.longest_seconds * 1000, p.shared_ratio) for p in read.succession),
        **values,
    )
