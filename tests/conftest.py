"""What every test shares: no network in unit and property tests, hypothesis profiles, a summary.

Layers are folders. Unit, property and contract tests may touch nothing outside the process, so
Internet sockets raise in them; integration and end-to-end tests may use loopback.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

#: One session starts one broker, whichever layers run (tests/support/kafka_broker.py).
pytest_plugins = ["tests.support.kafka_broker", "tests.support.promtool"]

HERE = Path(__file__).resolve().parent
QUIET_LAYERS = ("unit", "property", "contract")

#: Seconds a layer may take in all; the summary shows them beside what it took.
BUDGETS_SECONDS = {
    "unit": 10,
    "property": 60,
    "contract": 10,
    "integration": 180,
    "end_to_end": 300,
}

# A slow neighbour is no failure, so there is no deadline. "ci" draws the same cases every time.
_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
_EXAMPLES = DirectoryBasedExampleDatabase(HERE.parent / ".hypothesis" / "examples")
settings.register_profile(
    "dev", max_examples=25, deadline=None, suppress_health_check=_SLOW, database=_EXAMPLES
)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=_SLOW,
)
settings.register_profile("thorough", parent=settings.get_profile("dev"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def layer_of(path: Path) -> str:
    """Give the folder directly under tests/ in which a test lies."""
    parts = path.resolve().relative_to(HERE).parts if path.is_relative_to(HERE) else ("elsewhere",)
    return parts[0]


def _local_only(original: Callable[..., object]) -> Callable[..., object]:
    def guarded(self: socket.socket, *arguments: object) -> object:
        if self.family != socket.AF_UNIX:
            raise AssertionError(
                f"a unit or property test used the network: {arguments}; "
                "move it to tests/integration or pass a value in"
            )
        return original(self, *arguments)

    return guarded


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no unit, property or contract test reach out; event loops keep their local pair."""
    if layer_of(request.path) in QUIET_LAYERS:
        for name in ("connect", "connect_ex", "bind", "sendto"):
            monkeypatch.setattr(socket.socket, name, _local_only(getattr(socket.socket, name)))


def _outcomes(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str, float]]:
    for outcome, reports in reporter.stats.items():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                shown = outcome if outcome or report.when == "call" else ""
                yield layer_of(HERE.parent / report.location[0]), shown, report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show for each layer what ran and how long, above pytest's closing line."""
    counts: dict[str, Counter[str]] = {}
    seconds: Counter[str] = Counter()
    for layer, outcome, duration in _outcomes(terminalreporter):
        counts.setdefault(layer, Counter()).update([outcome] if outcome else [])
        seconds[layer] += duration  # type: ignore[assignment]  # a Counter adds floats as well
    if len(counts) < 2:
        return
    terminalreporter.section("layers")
    for layer, found in sorted(counts.items()):
        words = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items()))
        budget = BUDGETS_SECONDS.get(layer)
        limit = f" of {budget} s" if budget else " s"
        terminalreporter.write_line(f"{layer:<12} {seconds[layer]:7.1f}{limit:<10} {words}")
