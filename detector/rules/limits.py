"""What the rules call large, silent, near or quiet, read from ``limits.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from detector.policy.parse import parse_document
from detector.thresholds.pace import ForecastLimits

Ratio = Annotated[float, Field(ge=0, le=1)]


class Limits(BaseModel):
    """House figures of the rules; the reason of each stands beside it in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    large_training_ratio: Ratio
    severe_training_operations: Annotated[float, Field(gt=0)]
    severe_probability_ratio: Ratio
    hugging_ratio_min: Ratio
    hugging_quiet_days: Annotated[int, Field(ge=0)]
    silent_ratio_min: Ratio
    silent_hours_min: Annotated[int, Field(ge=1)]
    silent_gap_ratio: Annotated[float, Field(ge=1)]
    silent_tenants_min: Annotated[int, Field(ge=1)]
    silent_tenants_ratio: Ratio
    unmetered_hours_min: Annotated[float, Field(ge=0)]
    unmetered_ratio_min: Ratio
    withheld_days_min: Annotated[int, Field(ge=1)]
    withheld_peak_operations_min: Annotated[float, Field(gt=0)]
    withheld_others_ratio_min: Ratio
    declaration_excess_ratio: Annotated[float, Field(ge=1)]
    forecast: ForecastLimits


def parse_limits(text: str, name: str = "limits.toml") -> Limits:
    """Read the limits from TOML text; ``name`` is what an error calls the file."""
    return parse_document(text, name, Limits, "keep the keys of detector/rules/limits.toml")
