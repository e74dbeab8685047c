"""The state dealt out to parts: each has its own, all of it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from features.accumulate import Usage, accumulate, empty, merge, restrict
from streams.dealt import dealt
from streams.shards import shards
from streams.store import Scratch
from tests.usage_rows import usage_frame, usage_row

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
    found = shards([(each.strands, each.coverage) for each in state], records, strands_max=1)
    assert found == [frozenset("ab"), frozenset("c")]


def test_columns_can_be_read_alone_and_a_frame_as_it_was_put(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["x", "y"], "sum": [2**70, 1]}, schema_overrides={"sum": pl.Int128})
    with Scratch(tmp_path) as scratch:
        scratch.put(frame.head(1))
        place = scratch.put(frame)
        assert scratch.get(place).equals(frame)
        assert scratch.get(place, ["sum"]).equals(frame.select("sum"))
