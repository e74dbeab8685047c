"""What the rules call large, silent, near or quiet, read from ``limits.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from detector.facts import Severity
from detector.policy.parse import StrictDocument, parse_document
from detector.thresholds.pace import ForecastLimits

Ratio = Annotated[float, Field(ge=0, le=1)]


class Limits(StrictDocument):
    """House figures of the rules; the reason of each stands beside it in the file."""

    large_training_ratio: Ratio
    severe_training_operations: Annotated[float, Field(gt=0)]
    severe_probability_ratio: Ratio
    hugging_ratio_min: Ratio
    hugging_quiet_days: Annotated[int, Field(ge=0)]
    silent_ratio_min: Ratio
    unknown_medium_ratio: Annotated[float, Field(gt=0)]
    unknown_high_ratio: Annotated[float, Field(gt=0)]
    unlisted_accelerator_count: Annotated[int, Field(ge=1)]
    silent_hours_min: Annotated[int, Field(ge=1)]
    silent_gap_ratio: Annotated[float, Field(ge=1)]
    silent_tenants_min: Annotated[int, Field(ge=1)]
    silent_tenants_ratio: Ratio
    repeated_ratio_min: Ratio
    unmetered_hours_min: Annotated[float, Field(ge=0)]
    unmetered_ratio_min: Ratio
    withheld_days_min: Annotated[int, Field(ge=1)]
    withheld_peak_operations_min: Annotated[float, Field(gt=0)]
    withheld_others_ratio_min: Ratio
    withdrawn_ratio_min: Ratio
    withdrawn_near_ratio_min: Ratio
    declaration_excess_ratio: Annotated[float, Field(ge=1)]
    forecast: ForecastLimits

    def unknown_severity(self, most: float, smallest: float) -> Severity:
        """Say how severe work is of which only the most that it may have been is known.

        ``most``: operations; ``smallest``: those of the smallest threshold that reports, infinity
        where none does.
        """
        if most >= self.unknown_high_ratio * smallest:
            return "high"
        return "medium" if most >= self.unknown_medium_ratio * smallest else "low"


def parse_limits(text: str) -> Limits:
    """Read the limits from TOML text."""
    return parse_document(
        text, "limits.toml", Limits, "keep the keys of detector/rules/limits.toml"
    )
