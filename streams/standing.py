"""Everything a store holds, judged at its own last instant: totals and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, Final, cast

import polars as pl

from detector.assess import Moment, State, assess_whole
from detector.linkage import Marks
from detector.meaning import Meaning
from detector.rules import Finding
from detector.watching import Watched
from detector.whole import Part, Whole, together
from features.accumulate import Usage, empty, merge
from features.activity import CORRECTED, Activity, add_activity, silence
from features.completeness import Metered
from features.compute import cold_bucket
from streams.dealt import dealt
from streams.heap import give_back
from streams.shards import SHARD_ROWS, shards
from streams.store import Frames, Place, Reader, Scratch
from streams.watch import Registry

STATE: Final = "usage"
#: Who sent usage and when, beside the state and in the same commits.
ACTIVITY: Final = "activity"
#: What corrections took out of the usage, beside it: both together are the usage as first told.
WITHDRAWN: Final = "withdrawn"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


def frames_of(usage: Usage) -> Frames:
    """Give usage as the frames of a segment."""
    return {"strands": usage.strands, "coverage": usage.coverage, "telemetry": usage.telemetry}


def usage_of(frames: Frames) -> Usage:
    """Give the usage that lies in a segment."""
    return Usage(frames["strands"], frames["coverage"], frames["telemetry"])


def activity_frames(told: Activity) -> Frames:
    """Give activity as the frames of a segment."""
    return {"heard": told.heard, "spoken": told.spoken, "corrected": told.corrected}


def activity_of(frames: Frames) -> Activity:
    """Give the activity in a segment; one written before corrections were kept had seen none."""
    corrected = frames.get("corrected", CORRECTED.to_frame())
    return Activity(frames["heard"], frames["spoken"], corrected)


def usages(store: Reader, kind: str = STATE) -> Iterator[Usage]:
    """Give the stored state, segment by segment; its sum is the state."""
    return (usage_of(segment.frames) for segment in store.segments(kind))


def holdings(store: Reader) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give strands and coverage of the stored state, segment by segment."""
    for segment in store.segments(STATE, ("strands", "coverage")):
        yield segment.frames["strands"], segment.frames["coverage"]


def stored_activity(store: Reader) -> Activity:
    """Give who sent usage and when, over everything that is stored."""
    parts = [activity_of(segment.frames) for segment in store.segments(ACTIVITY)]
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
        held = (merge([empty(), *usages(store, kind)], hour, cold) for kind in (STATE, WITHDRAWN))
        part = assess_whole(State(*held), hour, moment, parties, meaning)
        return together([part], stored_activity(store), moment.as_of, parties, meaning)
    tenants = shards(chain(usages(store), usages(store, WITHDRAWN)), records, rows_max)
    with store.scratch() as scratch:
        kept = []
        states = [dealt(partial(_frames, store, k), tenants, scratch) for k in (STATE, WITHDRAWN)]
        for own, *pieces in zip(tenants, *states, strict=True):
            state = State(*(merge([empty(), *each], hour, cold) for each in pieces))
            part = assess_whole(state, hour, moment, parties.of(own), meaning)
            kept.append(_Kept(part, scratch))
            give_back()
            beat()
        return together(kept, stored_activity(store), moment.as_of, parties, meaning)


def _frames(store: Reader, kind: str, name: str) -> Iterator[pl.DataFrame]:
    return (segment.frames[name] for segment in store.segments(kind, (name,)))


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
    def withdrawn(self) -> pl.DataFrame:
        return self._scratch.get(self._part.withdrawn)

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
