"""What a command loads before it knows what it was asked."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys, streams.cli; print(*sorted({m.partition('.')[0] for m in sys.modules}))"


def test_the_command_line_starts_without_the_libraries_that_only_judging_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=180, check=True
    )
    loaded = set(done.stdout.split())
    assert {"streams", "polars"} <= loaded
    assert loaded & {"sklearn", "scipy", "skops", "pytest"} == set()
