"""The output folder belongs to one command at a time, and holds what one command wrote."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from streams.cli import main
from streams.export import OutputError, begin_results, holding


def test_a_folder_is_held_by_one_command_and_let_go_at_its_end(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with holding(out):
        with pytest.raises(OutputError) as refused, holding(out):
            pass
        assert str(refused.value) == (
            f"{out}: expected to be the only command that writes there, came another that is "
            "running; wait for it or choose another --out"
        )
        with holding(tmp_path / "another"):
            assert list(out.iterdir()) == []
    with holding(out):
        pass


def test_a_folder_that_is_made_is_for_this_user_alone_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    for folder, rights in ((tmp_path / "new", 0o700), (shared, 0o755)):
        with holding(folder):
            assert folder.stat().st_mode & 0o777 == rights


def test_what_tells_of_other_events_goes_before_the_first_file_is_written(tmp_path: Path) -> None:
    kept = ["notes.html", "r-notes.md", "totals.csv", "why.ndjson"]
    gone = ["summary.json", "r-0f3a-v1.html", "r-0f3a-v12.html", ".totals.csv.4711"]
    for name in [*kept, *gone]:
        (tmp_path / name).touch()
    begin_results(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == kept


def test_a_folder_that_may_be_written_but_not_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("streams.export.os.open", refuse)  # the superuser may read everything
    with pytest.raises(OutputError) as refused, holding(tmp_path):
        pass
    assert str(refused.value) == (
        f"{tmp_path}: expected a folder that can be read (Permission denied); choose another --out"
    )


def test_a_folder_that_cannot_be_cleared_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "summary.json").mkdir()
    with pytest.raises(OutputError) as refused:
        begin_results(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path}: expected to take away the files of an ear")


@pytest.mark.parametrize(
    ("lacking", "status"), [("none.csv", 2), ("store", 1)], ids=["no catalogue", "no store"]
)
def test_an_export_that_cannot_begin_leaves_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lacking: str, status: int
) -> None:
    config, out = tmp_path / "trainwatch.toml", tmp_path / "out"
    rows = f'[catalogue]\nfiles = ["{tmp_path / lacking}"]\n' if lacking != "store" else ""
    broker = '[kafka]\nbootstrap_servers = ["localhost:9092"]\n'
    config.write_text(f'{broker}[store]\npath = "{tmp_path / "store"}"\n{rows}')
    assert main(["export", "--config", str(config), "--out", str(out)]) == status
    assert capsys.readouterr().err.startswith(f"trainwatch: {tmp_path / lacking}: expected a ")
    assert not out.exists()
