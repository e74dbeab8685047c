"""A copy of a store: one committed instant, names included, beside a writer that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.cli import main
from streams.export import holding
from streams.store import NameLimits, Reader, Store, StoreError, copy_store
from streams.store.database import Database
from tests.support.store_rows import amounts, found, names, total

TINY = NameLimits(recent=4, slice_rows=4, fan_in=2)


def claim(store: Store, first: int, count: int = 4) -> None:
    with store.transaction() as transaction:
        transaction.claim_names(names((n, n, 7) for n in range(first, first + count)))
        transaction.append_segment("usage", amounts(events=count))
        transaction.add_counts({("events", "read"): count})


def test_a_copy_holds_what_was_committed_and_neither_changes_the_other(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False, limits=TINY) as store:
        for first in range(0, 40, 4):
            claim(store, first)
        copy_store(tmp_path / "store", tmp_path / "copy")
        for first in range(40, 80, 4):  # runs that the copy holds are merged away here
            claim(store, first)
        assert total(store) == {"events": 80}
    assert [p.name for p in sorted((tmp_path / "copy").iterdir())] == ["names", "store.sqlite"]
    for made in (tmp_path / "copy").rglob("*"):
        assert made.stat().st_mode & 0o777 == (0o700 if made.is_dir() else 0o600), made
    with Store.open(tmp_path / "copy", durable=False, limits=TINY) as copied:
        assert total(copied) == {"events": 40}
        asked = [(n, n) for n in range(44)]
        assert found(copied, asked) == dict.fromkeys(range(40), 7)
        claim(copied, 40)
        assert total(copied) == {"events": 44}


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path / "store", durable=False).close()
    out = tmp_path / "copy"
    out.mkdir()
    (out / "store.sqlite").write_bytes(b"another")
    with pytest.raises(StoreError) as refused:
        copy_store(tmp_path / "store", out)
    assert str(refused.value) == (
        f"{out}: expected an empty folder, came one that holds something; choose another --out; "
        "a copy never overwrites"
    )
    assert (out / "store.sqlite").read_bytes() == b"another"


def test_names_that_go_while_they_are_copied_are_tried_again_and_then_told(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False, limits=TINY) as store:
        claim(store, 0)
        claim(store, 4)
    next((tmp_path / "store" / "names").iterdir()).unlink()
    with pytest.raises(StoreError, match="expected to copy the names within 5 attempts"):
        copy_store(tmp_path / "store", tmp_path / "copy")


def test_a_copy_that_fails_leaves_nothing_that_could_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path / "store", durable=False, limits=TINY) as store:
        claim(store, 0)
    out = tmp_path / "copy"
    left: list[str] = []

    def copy_half(_: Database, file: Path) -> None:
        file.write_bytes(b"half")
        left.extend(sorted(path.name for path in out.iterdir()))
        raise StoreError(where=file, expected="space to write", came="none", remedy="free some")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "copy_to", copy_half)
        with pytest.raises(StoreError, match="expected space to write"):
            copy_store(tmp_path / "store", out)
    assert left == ["names", "store.sqlite.partial"]  # what a kill would leave: no store
    assert list(out.iterdir()) == []
    copy_store(tmp_path / "store", out)
    with Reader.open(out) as reader:
        assert reader.counts() == {("events", "read"): 4}


def test_the_command_copies_the_store_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "my.toml"
    config.write_text('[kafka]\nbootstrap_servers = ["b:9092"]\n[store]\npath = "store"\n', "utf-8")
    with Store.open(tmp_path / "store", durable=False) as store:
        claim(store, 0)
    out = tmp_path / "copy"
    assert main(["backup", "--config", str(config), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: a store of 4 events read\n"
    with Reader.open(out) as reader:
        assert reader.counts() == {("events", "read"): 4}


def test_two_commands_do_not_copy_to_one_folder(tmp_path: Path) -> None:
    config = tmp_path / "my.toml"
    config.write_text('[kafka]\nbootstrap_servers = ["b:9092"]\n[store]\npath = "store"\n', "utf-8")
    Store.open(tmp_path / "store", durable=False).close()
    out = tmp_path / "copy"
    with holding(out):
        assert main(["backup", "--config", str(config), "--out", str(out)]) == 1
        assert list(out.iterdir()) == []


def test_a_place_that_cannot_be_written_is_answered_with_another_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parent is a file: so it is told even to a user who may write everywhere."""
    config = tmp_path / "my.toml"
    config.write_text('[kafka]\nbootstrap_servers = ["b:9092"]\n[store]\npath = "store"\n', "utf-8")
    Store.open(tmp_path / "store", durable=False).close()
    out = config / "copy"
    with pytest.raises(StoreError) as caught:
        copy_store(tmp_path / "store", out)
    assert str(caught.value) == (
        f"{out}: expected a directory to write in, came Not a directory; give this user the right "
        "to write there, or choose another --out"
    )
    assert main(["backup", "--config", str(config), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "[store] path" not in told
