"""Due dates: the UTC date of knowledge plus calendar days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from detector.report.clocks import due_on

WEST = timezone(timedelta(hours=-8))


@pytest.mark.parametrize(
    ("knowledge_at", "due"),
    [
        (datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 16)),
        (datetime(2026, 3, 1, 23, 59, 59, 999_000, tzinfo=UTC), date(2026, 3, 16)),
        (datetime(2026, 2, 28, 20, 0, tzinfo=WEST), date(2026, 3, 16)),  # 1 March in UTC
        (datetime(2028, 2, 20, tzinfo=UTC), date(2028, 3, 6)),  # over a leap day
        (datetime(2026, 12, 24, tzinfo=UTC), date(2027, 1, 8)),  # holidays count
    ],
)
def test_the_day_of_knowledge_is_not_counted(knowledge_at: datetime, due: date) -> None:
    assert due_on(knowledge_at, 15) == due


def test_no_days_is_due_the_same_day() -> None:
    assert due_on(datetime(2026, 3, 1, 12, tzinfo=UTC), 0) == date(2026, 3, 1)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="knowledge_at: expected an instant with an offset"):
        due_on(datetime(2026, 3, 1), 15)  # noqa: DTZ001 - the fault under test


def test_a_negative_period_is_refused() -> None:
    with pytest.raises(ValueError, match="days: expected 0 or more, got -1"):
        due_on(datetime(2026, 3, 1, tzinfo=UTC), -1)
