"""Options may stand anywhere on the command line, before or after what they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.cli import main


@pytest.mark.parametrize(
    "line",
    [
        "explain t-1 --scope tenant {}",
        "explain --scope tenant t-1 {}",
        "explain t-1 {} --scope tenant",
        "replay --out out {} --jobs 1 second.ndjson",
        "screen A --screening {} B",
    ],
)
def test_an_option_between_its_paths_is_taken(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first path is not there: status 3 says that the command line was understood."""
    monkeypatch.chdir(tmp_path)
    assert main(line.format("none.csv" if "screen" in line else "none.ndjson").split()) == 3
    assert "none." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("replay a.ndjson", "replay: the following arguments are required: --out"),
        ("replay --out out", "replay: the following arguments are required: PATH"),
        ("explain t-1 --scope tenant --bogus a", "unrecognized arguments: --bogus"),
        ("explain t-1 a.ndjson --scope planet", "explain: argument --scope: invalid choice"),
        ("catalogue", "catalogue: the following arguments are required: ACTION"),
        (
            "record --tenant t --resource r --out -",
            "record: the following arguments are required: --from",
        ),
        (
            "record --tenant t --resource r --from dcgm",
            "record: one of the arguments --out --kafka is required",
        ),
        (
            "record --tenant t --tenant-from-env T --resource r --from dcgm --out -",
            "record: argument --tenant-from-env: not allowed with argument --tenant",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_still_one_line_with_status_2(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"trainwatch: {told}")
    assert complaint.count("\n") == 1


def test_an_error_moves_no_cursor_and_turns_no_line_around(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check-bods", "no\x1b[31m\u202e\n.json"]) == 3
    assert capsys.readouterr().err == (
        "trainwatch: no�[31m� .json: expected a file or folder, found none; check the path\n"
    )


def test_after_two_dashes_everything_is_a_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["catalogue", "explain", "--", "--no-such-card"]) == 0
    assert capsys.readouterr().out.startswith("--no-such-card: ")
