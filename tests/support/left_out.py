"""Tests that need what this machine lacks: deselected and counted, never skipped in silence."""

from __future__ import annotations

import pytest


def leave_out(config: pytest.Config, items: list[pytest.Item], fixture: str) -> int:
    """Deselect the tests that take a fixture; gives how many, for the closing lines to say."""
    left_out = [item for item in items if fixture in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    return len(left_out)
