"""What holds a service back is told: a clock that stands behind what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.health import CLOCK_BEHIND_MAX, Condition, Pulse, clock_condition

NOW = datetime(2026, 3, 1, tzinfo=UTC)
IN_ORDER = Condition("clock", True, "not behind what is known")


def test_a_clock_that_goes_on_or_is_put_right_by_a_little_is_in_order() -> None:
    for known in (None, NOW - timedelta(days=400), NOW, NOW + CLOCK_BEHIND_MAX):
        assert clock_condition(known, NOW) == IN_ORDER


def test_a_clock_that_was_ahead_is_told_with_both_instants_and_what_to_do() -> None:
    known = NOW + CLOCK_BEHIND_MAX + timedelta(milliseconds=1)
    assert clock_condition(known, NOW) == Condition(
        "clock",
        False,
        "expected it past 2026-03-01T00:10:00.001000+00:00, up to which things are known, found "
        "2026-03-01T00:00:00+00:00; nothing is judged until then: set the clock, or where that "
        "instant came from a wrong clock, read everything again into an empty store",
    )


def test_a_pulse_counts_from_its_last_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = iter([100.0, 130.0, 131.0, 131.5])
    monkeypatch.setattr("streams.health.time.monotonic", lambda: next(instants))
    pulse = Pulse()
    assert pulse.idle_seconds == 30.0
    pulse.beat()
    assert pulse.idle_seconds == 0.5
