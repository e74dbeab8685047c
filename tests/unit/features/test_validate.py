"""What an event says of time must be possible: reasons, limits, order of checks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from features.schema import USAGE_EVENTS
from features.validate import validate
from tests.support.usage_rows import BEGIN, HOUR, at, usage_row

DAY = 24 * HOUR
NOW = BEGIN + timedelta(days=500)


def verdict(row: dict[str, Any]) -> tuple[int, list[tuple[str, str]]]:
    events = pl.DataFrame([row], schema=USAGE_EVENTS)
    kept, refused = validate(events, NOW)
    return kept.height, refused.select("reason", "detail").rows()


@pytest.mark.parametrize(
    "row",
    [
        usage_row(0, 1),
        usage_row(0, 31 * DAY),
        usage_row(0, DAY, time=BEGIN),
        usage_row(0, HOUR, time=at(HOUR + 400 * DAY)),
        usage_row(0, HOUR, accelerator=None, accelerator_count=None, instance_type="x"),
        usage_row(500 * DAY, 501 * DAY, time=NOW + timedelta(days=1)),
    ],
    ids=["1 ms", "31 days", "a day ahead", "400 days late", "type alone", "a day past the clock"],
)
def test_what_lies_on_a_limit_is_accepted(row: dict[str, Any]) -> None:
    assert verdict(row) == (1, [])


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (
            usage_row(0, HOUR, accelerator_count=None),
            "missing_field",
            "expected instance_type, or accelerator with accelerator_count; found neither",
        ),
        (
            usage_row(5, 5),
            "interval_empty",
            "expected end after start; found start 2026-03-02T00:00:00.005Z and end "
            "2026-03-02T00:00:00.005Z",
        ),
        (
            usage_row(0, 31 * DAY + 1),
            "interval_too_long",
            "expected at most 31 days; found start 2026-03-02T00:00:00.000Z and end "
            "2026-04-02T00:00:00.001Z",
        ),
        (
            usage_row(0, DAY + 1, time=BEGIN),
            "in_the_future",
            "expected end at most a day after time; found end 2026-03-03T00:00:00.001Z and time "
            "2026-03-02T00:00:00.000Z",
        ),
        (
            usage_row(500 * DAY, 501 * DAY, time=NOW + timedelta(days=1, milliseconds=1)),
            "in_the_future",
            "expected time at most a day past the clock; found time 2027-07-16T00:00:00.001Z",
        ),
        (
            usage_row(0, HOUR, time=at(HOUR + 400 * DAY + 1)),
            "too_late",
            "expected end at most 400 days before time; found end 2026-03-02T01:00:00.000Z and "
            "time 2027-04-06T01:00:00.001Z",
        ),
    ],
)
def test_what_lies_past_a_limit_is_refused_with_what_was_found(
    row: dict[str, Any], reason: str, detail: str
) -> None:
    assert verdict(row) == (0, [(reason, detail)])


def test_the_first_failed_check_gives_the_reason() -> None:
    assert verdict(usage_row(5, 4, accelerator=None))[1][0][0] == "missing_field"
    assert verdict(usage_row(0, 40 * DAY, time=BEGIN))[1][0][0] == "interval_too_long"
