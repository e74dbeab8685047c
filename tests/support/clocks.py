"""A clock that stands where a test puts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass
class SetClock:
    """The ``Clock`` port: ``at`` until the test moves it."""

    at: datetime

    def now(self) -> datetime:
        return self.at
