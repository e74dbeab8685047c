"""Names are claimed once, found exactly by 128 bits, and forgotten past their horizon."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from features.schema import INSTANT
from streams.store import NameLimits, Store
from tests.support.store_rows import Interrupted, found, minute, names

TINY = NameLimits(recent=8, slice_rows=4, fan_in=2, mapped_bytes=0)


def opened(path: Path) -> Store:
    return Store.open(path / "store", durable=False, limits=TINY)


def claim(store: Store, rows: list[tuple[int, int, int]], kind: int = 0, minutes: int = 0) -> None:
    with store.transaction() as transaction:
        transaction.claim_names(names(rows, kind, minutes))


def test_a_name_is_found_with_its_position_digest_and_time(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        claim(store, [(5, 6, 70), (2**64 - 1, 2**64 - 1, 2**64 - 1)], minutes=3)
        asked = pl.Series([9, 5, 2**64 - 1], dtype=pl.UInt64)
        answer = store.lookup_names(0, asked, pl.Series([6, 6, 2**64 - 1], dtype=pl.UInt64))
    assert answer.schema == {"position": pl.UInt32, "payload_digest": pl.UInt64, "time": INSTANT}
    assert answer.rows() == [(1, 70, minute(3)), (2, 2**64 - 1, minute(3))]


def test_names_that_share_a_half_or_a_kind_are_different_names(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for low in range(20):
            claim(store, [(1, low * 2, low), (low + 2, 1, low)])
        claim(store, [(1, 0, 99)], kind=1)
        asked = [(1, 38), (1, 37), (1, 0), (0, 0), (21, 1), (22, 1)]
        assert found(store, asked) == {0: 19, 2: 0, 4: 19}
        assert found(store, asked, kind=1) == {2: 99}
        assert found(store, asked, kind=2) == {}


def test_names_claimed_earlier_in_the_open_transaction_are_seen(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with store.transaction() as transaction:
            transaction.claim_names(names([(1, 1, 5)]))
            assert found(store, [(1, 1)]) == {0: 5}
            transaction.claim_names(names([(2, 2, 6)]))
            assert found(store, [(1, 1), (2, 2)]) == {0: 5, 1: 6}
        assert found(store, [(1, 1), (2, 2)]) == {0: 5, 1: 6}


@pytest.mark.parametrize("again", [[(1, 1, 5)], [(4, 4, 0), (4, 4, 0)]])
def test_a_name_claimed_twice_stops_the_transaction(
    tmp_path: Path, again: list[tuple[int, int, int]]
) -> None:
    with opened(tmp_path) as store:
        claim(store, [(1, 1, 5)])
        with pytest.raises(AssertionError, match="expected names that nobody claimed before"):
            claim(store, again)
        assert store.size()["names"] == 1


def test_a_name_looked_up_then_claimed_twice_in_one_transaction_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as store, store.transaction() as transaction:
        assert found(store, [(1, 1)]) == {}
        transaction.claim_names(names([(1, 1, 5)]))
        with pytest.raises(AssertionError, match="of kind 0 again"):
            transaction.claim_names(names([(1, 1, 5)]))


def test_claims_of_a_rolled_back_transaction_may_be_made_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        with suppress(Interrupted), store.transaction() as transaction:
            transaction.claim_names(names([(1, 1, 5)]))
            raise Interrupted
        assert found(store, [(1, 1)]) == {}
        claim(store, [(1, 1, 6)])
        assert found(store, [(1, 1)]) == {0: 6}


def test_names_survive_runs_merges_and_reopening(tmp_path: Path) -> None:
    rows = [(number * 7919 % 1009, number, number) for number in range(120)]
    for start in range(0, 120, 30):
        with opened(tmp_path) as store:
            for part in range(start, start + 30, 3):
                claim(store, rows[part : part + 3])
    with opened(tmp_path) as store:
        size = store.size()
        assert found(store, [row[:2] for row in rows]) == dict(enumerate(range(120)))
    assert size["names"] == 120
    assert 0 < size["name_runs"] <= 7  # of the 13 that were written


def test_a_forgotten_name_is_not_found_and_may_be_claimed_again(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        claim(store, [(1, 1, 5)], minutes=0)
        claim(store, [(2, 2, 6)], minutes=10)
        store.forget_names(minute(10))
        store.forget_names(minute(5))
        assert found(store, [(1, 1), (2, 2)]) == {1: 6}
        claim(store, [(1, 1, 7)], minutes=11)
    with opened(tmp_path) as store:
        assert found(store, [(1, 1), (2, 2)]) == {0: 7, 1: 6}


@pytest.mark.parametrize("between", [0, 1, 7, 20])
def test_the_later_claim_of_a_forgotten_name_holds_wherever_the_two_meet(
    tmp_path: Path, between: int
) -> None:
    with opened(tmp_path) as store:
        claim(store, [(1, 1, 5)], minutes=0)
        store.forget_names(minute(10))
        for number in range(between):
            claim(store, [(2, number, 0)], minutes=11)
        claim(store, [(1, 1, 7)], minutes=11)
        for number in range(20):
            claim(store, [(3, number, 0)], minutes=11)
            assert found(store, [(1, 1)]) == {0: 7}


def test_forgetting_is_taken_back_with_its_transaction(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        claim(store, [(1, 1, 5)])
        with suppress(Interrupted), store.transaction() as transaction:
            transaction.forget_names(minute(10))
            assert found(store, [(1, 1)]) == {}
            raise Interrupted
        assert found(store, [(1, 1)]) == {0: 5}


def test_forgotten_names_give_their_room_back(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for number in range(40):
            claim(store, [(number * 31, number, 0)], minutes=number)
        store.forget_names(minute(200))
        for number in range(40, 60):
            claim(store, [(number * 31, number, 0)], minutes=200 + number)
        assert store.size()["names"] <= 30
        files = list((tmp_path / "store" / "names").iterdir())
        assert len(files) <= store.size()["name_runs"] + 1


def test_files_that_no_transaction_registered_are_removed_at_opening(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        claim(store, [(1, 1, 5)])
    folder = tmp_path / "store" / "names"
    (folder / "000000000099.names").write_bytes(b"half a file")
    (folder / "notes.txt").write_text("not ours", encoding="utf-8")
    with opened(tmp_path) as store:
        assert found(store, [(1, 1)]) == {0: 5}
    assert [file.name for file in folder.iterdir()] == ["notes.txt"]
