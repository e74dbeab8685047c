"""What the store refuses, and that it says what was expected, what came, where, what to do."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import polars as pl
import pytest

from streams.store import NameLimits, Reader, Store, StoreError
from tests.support.store_rows import names


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store.open(path, durable=False)
    return str(caught.value).replace(str(path.parent), "")


@pytest.mark.parametrize("version", [1, 2, 9])
def test_a_store_of_another_version_is_refused_and_not_touched(
    tmp_path: Path, version: int
) -> None:
    path = tmp_path / "store"
    Store.open(path, durable=False).close()
    with sqlite3.connect(path / "store.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = (path / "store.sqlite").read_bytes()
    assert refused(path) == (
        f"/store/store.sqlite: expected store version 5 or 6, came version {version}; run the"
        " trainwatch release that wrote it, or set an empty [store] path and replay; this file"
        " was not touched"
    )
    assert (path / "store.sqlite").read_bytes() == before
    with pytest.raises(StoreError, match=f"expected store version 5 or 6, came version {version}"):
        Reader.open(path)


@pytest.mark.parametrize(("version", "becomes"), [(3, 5), (4, 6)])
def test_a_store_that_kept_no_withdrawals_is_taken_over_while_no_correction_came(
    tmp_path: Path, version: int, becomes: int
) -> None:
    path = tmp_path / "store"
    with Store.open(path, durable=False) as store, store.transaction() as transaction:
        transaction.add_counts({("accepted", "trainwatch.usage.v1"): 7})
    with sqlite3.connect(path / "store.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with Reader.open(path) as reader:  # beside no writer it is read as it is
        assert reader.counts() == {("accepted", "trainwatch.usage.v1"): 7}
    Store.open(path, durable=False).close()
    with sqlite3.connect(path / "store.sqlite") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (becomes,)
    connection.close()


def test_a_store_that_took_corrections_and_kept_no_withdrawals_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store.open(path, durable=False) as store, store.transaction() as transaction:
        transaction.add_counts({("accepted", "trainwatch.usage.correction.v1"): 2})
    with sqlite3.connect(path / "store.sqlite") as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    assert refused(path) == (
        "/store/store.sqlite: expected store version 5 or 6, came version 3 that took 2 corrections"
        " and kept nothing of what they took out; run the trainwatch release that wrote it, or set"
        " an empty [store] path and replay; this file was not touched"
    )


def test_a_sqlite_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.mkdir()
    with sqlite3.connect(path / "store.sqlite") as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    assert refused(path) == (
        "/store/store.sqlite: expected a trainwatch store (application_id 1414680151), came another"
        " program's SQLite file (application_id 0); set another [store] path; this file was not"
        " touched"
    )


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.mkdir()
    (path / "store.sqlite").write_bytes(b"these are my notes, not a database\n" * 100)
    assert refused(path) == (
        "/store/store.sqlite: expected a trainwatch store, came file is not a database"
        " (SQLITE_NOTADB); restore the directory from a backup, or set an empty [store] path and"
        " replay"
    )


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file", encoding="utf-8")
    assert refused(tmp_path / "store") == (
        "/store: expected a directory to write in, came File exists; give this user the right to"
        " write there, or set another [store] path"
    )


def test_a_second_writer_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    first = Store.open(tmp_path / "store", durable=False)
    message = refused(tmp_path / "store")
    first.close()
    assert "/store/lock: expected to be the only writer, came a writer that is running" in message
    assert message.endswith("stop it, or set another [store] path")
    Store.open(tmp_path / "store", durable=False).close()


def test_a_reader_refuses_a_directory_without_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected a store .a file store.sqlite., came no such"):
        Reader.open(tmp_path)


def test_a_damaged_run_of_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store"
    limits = NameLimits(recent=1, slice_rows=4, fan_in=8)
    with Store.open(path, durable=False, limits=limits) as store:
        for number in range(2):
            with store.transaction() as transaction:
                transaction.claim_names(names([(number, 1, 1)]))
    run = path / "names" / "000000000001.names"
    whole = run.read_bytes()
    run.write_bytes(whole[:-8])
    assert "expected a whole run of names" in refused(path)
    run.write_bytes(whole[:8])
    assert "expected at least 4096 bytes, came 8 bytes" in refused(path)
    run.unlink()
    assert "came No such file or directory" in refused(path)


@pytest.mark.parametrize(
    "damage",
    [
        "substr(body, 1, length(body) - 40)",
        "CAST(substr(body, 1, length(body) / 2) || x'00ff00ff00ff00ff' || "
        "substr(body, length(body) / 2 + 9) AS BLOB)",
        "x''",
    ],
    ids=["cut short", "bytes within", "empty"],
)
def test_a_damaged_segment_is_told_with_what_to_do(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "store"
    with Store.open(path, durable=False) as store, store.transaction() as transaction:
        transaction.append_segment("usage", {"frame": pl.DataFrame({"a": range(1000)})})
    with sqlite3.connect(path / "store.sqlite") as database:
        database.execute(f"UPDATE segment_part SET body = {damage}")
    database.close()
    with Reader.open(path) as reader, pytest.raises(StoreError) as caught:
        list(reader.segments("usage"))
    told = str(caught.value)
    assert "store.sqlite: expected a segment as it was written, came " in told
    assert told.endswith(
        "; restore the directory from a backup, or set an empty [store] path and replay"
    )


def test_more_published_than_stored_means_that_the_store_is_an_old_copy(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "store", durable=False) as store,
        pytest.raises(StoreError, match="this store is older than what was published from it"),
    ):
        store.mark_published(1)


def test_a_write_after_the_transaction_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False) as store:
        with store.transaction() as transaction:
            transaction.put_offsets({"a/0": 1})
        with pytest.raises(RuntimeError, match="came one after"):
            transaction.put_offsets({"a/0": 2})
        with (
            store.transaction(),
            pytest.raises(RuntimeError, match="came a second one"),
            store.transaction(),
        ):
            pass


def test_frames_of_another_shape_are_refused(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path / "store", durable=False) as store,
        store.transaction() as transaction,
    ):
        with pytest.raises(AssertionError, match="expected claimed names as"):
            transaction.claim_names(pl.DataFrame({"kind": [0]}))
        with pytest.raises(AssertionError, match="expected records as"):
            transaction.put_records(pl.DataFrame({"type": ["x"]}))
        with pytest.raises(AssertionError, match="expected name_hi as UInt64 without nulls"):
            transaction.claim_names(
                names([(1, 1, 1)]).with_columns(name_hi=pl.lit(None, pl.UInt64))
            )


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    path = tmp_path / "store"
    limits = NameLimits(recent=1, slice_rows=4, fan_in=8)
    with Store.open(path, durable=False, limits=limits) as store:
        for number in range(2):
            with store.transaction() as transaction:
                transaction.claim_names(names([(number, 1, 1)]))
        modes = {file.name: stat.filemode(file.stat().st_mode) for file in (path, *path.rglob("*"))}
    assert modes == {
        "store": "drwx------",
        "names": "drwx------",
        "000000000001.names": "-rw-------",
        "lock": "-rw-------",
        "store.sqlite": "-rw-------",
        "store.sqlite-shm": "-rw-------",
        "store.sqlite-wal": "-rw-------",
    }
