"""The limits of physics: TOML text to the values that estimates are held against."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from detector.policy.model import Day, Document, Positive, Ratio, Text
from detector.policy.parse import parse_document
from features.physics import Physics

REMEDY: Final = "mend the value, or take the file as shipped"


class PhysicsTable(Document):
    """The file ``reference/physics.toml``; meanings as in ``features.physics.Physics``."""

    as_of: Day
    source: Text
    pipe_rest_ratio: Ratio
    pipe_busy_ratio: Ratio
    other_pipes_rest_ratio: Ratio
    least_power_ratio: Ratio = 0.0
    most_power_ratio: Positive
    working_power_ratio: Ratio
    working_use_ratio: Ratio
    idle_power_ratio: Ratio
    working_wall_power_ratio: Positive
    idle_wall_power_ratio: Ratio
    pipe_over_use_ratio: Ratio
    power_over_use_ratio: Ratio
    energy_over_power_ratio: Ratio
    overlap_ratio: Ratio
    full_use_ratio: Ratio
    use_margin_ratio: Positive
    own_rate_ratio: Ratio
    lost_samples_hours: Positive
    alike_ratio: Ratio = 1.0
    clock_power_exponent: Annotated[float, Field(ge=1.0, le=3.0)]
    board_most_ratio: Positive
    least_busy_ratio: Ratio
    most_busy_ratio: Positive
    link_margin_ratio: Positive

    def physics(self) -> Physics:
        """Give the plain values."""
        return Physics(**self.model_dump(exclude={"as_of", "source"}))


def parse_physics(text: str) -> PhysicsTable:
    """Read the limits from TOML text."""
    return parse_document(text, "physics.toml", PhysicsTable, REMEDY)
