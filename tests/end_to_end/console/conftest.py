"""Finds Chromium; without one the console is not opened, and the closing lines say so."""

from __future__ import annotations

import shutil

import pytest

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

collect_ignore = [] if BROWSER else ["test_console.py"]


@pytest.fixture
def browser() -> str:
    """Give the path of the browser."""
    return BROWSER


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which browser opened the console, or that none did."""
    opened = f"opened in {BROWSER}" if BROWSER else "NOT opened: no Chromium on the PATH"
    terminalreporter.write_line(f"console: {opened}")
