"""What figures of one accelerator can be true at once: limits as plain values.

The numbers are data (``detector/policy/reference/physics.toml``), each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Physics:
    """Limits between the figures of one accelerator and bucket; every one is a share.

    A matrix pipe below ``pipe_rest_ratio`` of its cycles rests, and one above ``pipe_busy_ratio``
    works hard; the other pipes rest below ``other_pipes_rest_ratio``. Power below
    ``least_power_ratio`` of the rated power is no reading: no device idles on so little; nor is
    power above ``most_power_ratio``: it is of more than one accelerator. Power
    above ``working_power_ratio`` of it is drawn by work alone; below ``idle_power_ratio`` nothing
    works hard (``*_wall_*``: the same of power at the plug, per accelerator). A device in
    use for ``working_use_ratio`` of the time works. A pipe cannot be active for
    ``pipe_over_use_ratio`` more of the time than the device was in use, nor power lie more than
    ``power_over_use_ratio`` above what idling and the largest of its counters take. ``power_w`` and
    ``energy_j`` over its time may lie ``energy_over_power_ratio`` of the larger apart.

    Two figures are held against each other where for ``overlap_ratio`` of the longer of their times
    both were metered, whatever else.

    ``full_use_ratio`` is the use that a device shows which never waits, ``use_margin_ratio`` by
    how much use may be read too low. From ``own_rate_ratio`` of an hour metered, the rest is
    expected to have worked like the metered part, but not what a resource was silent for
    ``lost_samples_hours`` or longer. From ``alike_ratio`` of the busy power, or use,
    of others of its run a device works as they do. Power above idling grows with the clock by
    ``clock_power_exponent``. What reads above ``board_most_ratio`` of the rated power holds more
    than the accelerator. Busy power, 1 where the prior stands as it is, is read as
    ``least_busy_ratio`` at the least and ``most_busy_ratio`` at the most. Links of a chip
    carry up to ``link_margin_ratio`` of what the catalogue says.
    """

    pipe_rest_ratio: float
    pipe_busy_ratio: float
    other_pipes_rest_ratio: float
    least_power_ratio: float
    most_power_ratio: float
    working_power_ratio: float
    working_use_ratio: float
    idle_power_ratio: float
    working_wall_power_ratio: float
    idle_wall_power_ratio: float
    pipe_over_use_ratio: float
    power_over_use_ratio: float
    energy_over_power_ratio: float
    overlap_ratio: float
    full_use_ratio: float
    use_margin_ratio: float
    own_rate_ratio: float
    lost_samples_hours: float
    alike_ratio: float
    clock_power_exponent: float
    board_most_ratio: float
    least_busy_ratio: float
    most_busy_ratio: float
    link_margin_ratio: float

    def is_other_work_little(self) -> pl.Expr:
        """Say whether the pipes beside the matrix pipe rest, or do too little for the power.

        A board draws what its busiest part takes above idling: power beyond these pipes, memory
        and the margin is none of their work. Without ``dram_active`` nobody knows what memory
        takes, and at the plug what the host does. Reads the rates, ``power_ratio`` and whose it is.
        """
        explained = pl.max_horizontal(other_pipes(), "dram_active") + self.idle_power_ratio
        is_board = pl.col("is_power_trusted") & ~pl.col("is_wall_power").fill_null(value=False)
        beyond = pl.col("power_ratio") > explained + self.power_over_use_ratio
        unexplained = is_board & pl.col("dram_active").is_not_null() & beyond
        return (other_pipes() < self.other_pipes_rest_ratio) | unexplained.fill_null(value=False)


def other_pipes() -> pl.Expr:
    """Give the activity of the busiest pipe beside the matrix pipe; 0 where none was metered."""
    return pl.max_horizontal("fp64_active", "fp32_active", "fp16_active").fill_null(0.0)
