"""A sidecar that is asked to stop ends in time, even in the middle of one long library call."""

from __future__ import annotations

import subprocess
import sys

LONGEST_SECONDS = 60
#: A library call of minutes that no signal interrupts, as a large assessment may make one.
PROGRAM = """
import hashlib
from streams.wiring import _stopped_by_signals
with _stopped_by_signals(lambda: print("asked"), 0.1):
    print("begun", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
"""


def test_a_stop_in_the_middle_of_a_long_call_is_cut_short_in_good_order() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.terminate()
        _, told = process.communicate(timeout=LONGEST_SECONDS)
    finally:
        process.kill()
    assert (process.returncode, told) == (0, "stop_cut_short\n")
