"""Prometheus' own checker, as a pytest plugin: tests that take ``promtool`` run where it is there.

Where it is not, they are deselected and the closing lines say so; nothing else depends on it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.left_out import leave_out

Promtool = Callable[..., str]

_LEFT_OUT = pytest.StashKey[int]()
_PROMETHEUS = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"


@pytest.fixture
def promtool() -> Promtool:
    """Give a function that runs it in ``deploy/prometheus`` and gives what it said."""
    program = shutil.which("promtool")
    assert program is not None, "this test must have been deselected"

    def run(*arguments: str) -> str:
        ended = subprocess.run(
            [program, *arguments],
            cwd=_PROMETHEUS,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a program that is not there. The summary says so."""
    if shutil.which("promtool") is None:
        config.stash[_LEFT_OUT] = leave_out(config, items, "promtool")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the main process, where this one is a worker of it."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["promtool"] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: pytest.Session) -> None:
    """Keep what a worker told; each of them leaves out the same tests."""
    told: dict[str, int] = getattr(node, "workeroutput", {})
    node.config.stash[_LEFT_OUT] = told.get("promtool", 0)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say whether the alerts were tried with Prometheus' own program."""
    ran = {kind: each for kind, each in terminalreporter.stats.items() if kind != "deselected"}
    reports = [each for some in ran.values() for each in some]
    if any("test_promtool" in getattr(each, "nodeid", "") for each in reports):
        terminalreporter.write_line("promtool: ran; rules, their tests and every panel are its.")
    elif left_out := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(
            f"promtool: NOT ON THIS MACHINE; {left_out} tests of rules and panels did not run, "
            "their text alone was compared."
        )
