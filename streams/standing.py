"""Everything a store holds, judged at its own last instant: totals and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import polars as pl

from detector.assess import Moment, assess_whole
from detector.linkage import Marks
from detector.meaning import Meaning
from detector.rules import Finding
from detector.watching import Watched
from detector.whole import Part, Whole, together
from features.accumulate import Usage, empty, merge
from features.activity import Activity, add_activity, silence
from features.completeness import Metered
from features.compute import cold_bucket
from streams.dealt import dealt
from streams.heap import give_back
from streams.shards import SHARD_ROWS, shards
from streams.store import Place, Reader, Scratch
from streams.watch import Registry

STATE: Final = "usage"
#: Who sent usage and when, beside the state and in the same commits.
ACTIVITY: Final = "activity"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


def usages(store: Reader) -> Iterator[Usage]:
    """Give the stored state, segment by segment; its sum is the state."""
    for segment in store.segments(STATE):
        frames = segment.frames
        yield Usage(frames["strands"], frames["coverage"], frames["telemetry"])


def holdings(store: Reader) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give strands and coverage of the stored state, segment by segment."""
    for segment in store.segments(STATE, ("strands", "coverage")):
        yield segment.frames["strands"], segment.frames["coverage"]


def stored_activity(store: Reader) -> Activity:
    """Give who sent usage and when, over everything that is stored."""
    parts = [Activity(s.frames["heard"], s.frames["spoken"]) for s in store.segments(ACTIVITY)]
    return add_activity([silence(), *parts])


def hour_of(instant: datetime) -> int:
    """Give the whole hour since the epoch that an instant lies in."""
    return (instant - _EPOCH) // _HOUR


def stored_instant(store: Reader, key: str) -> datetime | None:
    """Read an instant that the service keeps as a small fact."""
    value = store.value(key)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def last_moment(store: Reader, now: datetime) -> tuple[int, Moment]:
    """Give the hour and moment at which everything stored is known.

    ``now`` serves a store that has never seen an event.
    """
    known = stored_instant(store, "knowledge_at") or now
    newest = stored_instant(store, "newest_at") or known
    return hour_of(known) + 1, Moment(known, hour_of(newest))


def _unheard() -> None:
    """Nobody waits."""


def stand(
    store: Reader,
    meaning: Meaning,
    now: datetime,
    rows_max: int = SHARD_ROWS,
    beat: Callable[[], None] = _unheard,
) -> Whole:
    """Judge everything, part by part, with a ``beat`` after each: totals.csv and the findings."""
    hour, moment = last_moment(store, now)
    cold = cold_bucket(moment.newest_hour)
    records = store.records()
    parties = Registry(records, meaning).parties_at(hour, moment.as_of)
    if sum(segment.rows for segment in store.segments(STATE, ("strands",))) <= rows_max:
        whole = merge([empty(), *usages(store)], hour, cold)
        part = assess_whole(whole, hour, moment, parties, meaning)
        return together([part], stored_activity(store), moment.as_of, parties, meaning)
    tenants = shards(usages(store), records, rows_max)
    with store.scratch() as scratch:
        kept = []
        states = dealt(partial(_frames, store), tenants, scratch)
        for own, pieces in zip(tenants, states, strict=True):
            usage = merge([empty(), *pieces], hour, cold)
            part = assess_whole(usage, hour, moment, parties.of(own), meaning)
            kept.append(_Kept(part, scratch))
            give_back()
            beat()
        return together(kept, stored_activity(store), moment.as_of, parties, meaning)


def _frames(store: Reader, name: str) -> Iterator[pl.DataFrame]:
    return (segment.frames[name] for segment in store.segments(STATE, (name,)))


class _Kept:
    """A part that was judged, on disk but for its findings; what is asked for is read again.

    A frame shares the text of what it was cut from, so a few rows of a large part would keep all
    of it at hand. What was written and read again has text of its own.
    """

    def __init__(self, part: Part, scratch: Scratch) -> None:
        self.findings: tuple[Finding, ...] = part.findings
        self._part = _each_frame(part, scratch.put)
        self._scratch = scratch

    @property
    def sums(self) -> pl.DataFrame:
        return self._scratch.get(self._part.sums)

    @property
    def marks(self) -> Marks:
        return cast(Marks, _each_frame(self._part.marks, self._scratch.get))

    @property
    def metered(self) -> Metered:
        return cast(Metered, _each_frame(self._part.metered, self._scratch.get))

    @property
    def watched(self) -> Watched:
        return cast(Watched, _each_frame(self._part.watched, self._scratch.get))

    def rows(self, columns: Sequence[str]) -> pl.DataFrame:
        return self._scratch.get(self._part.totals, columns)


def _each_frame(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - it gives back what it was given, changed
    """Put another thing in the place of every frame of a value: where it lies, and back."""
    if isinstance(value, (pl.DataFrame, Place)):
        return change(value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    told = {each.name: _each_frame(getattr(value, each.name), change) for each in fields(value)}
    return replace(value, **told)
