"""One transaction holds everything or nothing; what is read back is what was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from streams.ports import Document
from streams.store import Reader, Store
from tests.support.store_rows import Interrupted, amounts, found, names, records, total

TENANT = "trainwatch.tenant.v1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store", durable=False) as opened:
        yield opened


def fill(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.append_segment("usage", amounts(a=2**100, b=-1))
        transaction.claim_names(names([(1, 2, 3)]))
        transaction.put_records(records([(1, "s", "1", "{}")], TENANT))
        transaction.put_documents("report", [("r1", b"one"), ("r2", b"two")])
        transaction.put_offsets({"usage/0": 10})
        transaction.add_counts({("events", "accepted"): 5})
        transaction.put_value("as_of", {"hour": 7})
        transaction.put_reported("r1", b"facts")


def content(store: Store) -> dict[str, object]:
    return {
        "state": total(store),
        "names": found(store, [(1, 2)]),
        "records": store.records()["id"].to_list(),
        "documents": store.documents(0, 10),
        "offsets": store.offsets(),
        "counts": store.counts(),
        "value": store.value("as_of"),
        "reported": store.reported(),
    }


FILLED = {
    "state": {"a": 2**100, "b": -1},
    "names": {0: 3},
    "records": ["1"],
    "documents": [Document(1, "report", "r1", b"one"), Document(2, "report", "r2", b"two")],
    "offsets": {"usage/0": 10},
    "counts": {("events", "accepted"): 5},
    "value": {"hour": 7},
    "reported": {"r1": b"facts"},
}
EMPTY: dict[str, object] = {
    "state": {},
    "names": {},
    "records": [],
    "documents": [],
    "offsets": {},
    "counts": {},
    "value": None,
    "reported": {},
}


def test_a_transaction_is_there_after_reopening(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False) as store:
        fill(store)
    with Store.open(tmp_path / "store") as store:
        assert content(store) == FILLED


def test_an_exception_leaves_nothing_of_its_transaction(store: Store) -> None:
    with suppress(Interrupted), store.transaction() as transaction:
        transaction.append_segment("usage", amounts(a=1))
        transaction.claim_names(names([(1, 2, 3)]))
        transaction.put_documents("report", [("r1", b"one")])
        transaction.put_offsets({"usage/0": 1})
        raise Interrupted
    assert content(store) == EMPTY


def test_the_outbox_has_no_gap_where_a_transaction_failed(store: Store) -> None:
    fill(store)
    with suppress(Interrupted), store.transaction() as transaction:
        transaction.put_documents("finding", [("lost", b"")])
        raise Interrupted
    with store.transaction() as transaction:
        assert transaction.put_documents("finding", [("f1", b"x")]) == [3]
        assert transaction.put_documents("report", [("r3", b"y")]) == [4]
        assert transaction.put_documents("report", []) == []
    assert store.documents(1, 2) == [
        Document(2, "report", "r2", b"two"),
        Document(3, "finding", "f1", b"x"),
    ]
    assert [document.key for document in store.documents_of("report")] == ["r1", "r2", "r3"]
    assert [document.key for document in store.newest_of("report", 2)] == ["r2", "r3"]
    assert [document.key for document in store.newest_of("report", 9)] == ["r1", "r2", "r3"]
    assert store.last_sequence() == 4


def test_documents_of_a_kind_come_whole_when_they_fill_several_pages(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put_documents("finding", [(str(number), b"") for number in range(2500)])
    assert [found.sequence for found in store.documents_of("finding")] == list(range(1, 2501))


def test_what_is_published_never_goes_back(store: Store) -> None:
    fill(store)
    assert store.published_sequence() == 0
    store.mark_published(2)
    store.mark_published(1)
    assert store.published_sequence() == 2


def test_counters_add_up_and_offsets_and_values_are_replaced(store: Store) -> None:
    fill(store)
    with store.transaction() as transaction:
        transaction.add_counts({("events", "accepted"): 2, ("reason", "bad_time"): 1})
        transaction.put_offsets({"usage/1": 4})
        transaction.put_value("as_of", [1, "é", None])
        transaction.put_reported("r1", b"later")
    assert store.counts() == {("events", "accepted"): 7, ("reason", "bad_time"): 1}
    assert store.offsets() == {"usage/0": 10, "usage/1": 4}
    assert store.value("as_of") == [1, "é", None]
    assert store.reported() == {"r1": b"later"}


def test_records_come_by_time_source_and_id_however_they_were_put(store: Store) -> None:
    for row in ((2, "a", "1", "x"), (1, "b", "2", "y"), (1, "a", "9", "z"), (1, "a", "3", "w")):
        with store.transaction() as transaction:
            transaction.put_records(records([row], TENANT))
            transaction.put_records(records([(0, "c", row[2], "{}")], "trainwatch.bods.v1"))
    assert store.records(TENANT)["data"].to_list() == ["w", "z", "y", "x"]
    assert store.records()["source"].to_list() == [*("c",) * 4, "a", "a", "b", "a"]
    assert store.records("trainwatch.access.v1").is_empty()


def test_many_small_records_are_kept_in_few_segments(store: Store) -> None:
    for number in range(100):
        with store.transaction() as transaction:
            transaction.put_records(records([(number, "s", str(number), "{}")], TENANT))
    assert store.size()["segments"] < 17
    assert store.records(TENANT)["id"].to_list() == [str(number) for number in range(100)]


def test_a_reader_sees_one_committed_instant_beside_the_writer(
    store: Store, tmp_path: Path
) -> None:
    fill(store)
    with Reader.open(tmp_path / "store") as reader:
        with store.transaction() as transaction:
            transaction.put_documents("report", [("r3", b"three")])
        assert reader.last_sequence() == 2
        assert [segment.rows for segment in reader.segments("usage")] == [2]
    assert store.last_sequence() == 3


def test_the_size_counts_what_is_stored(store: Store) -> None:
    fill(store)
    size = store.size()
    assert size.pop("bytes") > 0
    assert size == {
        "segments": 2,
        "segment_rows": 3,
        "names": 1,
        "name_runs": 0,
        "name_run_bytes": 0,
        "documents": 2,
    }
