"""Events through codec, intake and state in memory, with the store's own rules for names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from features.accumulate import Usage, empty, merge
from features.compute import moments
from features.identity import DEDUP_HORIZON
from features.pipeline import Described, describe
from features.schema import NAMES
from streams.intake import Arrival, Outcome, take
from tests.support.codec_events import decoded_events
from tests.support.usage_rows import BEGIN, at, no_segments, small_catalogue

WALL = BEGIN + timedelta(days=4000)
HORIZON_MS = int(DEDUP_HORIZON.total_seconds() * 1000)
Name = tuple[int, int, int]


def stamp(milliseconds: int) -> str:
    """Write an instant, so many milliseconds after the tests' epoch, as events carry it."""
    return at(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usage_data(start_ms: int, end_ms: int, **fields: Any) -> dict[str, Any]:
    """Give the data of a usage event on one H100 of tenant t and resource r."""
    base = {"tenant_id": "t", "resource_id": "r", "accelerator": "H100", "accelerator_count": 1}
    return {**base, "start": stamp(start_ms), "end": stamp(end_ms), **fields}


def event(name: str, data: Mapping[str, Any], time_ms: int) -> dict[str, Any]:
    """Wrap usage data in an envelope, emitted at ``time_ms``."""
    return {
        "specversion": "1.0",
        "id": name,
        "source": "meter",
        "type": "trainwatch.usage.v1",
        "time": stamp(time_ms),
        "data": dict(data),
    }


def correction(
    name: str, of: str, original: Mapping[str, Any], replacement: object, time_ms: int
) -> dict[str, Any]:
    """Give a correction of the event named ``of``; ``replacement`` None voids it."""
    data = {"original_id": of, "original": dict(original), "replacement": replacement}
    envelope = event(name, data, time_ms)
    return {**envelope, "type": "trainwatch.usage.correction.v1"}


class MemoryLine:
    """What a store and the intake make of events, batch by batch."""

    def __init__(self, *, follows_events: bool = True, wall_at: datetime = WALL) -> None:
        self._follows_events = follows_events
        self.wall_at = wall_at
        self.knowledge_at: datetime | None = None
        self.counts: Counter[tuple[str, str]] = Counter()
        self.refusals: list[tuple[str, str]] = []
        self.records: list[tuple[int, str]] = []
        self._names: dict[Name, tuple[int, datetime]] = {}
        self._parts: list[Usage] = [empty()]
        self._withdrawn: list[Usage] = [empty()]

    def feed(self, events: Sequence[object], as_of: datetime | None = None) -> Outcome:
        """Take one batch in, as the service does."""
        known = (self.knowledge_at, self.wall_at, self._follows_events, as_of)
        outcome = take(decoded_events(events), Arrival(*known), self._look_up, self._held)
        self.knowledge_at = outcome.knowledge_at
        self._forget()
        for kind, hi, lo, digest, time in outcome.names.iter_rows():
            assert (kind, hi, lo) not in self._names, "a living name was claimed again"
            self._names[kind, hi, lo] = (digest, time)
        names = outcome.names.select("kind", "name_hi", "name_lo")
        assert names.is_unique().all(), "one batch claimed a name twice"
        self._parts.append(outcome.delta)
        self._withdrawn.append(outcome.withdrawn)
        self.counts.update(outcome.counts)
        self.refusals += [(rejected.reason, rejected.detail) for rejected in outcome.rejected]
        self.records += list(outcome.records.select("hour", "type").iter_rows())
        return outcome

    def outcomes(self) -> dict[str, int]:
        """Give how many events came to what."""
        return {name: n for (group, name), n in self.counts.items() if group == "events"}

    @property
    def usage(self) -> Usage:
        """The whole state."""
        return merge(self._parts, 10**6)

    @property
    def first_told(self) -> Usage:
        """The whole state with what corrections withdrew: as if none had come."""
        return merge([*self._parts, *self._withdrawn], 10**6)

    def described(self, segments: pl.DataFrame | None = None) -> Described:
        """Describe everything as known at the end, in hours."""
        hour = int(BEGIN.timestamp()) // 3600 + 24 * 20
        held = no_segments() if segments is None else segments
        return describe(self.usage, small_catalogue(), held, moments({hour: hour}))

    def device_ms(self) -> dict[str, int]:
        """Give covered device milliseconds by tenant: a count by hand, instant by instant."""
        lines: dict[tuple[str, str, int], Counter[int]] = {}
        for part in self._parts:
            rows = part.coverage.join(part.strands, on="strand", how="left")
            columns = ("tenant_id", "resource_id", "devices", "at_ms", "delta")
            for tenant, resource, devices, at_ms, delta in rows.select(columns).iter_rows():
                lines.setdefault((tenant, resource, devices), Counter())[at_ms] += delta
        total: Counter[str] = Counter()
        for tenant, resource in {line[:2] for line in lines}:
            mine = {n: edges for (t, r, n), edges in lines.items() if (t, r) == (tenant, resource)}
            total[tenant] += _covered(mine)
        return dict(+total)

    def _held(self) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        return [(part.strands, part.coverage) for part in self._parts]

    def _look_up(self, asked: pl.DataFrame) -> pl.DataFrame:
        found = [
            (*name, *self._names[name])
            for name in asked.select("kind", "name_hi", "name_lo").iter_rows()
            if name in self._names
        ]
        return pl.DataFrame(found, NAMES, orient="row")

    def _forget(self) -> None:
        if self.knowledge_at is not None:
            before = self.knowledge_at - DEDUP_HORIZON
            self._names = {n: held for n, held in self._names.items() if held[1] >= before}


def _covered(lines: Mapping[int, Counter[int]]) -> int:
    """Integrate the largest device count that covers each instant."""
    instants = sorted({at_ms for edges in lines.values() for at_ms in edges})
    total = 0
    for start, end in pairwise(instants):
        counts = (
            devices
            for devices, edges in lines.items()
            if sum(delta for at_ms, delta in edges.items() if at_ms <= start) > 0
        )
        total += max(counts, default=0) * (end - start)
    return total
