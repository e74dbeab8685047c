"""The only reader of the time; everything else takes a Clock or an ``as_of``."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The wall clock of this machine, in UTC."""

    def now(self) -> datetime:
        """Give the present instant, UTC, cut to the millisecond as every instant here is."""
        instant = datetime.now(UTC)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
