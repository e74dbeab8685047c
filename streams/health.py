"""Whether the service is alive and ready: plain values from the loop, shown by the web."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """One thing the service cannot work without."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True)
class Health:
    """What the loop knows of itself at one moment.

    Attributes:
        loop_idle_seconds: Time since the loop last finished a step.
        stall_seconds: Longer than this and the loop counts as stuck.
        conditions: Store open, broker connected, packs loaded and so on.
    """

    loop_idle_seconds: float
    stall_seconds: float
    conditions: tuple[Condition, ...]

    @property
    def is_alive(self) -> bool:
        """Whether a restart would be pointless: the loop moved lately."""
        return self.loop_idle_seconds <= self.stall_seconds

    @property
    def is_ready(self) -> bool:
        """Whether everything it needs is there, and the loop moves."""
        return self.is_alive and all(condition.holds for condition in self.conditions)
