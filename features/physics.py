"""What figures of one accelerator can be true at once: limits as plain values.

The numbers are data (``detector/policy/reference/physics.toml``), each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Physics:
    """Limits between the figures of one accelerator and bucket; every one is a share.

    A matrix pipe below ``pipe_rest_ratio`` of its cycles rests, and one above ``pipe_busy_ratio``
    works hard; the other pipes rest below ``other_pipes_rest_ratio``. Power above
    ``working_power_ratio`` of the rated power is drawn by work alone; below ``idle_power_ratio``
    nothing works hard (``*_wall_*``: the same of power at the plug, per accelerator). A device in
    use for ``working_use_ratio`` of the time works. A pipe cannot be active for
    ``pipe_over_use_ratio`` more of the time than the device was in use, nor power lie more than
    ``power_over_use_ratio`` above what idling and the largest of its counters take. ``power_w`` and
    ``energy_j`` over its time may lie ``energy_over_power_ratio`` of the larger apart.

    Two figures are held against each other where for ``overlap_ratio`` of the longer of their times
    both were metered, whatever else.

    ``full_use_ratio`` is the use that a device shows which never waits, ``use_margin_ratio`` by
    how much use may be read too low. From ``own_rate_ratio`` of an hour metered, the rest is
    expected to have worked like the metered part. From ``alike_ratio`` of the busy power, or use,
    of others of its run a device works as they do.
    """

    pipe_rest_ratio: float
    pipe_busy_ratio: float
    other_pipes_rest_ratio: float
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
    alike_ratio: float
