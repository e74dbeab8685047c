"""State segments are opaque: appended, read back whole, merged by the caller's sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest

from streams.store import BRANCHES, Frames, Reader, Store, frames
from tests.support.store_rows import add, amounts, total


def appended(store: Store, count: int, kind: str = "usage") -> None:
    for number in range(count):
        with store.transaction() as transaction:
            transaction.append_segment(kind, amounts(a=1, **{f"k{number}": number}))


def expected(count: int) -> dict[str, int]:
    return {"a": count, **{f"k{number}": number for number in range(count)}}


def test_every_frame_of_a_segment_comes_back_with_its_types(tmp_path: Path) -> None:
    sent = {
        "strands": pl.DataFrame({"strand": [1]}, schema={"strand": pl.UInt32}),
        "coverage": pl.DataFrame({"delta": []}, schema={"delta": pl.Int64}),
        "telemetry": pl.DataFrame({"sum": [-(2**120), None]}, schema={"sum": pl.Int128}),
    }
    with Store.open(tmp_path / "store", durable=False) as store:
        with store.transaction() as transaction:
            transaction.append_segment("usage", sent)
        segments = list(store.segments("usage"))
    assert [(segment.kind, segment.rows) for segment in segments] == [("usage", 3)]
    assert segments[0].frames.keys() == sent.keys()
    assert all(segments[0].frames[name].equals(frame) for name, frame in sent.items())
    assert [frame.schema for frame in segments[0].frames.values()] == [
        sent[name].schema for name in segments[0].frames
    ]


def test_a_segment_without_rows_is_not_written(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False) as store:
        with store.transaction() as transaction:
            transaction.append_segment("usage", amounts())
        assert list(store.segments("usage")) == []


def test_large_frames_are_kept_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "PART_BYTES", 1000)
    sent = {"amounts": pl.DataFrame({"n": range(5000)})}
    with Store.open(tmp_path / "store", durable=False) as store:
        with store.transaction() as transaction:
            transaction.append_segment("usage", sent)
        (segment,) = store.segments("usage")
    assert segment.frames["amounts"].equals(sent["amounts"])


def test_eight_segments_of_a_tier_become_one_and_the_sum_stays(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False) as store:
        appended(store, 7)
        assert not store.compact("usage", add)
        appended(store, 8, kind="other")
        appended(store, 1)
        before = total(store)
        assert store.compact("usage", add)
        assert total(store) == before
        assert len(list(store.segments("usage"))) == 1
        assert len(list(store.segments("other"))) == 8


def test_larger_segments_wait_in_a_tier_of_their_own(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store", durable=False) as store:
        large = {"amounts": pl.DataFrame({"n": range(80_000)})}
        with store.transaction() as transaction:
            transaction.append_segment("usage", large)
        appended(store, 7)
        assert not store.compact("usage", add)


def by_key(part: Frames, depth: int) -> Iterator[Frames]:
    """Deal out by the digits of the keys, another digit each time."""
    rows = part["amounts"]
    digit = rows["key"].str.slice(1 + depth, 1).str.to_integer(strict=False).fill_null(0) % 8
    for number in range(BRANCHES):
        yield {"amounts": rows.filter(digit == number)}


def test_large_segments_are_dealt_out_by_key_so_that_no_merge_holds_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LOWEST_TIER_ROWS", 1)  # tiers of 1, 8, 64 rows
    held: list[int] = []

    def watched(parts: Sequence[Frames]) -> Frames:
        held.append(sum(part["amounts"].height for part in parts))
        return add(parts)

    with Store.open(tmp_path / "store", durable=False) as store:
        for number in range(60):
            kept = {f"k{digit:03d}": 1 for digit in range(70)}
            with store.transaction() as transaction:
                transaction.append_segment("usage", amounts(**kept, **{f"k{900 + number}": 1}))
            while store.compact("usage", watched, by_key):
                pass
        assert total(store)["k000"] == 60
        assert sum(total(store).values()) == 60 * 71
        kinds = store._database.rows("SELECT DISTINCT kind FROM segment ORDER BY kind")
        assert ("state/usage#0",) in kinds
        assert max(held) < 8 * 64
    with Reader.open(tmp_path / "store") as reader:  # also beside no writer
        assert sum(s.frames["amounts"]["amount"].sum() for s in reader.segments("usage")) == 4260


def test_a_store_with_branches_is_of_a_version_that_an_older_program_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LOWEST_TIER_ROWS", 1)
    found = []
    with Store.open(tmp_path / "store", durable=False) as store:
        for _ in range(8):
            with store.transaction() as transaction:
                transaction.append_segment("usage", amounts(**{f"k{n:03d}": 1 for n in range(64)}))
            found.append(store._database.integer("PRAGMA user_version"))
        assert store.compact("usage", add, by_key)
        found.append(store._database.integer("PRAGMA user_version"))
    assert found == [5] * 8 + [6]
    Store.open(tmp_path / "store", durable=False).close()


def test_a_merge_that_leaves_nothing_takes_its_segments_away(tmp_path: Path) -> None:
    def nothing(_: Sequence[Frames]) -> Frames:
        return amounts()

    with Store.open(tmp_path / "store", durable=False) as store:
        appended(store, 8)
        assert store.compact("usage", nothing)
        assert list(store.segments("usage")) == []


def test_a_merge_that_fails_changes_nothing(tmp_path: Path) -> None:
    def failing(_: Sequence[Frames]) -> Frames:
        raise ZeroDivisionError

    with Store.open(tmp_path / "store", durable=False) as store:
        appended(store, 16)
        with pytest.raises(ZeroDivisionError):
            store.compact("usage", failing)
        assert total(store) == expected(16)
