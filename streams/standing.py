"""Everything a store holds, judged at its own last instant: totals and findings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from detector.assess import Moment, Whole, assess_whole, together
from detector.meaning import Meaning
from features.accumulate import Usage, empty, merge, restrict
from features.activity import Activity, add_activity, silence
from features.compute import cold_bucket
from streams.shards import SHARD_STRANDS, shards
from streams.store import Reader
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


def stand(
    store: Reader, meaning: Meaning, now: datetime, strands_max: int = SHARD_STRANDS
) -> Whole:
    """Judge everything, part by part: the rows of totals.csv and the findings."""
    hour, moment = last_moment(store, now)
    cold = cold_bucket(moment.newest_hour)
    records = store.records()
    parties = Registry(records, meaning).parties_at(hour, moment.as_of)
    if sum(s.frames["strands"].height for s in store.segments(STATE, ("strands",))) <= strands_max:
        whole = merge([empty(), *usages(store)], hour, cold)
        part = assess_whole(whole, hour, moment, parties, meaning)
        return together([part], stored_activity(store), moment.as_of, parties, meaning)
    parts = []
    for tenants in shards(holdings(store), records, strands_max):
        state = [restrict(usage, tenants) for usage in usages(store)]
        usage = merge([empty(), *state], hour, cold)
        parts.append(_alone(assess_whole(usage, hour, moment, parties.of(tenants), meaning)))
    return together(parts, stored_activity(store), moment.as_of, parties, meaning)


def _alone(part: Any) -> Any:  # noqa: ANN401 - it gives back what it was given, copied
    """Copy the frames of a value, for a few strings of a large part would keep all of it at hand.

    A frame shares the text of what it was cut from; written and read again it has its own.
    """
    if isinstance(part, pl.DataFrame):
        body = io.BytesIO()
        part.write_ipc(body)
        body.seek(0)
        return pl.read_ipc(body)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return replace(part, **{each.name: _alone(getattr(part, each.name)) for each in fields(part)})
