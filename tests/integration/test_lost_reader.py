"""``trainwatch ... | head``: a reader that goes away is no error, and cuts no work short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVENT = (
    '{"specversion": "1.0", "id": "7", "source": "m", "type": "trainwatch.usage.v1", "time": '
    '"2026-03-01T01:00:05Z", "data": {"tenant_id": "t-1", "resource_id": "n", "instance_type": '
    '"p5.48xlarge", "start": "2026-03-01T00:00:00Z", "end": "2026-03-01T01:00:00Z"}}\n'
)


def run_unread(arguments: list[str], folder: Path, unbuffered: str) -> tuple[int, str]:
    """Run a command whose standard output nobody reads: (status, standard error)."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "streams", *arguments],
            cwd=folder,
            env=environment,
            stdout=write_end,
            stderr=subprocess.PIPE,
            text=True,
            timeout=280,
            check=False,
        )
    finally:
        os.close(write_end)
    return done.returncode, done.stderr


def test_a_list_that_nobody_reads_to_its_end_is_no_error(tmp_path: Path) -> None:
    assert run_unread(["catalogue", "list"], tmp_path, "1") == (0, "")


def test_a_replay_that_nobody_watches_writes_its_files(tmp_path: Path) -> None:
    (tmp_path / "events.ndjson").write_text(EVENT, encoding="utf-8")
    assert run_unread(["replay", "events.ndjson", "--out", "out"], tmp_path, "") == (0, "")
    assert "\ntenant,t-1,t-1,8," in (tmp_path / "out" / "totals.csv").read_text(encoding="utf-8")


def test_events_that_nobody_takes_stop_a_recorder_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "smi.csv").write_text(
        "timestamp, index, uuid, name, power.draw [W]\n"
        "2026/03/01 00:00:00.000, 0, GPU-a, NVIDIA H200, 100 W\n"
        "2026/03/01 00:00:01.000, 0, GPU-a, NVIDIA H200, 100 W\n",
        encoding="utf-8",
    )
    arguments = ["record", "--tenant", "t-1", "--resource", "n", "--out", "-"]
    status, said = run_unread(
        [*arguments, "--from", "file", "nvidia-smi", "--read", "smi.csv"], tmp_path, ""
    )
    assert status == 1
    assert said.splitlines()[-1] == (
        "trainwatch: standard output: expected a reader of events (Broken pipe); start it again, "
        "or write to a file with --out FILE"
    )
