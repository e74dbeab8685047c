"""Whether the service is alive and ready: plain values from the loop, shown by the web."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: How far the clock may stand behind what is known: a clock that is put right moves by less.
CLOCK_BEHIND_MAX: Final = timedelta(minutes=10)


class Pulse:
    """When work last came on: a step of the loop ended, or a part of a long one.

    To judge everything may take minutes. Whoever restarts a process that does so has it begin anew.
    """

    def __init__(self) -> None:
        """Count from now on."""
        self.beat()

    def beat(self) -> None:
        """Tell that work came on."""
        self._beat_at = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """Time since the last beat."""
        return time.monotonic() - self._beat_at


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
        loop_idle_seconds: Time since the loop last finished a step, or a part of a long one.
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


def clock_condition(knowledge_at: datetime | None, now: datetime) -> Condition:
    """Say whether the clock stands behind what is known, as after it was wrong and put right.

    Knowledge never goes back, so nothing is judged until the clock has passed it again.
    """
    if knowledge_at is None or knowledge_at - now <= CLOCK_BEHIND_MAX:
        return Condition("clock", holds=True, detail="not behind what is known")
    return Condition(
        "clock",
        holds=False,
        detail=f"expected it past {knowledge_at.isoformat()}, up to which things are known, found "
        f"{now.isoformat()}; nothing is judged until then: set the clock, or where that instant "
        "came from a wrong clock, read everything again into an empty store",
    )
