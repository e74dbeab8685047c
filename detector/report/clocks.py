"""When a report is due: the date of knowledge plus the days that the pack's clock gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def due_on(knowledge_at: datetime, days: int) -> date:
    """Give the last day for filing: the UTC date of ``knowledge_at`` plus ``days`` calendar days.

    The day of knowledge is not counted; weekends and holidays are, as in a count of calendar days.
    """
    if knowledge_at.tzinfo is None:
        raise ValueError(
            f"knowledge_at: expected an instant with an offset, got {knowledge_at.isoformat()}; "
            "give it in UTC"
        )
    if days < 0:
        raise ValueError(f"days: expected 0 or more, got {days}; mend the clock of the pack")
    return knowledge_at.astimezone(UTC).date() + timedelta(days=days)
