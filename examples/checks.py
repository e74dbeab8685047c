"""What the examples' checks share: reading a replay's files, and saying what held and what did not.

Hours come as decimal text and are turned into whole milliseconds with exact arithmetic, so that
"exact to the millisecond" means just that.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from examples.metering import HOUR_MS


@dataclass
class Checks:
    """Collects failures; prints each check as one line."""

    failures: list[str] = field(default_factory=list)

    def expect(self, holds: bool, sentence: str) -> None:
        """Print the sentence with its outcome, and remember it where it does not hold."""
        print(f"{'ok  ' if holds else 'FAIL'} {sentence}")
        if not holds:
            self.failures.append(sentence)

    @property
    def exit_status(self) -> int:
        """Give 0 where everything held, else 1."""
        return 1 if self.failures else 0


@dataclass(frozen=True)
class Total:
    """The columns of one row of ``totals.csv`` that the checks use."""

    scope: str
    subject_id: str
    tenant_ids: tuple[str, ...]
    device_milliseconds: int
    operations_low: float
    operations_expected: float
    operations_high: float


def read_totals(folder: Path) -> list[Total]:
    """Read every row of ``totals.csv`` in a replay's folder."""
    with (folder / "totals.csv").open(encoding="utf-8", newline="") as lines:
        return [_total(row) for row in csv.DictReader(lines)]


def read_documents(path: Path) -> list[dict[str, Any]]:
    """Read an NDJSON file of documents."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def instant_ms(text: str | None) -> int | None:
    """Turn an RFC 3339 instant into milliseconds since the epoch; None stays None."""
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * 1000)


def _total(row: dict[str, str]) -> Total:
    milliseconds = Decimal(row["accelerator_hours"]) * HOUR_MS
    return Total(
        scope=row["scope"],
        subject_id=row["id"],
        tenant_ids=tuple(row["tenant_ids"].split(";")),
        device_milliseconds=int(milliseconds.to_integral_value(ROUND_HALF_EVEN)),
        operations_low=float(row["operations_low"]),
        operations_expected=float(row["operations_expected"]),
        operations_high=float(row["operations_high"]),
    )
