"""The state dealt out to parts: each has its own, all of it, and nothing else."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from features.accumulate import Usage, accumulate, empty, merge, restrict
from streams.dealt import dealt
from streams.shards import shards
from streams.store import Place, Scratch, StoreError
from tests.support.usage_rows import usage_frame, usage_row

HOUR = 3_600_000


def segment(*metered: tuple[str, str, int]) -> Usage:
    """Usage of (tenant, resource, hour)."""
    rows = [
        usage_row(n * HOUR, (n + 1) * HOUR, tenant_id=tenant, resource_id=resource)
        for tenant, resource, n in metered
    ]
    return accumulate(usage_frame(rows))


SEGMENTS = (
    segment(("a", "r-1", 0), ("b", "r-2", 0), ("c", "r-3", 0)),
    segment(("c", "r-3", 1), ("a", "r-1", 1), ("a", "r-4", 1)),
)


def frames(name: str) -> Iterator[pl.DataFrame]:
    return (getattr(each, name) for each in SEGMENTS)


def test_each_part_gets_what_its_tenants_have_of_every_segment(tmp_path: Path) -> None:
    parts = [frozenset("a"), frozenset("bc")]
    with Scratch(tmp_path) as scratch:
        found = [merge([empty(), *pieces]) for pieces in dealt(frames, parts, scratch)]
    wanted = [merge([empty(), *(restrict(each, part) for each in SEGMENTS)]) for part in parts]
    for one, other in zip(found, wanted, strict=True):
        assert one.strands.equals(other.strands)
        assert one.coverage.equals(other.coverage)
        assert one.telemetry.equals(other.telemetry)
    assert list(tmp_path.iterdir()) == []


def test_tenants_that_share_a_resource_in_different_segments_stay_together() -> None:
    state = [*SEGMENTS, segment(("b", "r-4", 2))]
    records = pl.DataFrame(schema={"type": pl.String, "data": pl.String})
    found = shards(state, records, rows_max=1)
    assert found == [frozenset("ab"), frozenset("c")]


def test_what_one_tenant_meters_in_pieces_counts_by_its_pieces() -> None:
    """One strand each; the gaps of ``a`` are what takes memory."""
    state = [segment(*(("a", "r-1", 2 * n) for n in range(50)), ("b", "r-2", 0), ("c", "r-3", 0))]
    records = pl.DataFrame(schema={"type": pl.String, "data": pl.String})
    found = shards(state, records, rows_max=100)
    assert found == [frozenset("a"), frozenset("bc")]


def test_columns_can_be_read_alone_and_a_frame_as_it_was_put(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["x", "y"], "sum": [2**70, 1]}, schema_overrides={"sum": pl.Int128})
    with Scratch(tmp_path) as scratch:
        scratch.put(frame.head(1))
        place = scratch.put(frame)
        assert scratch.get(place).equals(frame)
        assert scratch.get(place, ["sum"]).equals(frame.select("sum"))


def test_the_file_has_no_name_while_it_is_used_so_a_killed_process_leaves_none(
    tmp_path: Path,
) -> None:
    with Scratch(tmp_path) as scratch:
        scratch.put(pl.DataFrame({"id": ["x"]}))
        assert list(tmp_path.iterdir()) == []


def test_what_the_system_reads_in_several_goes_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"id": list(range(100))})
    some = os.preadv

    def little(file: int, into: list[memoryview], at: int) -> int:
        return some(file, [into[0][:7]], at)

    monkeypatch.setattr(os, "preadv", little)
    with Scratch(tmp_path) as scratch:
        scratch.put(frame.head(3))
        place = scratch.put(frame)
        assert scratch.get(place).equals(frame)


def test_a_file_that_lost_its_end_is_told_in_one_line(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        place = scratch.put(pl.DataFrame({"id": [1]}))
        with pytest.raises(StoreError) as refused:
            scratch.get(Place(place.at, place.size + 1))
    assert str(refused.value) == (
        f"{tmp_path}: expected a disk that can be read and written, came the file is shorter than "
        "what was written to it; check this disk (the system's log tells what failed) and start "
        "again"
    )


def test_beside_a_store_that_cannot_be_written_the_file_lies_in_the_system_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, room = pl.DataFrame({"id": [1]}), tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    with Scratch(tmp_path / "none") as scratch:
        assert scratch.get(scratch.put(frame)).equals(frame)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "neither"))
    with pytest.raises(StoreError, match="expected a directory to write in"):
        Scratch(tmp_path / "none")


def test_a_disk_that_is_full_is_told_in_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Scratch(tmp_path) as scratch:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            with pytest.raises(StoreError) as refused:
                scratch.put(pl.DataFrame({"id": list(range(1000))}))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(refused.value) == (
        f"{tmp_path}: expected space to write, came File too large; free space on this disk (or "
        "raise its quota) and start again"
    )
