"""The only reader of the time; everything else takes a Clock or an ``as_of``."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The wall clock of this machine, in UTC."""

    def now(self) -> datetime:
        """Give the present instant, UTC, cut to the millisecond as every instant here is."""
        instant = datetime.now(UTC)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class BootClock:
    """The clock since boot: it counts sleep, and nobody can set it."""

    def milliseconds(self) -> int:
        """Give milliseconds since boot; where the system has no such clock, since some instant."""
        known = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime_ns(known) // 1_000_000
