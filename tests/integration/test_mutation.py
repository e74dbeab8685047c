"""The mutation run itself, on a small sample: it notices what is broken and lets the rest stand."""

from __future__ import annotations

import re
import subprocess
import sys


def test_a_sample_of_mutants_is_noticed_and_what_changes_nothing_is_not() -> None:
    """Were every mutant called noticed, the explained one would be; were none, the others not."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.mutation", "--sample", "10"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (
        0,
        "10 mutants, 9 noticed by a test, 1 that change nothing, each with a reason, 0 to mend",
    ), ran.stdout + ran.stderr
    assert re.search(r"explained, \d+ s of processor", ran.stdout)
