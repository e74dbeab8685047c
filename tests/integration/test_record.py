"""The recorder beside fake tools: what it writes passes through the detector, exactly."""

from __future__ import annotations

import csv
import json
import signal
import time
from pathlib import Path

import pytest

from detector.events import parse_instant
from streams.cli import main
from tests.support.recording import (
    AMD_SMI,
    H100,
    NVIDIA_SMI,
    lines_of,
    put_tool,
    recording,
    wait_for,
)

#: Shorter gaps than a second are bridged, and a recorder is back in less (limits.toml).
SILENT_AFTER_S = 1.5

LOG = """timestamp, index, uuid, name, utilization.gpu [%], power.draw [W]
2026/03/01 01:00:00.000, 0, GPU-a, NVIDIA H100 80GB HBM3, 0 %, 100.00 W
2026/03/01 01:00:00.001, 1, GPU-b, NVIDIA H100 80GB HBM3, 0 %, 100.00 W
"""


def usages(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line)["data"] for line in lines_of(folder)]


def milliseconds(usage: dict[str, object]) -> int:
    start, end = parse_instant(str(usage["start"])), parse_instant(str(usage["end"]))
    assert start is not None
    assert end is not None
    return end - start


def totals(folder: Path) -> dict[str, str]:
    """Replay what was recorded, twice over: a repeat counts for nothing."""
    events = str(folder / "usage.ndjson")
    assert main(["replay", events, events, "--out", str(folder / "out")]) == 0
    assert (folder / "out" / "dead_letters.ndjson").read_text(encoding="utf-8") == ""
    with (folder / "out" / "totals.csv").open(encoding="utf-8") as stream:
        (row,) = [row for row in csv.DictReader(stream) if row["scope"] == "tenant"]
    return row


def log_of(hours: int, watts: list[int]) -> str:
    """Write a reading every ten minutes, as nvidia-smi does at +01:00."""
    rows = []
    for step in range(1, hours * 6 + 1):
        at = f"2026/03/01 {1 + step // 6:02}:{step % 6}0:00.000"
        for index, uuid in enumerate("ab"):
            power = watts[step % len(watts)]
            rows.append(f"{at}, {index}, GPU-{uuid}, {H100}, 97 %, {power}.00 W")
    return LOG + "\n".join(rows) + "\n"


def test_history_of_nvidia_smi_gives_exactly_its_hours_and_energy(tmp_path: Path) -> None:
    log = tmp_path / "smi.csv"
    log.write_text(log_of(6, [400, 600]), encoding="utf-8")
    status = main(
        [
            *("record", "--tenant", "t-1", "--resource", "node-17", "--node", "n17"),
            *("--from", "file", "nvidia-smi", "--read", str(log), "--utc-offset", "+01:00"),
            *("--cadence", "1h", "--out", str(tmp_path / "usage.ndjson")),
        ]
    )
    assert status == 0
    found = usages(tmp_path)
    assert [usage["start"] for usage in found] == [
        f"2026-03-01T{hour:02}:00:00.000Z" for hour in range(6)
    ]
    assert found[0] == {
        "tenant_id": "t-1",
        "resource_id": "node-17",
        "start": "2026-03-01T00:00:00.000Z",
        "end": "2026-03-01T01:00:00.000Z",
        "accelerator": H100,
        "accelerator_count": 2,
        "telemetry": {
            "gpu_util": 0.97,
            "power_w": 500.0,
            "power_w_std": 100.0,
            "energy_j": 1_800_000.0,
        },
    }
    row = totals(tmp_path)
    assert (float(row["accelerator_hours"]), float(row["silent_ratio"])) == (12.0, 0.0)
    assert (row["first_start"], row["last_end"]) == (
        "2026-03-01T00:00:00Z",
        "2026-03-01T06:00:00Z",
    )


def test_a_live_node_is_metered_to_the_last_word_after_a_request_to_stop(tmp_path: Path) -> None:
    put_tool(tmp_path, "nvidia-smi", NVIDIA_SMI)
    with recording(tmp_path, "nvidia-smi") as process:
        wait_for(tmp_path, ['"gpu_util":0.97', "ended by cadence"], process)
        process.send_signal(signal.SIGTERM)
        said, complaint = process.communicate(timeout=180)
    assert (process.returncode, complaint) == (0, "")
    assert "kinds=H100-SXM5-80GB" in said
    found = usages(tmp_path)
    assert all(one["end"] == other["start"] for one, other in zip(found, found[1:], strict=False))
    measured = [usage for usage in found if "telemetry" in usage]
    for usage in measured:
        told = usage["telemetry"]
        assert isinstance(told, dict)
        assert (told["power_w"], told["power_w_std"]) == (650.0, 0.25)
        assert told["energy_j"] == pytest.approx(0.65 * milliseconds(usage), abs=0.001)
    hours = sum(2 * milliseconds(usage) for usage in found) / 3_600_000
    assert float(totals(tmp_path)["accelerator_hours"]) == pytest.approx(hours, rel=1e-12)


def test_what_a_killed_recorder_left_is_mended_and_the_hours_go_on(tmp_path: Path) -> None:
    put_tool(tmp_path, "amd-smi", AMD_SMI)
    with recording(tmp_path, "amd-smi") as process:
        wait_for(tmp_path, ["energy by counter", "ended by cadence"], process)
        process.kill()
        process.wait()
    before = len(lines_of(tmp_path))
    with (tmp_path / "usage.ndjson").open("a", encoding="utf-8") as stream:
        stream.write('{"specversion":"1.0","id":"torn')
    time.sleep(SILENT_AFTER_S)
    with recording(tmp_path, "amd-smi") as process:
        wait_for(tmp_path, ["ended by silence"], process)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=180)
    assert "event=torn_line_cut_off bytes=31" in said
    found = usages(tmp_path)
    assert len(found) > before
    assert {usage["accelerator"] for usage in found} == {"AMD Instinct MI300X"}
    assert all(one["end"] == other["start"] for one, other in zip(found, found[1:], strict=False))
    assert "telemetry" not in found[before]
    span = sum(milliseconds(usage) for usage in found)
    row = totals(tmp_path)
    assert float(row["accelerator_hours"]) == pytest.approx(span / 3_600_000, rel=1e-12)
