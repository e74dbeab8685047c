"""What a command loads before it knows what it was asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Loading these takes most of a start: a person who asks for help need not wait for them.
HEAVY = {"fastapi", "jinja2", "kafka", "networkx", "polars", "pydantic", "rapidfuzz", "rigour"}
#: What only judging needs.
JUDGING = {"pytest", "scipy", "sklearn", "skops"}
LOADED = """\
import sys
from streams.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(*arguments: str) -> set[str]:
    """Give the packages that are loaded once a command line was answered."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_help_and_version_load_no_library(asked: str) -> None:
    loaded = loaded_by(asked)
    assert "streams" in loaded
    assert loaded & (HEAVY | JUDGING) == set()


def test_a_recorder_loads_the_catalogue_and_neither_broker_nor_rules() -> None:
    assert loaded_by("record", "--help") & (HEAVY | JUDGING) == {"polars", "pydantic"}


def test_a_command_that_judges_starts_without_what_only_judging_needs() -> None:
    loaded = loaded_by("replay", "--help")
    assert "polars" in loaded
    assert loaded & JUDGING == set()
    assert "kafka" not in loaded  # files need no broker
