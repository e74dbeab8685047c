"""What ``trainwatch record`` refuses before it begins, and what it makes of recorded files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from streams.cli import main

ASK = ("record", "--tenant", "t-1", "--resource", "n-1", "--out")


def told(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> tuple[int, str]:
    status = main([*ASK, str(folder / "usage.ndjson"), *more])
    return status, capsys.readouterr().err.removeprefix("trainwatch: ")


@pytest.mark.parametrize(
    ("line", "status", "expected"),
    [
        ("--from smi", 2, "record: --from: expected one of nvidia-smi, dcgm, amd-smi, or file"),
        ("--from file", 2, "record: --from: expected one of nvidia-smi, dcgm, amd-smi, or file"),
        ("--from file dcgm", 2, "record: --from file: expected --read FILE, got none;"),
        ("--from dcgm --sample 2m", 2, "record: expected a --sample no longer than --cadence;"),
        ("--from dcgm --cadence 60", 2, "record: argument --cadence: expected a time such as 60s"),
        ("--from dcgm --url localhost", 2, "record: argument --url: expected an address such as"),
        ("--from dcgm --url http://[::1", 2, "record: argument --url: expected an address such as"),
        ("--from dcgm --url file:///etc", 2, "record: argument --url: expected an address such as"),
        ("--from dcgm --count 8", 2, "record: expected --accelerator and --count together;"),
        ("--from dcgm --set start=x", 2, "record: --set: expected FIELD=VALUE with FIELD one of "),
        ("--from dcgm --set vantage=space", 2, "record: --set: vantage: expected one of host, "),
        ("--from file dcgm --read no.prom", 3, "no.prom: expected recorded output of dcgm-"),
        (
            "--from file dcgm --read no.prom --utc-offset 1",
            2,
            "record: --utc-offset: expected an offset such as +02:00, or Z, got '1'",
        ),
    ],
)
def test_a_recorder_that_cannot_begin_says_why_in_one_line(
    line: str,
    status: int,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found, complaint = told(capsys, tmp_path, *line.split())
    assert (found, complaint[: len(expected)]) == (status, expected)
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("tool", ["nvidia-smi", "amd-smi"])
def test_at_a_terminal_a_tool_that_is_not_installed_ends_the_command_in_one_line(
    tool: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert told(capsys, tmp_path, "--from", tool) == (
        2,
        f"record: --from {tool}: expected the program {tool} on the PATH, found none; install the "
        "driver package of the vendor that brings it, or name another source with --from\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_tenant_that_the_environment_does_not_name_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NOBODY", raising=False)
    line = ["record", "--tenant-from-env", "NOBODY", "--resource", "n", "--from", "dcgm"]
    assert main([*line, "--out", "-"]) == 2
    assert capsys.readouterr().err == (
        "trainwatch: record: environment variable NOBODY: expected the tenant_id, got nothing; "
        "set it\n"
    )


def events(folder: Path) -> list[dict[str, object]]:
    text = (folder / "usage.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_pages_with_instants_and_json_of_amd_smi_convert_to_the_same_kind_of_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = '{gpu="0",UUID="GPU-a",modelName="NVIDIA H200"}'
    pages = tmp_path / "pages.prom"
    pages.write_text(
        "".join(
            f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{labels} {500_000 * step} {1772323200000 + at}\n"
            for step, at in enumerate(range(0, 40_000, 10_000))
        ),
        encoding="utf-8",
    )
    assert told(capsys, tmp_path, "--from", "file", "dcgm", "--read", str(pages)) == (0, "")
    (event,) = events(tmp_path)
    assert (event["id"], event["time"]) == (
        "file/n-1/2026-03-01T00:00:00.000Z",
        "2026-03-01T00:00:30.000Z",
    )
    assert event["data"] == {
        "tenant_id": "t-1",
        "resource_id": "n-1",
        "start": "2026-03-01T00:00:00.000Z",
        "end": "2026-03-01T00:00:30.000Z",
        "accelerator": "NVIDIA H200",
        "accelerator_count": 1,
        "telemetry": {"energy_j": 1500.0},
    }


def test_json_of_amd_smi_may_follow_on_itself_as_watching_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readings = [
        [
            {
                "timestamp": 1772323200 + step,
                "gpu": 0,
                "market_name": "AMD Instinct MI300X",
                "power": {"socket_power": {"value": 700, "unit": "W"}},
            }
        ]
        for step in range(3)
    ]
    log = tmp_path / "amd.json"
    log.write_text("\n".join(json.dumps(each) for each in readings), encoding="utf-8")
    assert told(capsys, tmp_path, "--from", "file", "amd-smi", "--read", str(log)) == (0, "")
    (event,) = events(tmp_path)
    data = event["data"]
    assert isinstance(data, dict)
    assert data["telemetry"] == {"power_w": 700.0, "power_w_std": 0.0, "energy_j": 1400.0}


def test_samples_that_go_back_in_time_are_left_out_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "smi.csv"
    rows = [f"2026/03/01 00:00:0{second}.000, 0, GPU-a, NVIDIA H200, 100 W" for second in "0213"]
    log.write_text("\n".join(["timestamp, index, uuid, name, power.draw [W]", *rows]) + "\n")
    assert (
        main([*ASK, str(tmp_path / "u.ndjson"), "--from", "file", "nvidia-smi", "--read", str(log)])
        == 0
    )
    assert "field=sample reason=not_in_order count=1" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "DCGM_FI_DEV_GPU_UTIL 97\n", "\x00\x01\n"])
def test_a_file_of_another_format_is_refused_and_gives_no_event(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "smi.csv"
    path.write_text(text, encoding="utf-8")
    assert told(capsys, tmp_path, "--from", "file", "nvidia-smi", "--read", str(path)) == (
        3,
        f"{path}: expected recorded output with a line that names its columns, got none; "
        "name the format that it holds after --from file, or leave the file out\n",
    )
    assert not (tmp_path / "usage.ndjson").exists()
