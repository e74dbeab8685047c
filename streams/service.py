"""The loop over ports: decode, take in, judge, commit; then publish what is committed.

It knows no adapter. Everything a batch changes is committed in one transaction of the store:
state, names, records, offsets, documents and counters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from time import perf_counter

import polars as pl

from detector.assess import Moment
from detector.completeness import silent_counts, unseen_hours
from detector.documents import json_line
from detector.meaning import Meaning
from detector.rules import Finding
from detector.versions import Reported, Version
from detector.watching import agreement, drifted
from detector.whole import Whole
from features.accumulate import Usage, add, branches, empty, merge, restrict
from features.activity import add_activity
from features.compute import cold_bucket
from features.identity import DEDUP_HORIZON, Claim
from features.schema import NAMES
from streams.codec import Shapes, decode
from streams.dead_letters import dead_letters
from streams.health import Pulse
from streams.heap import give_back
from streams.intake import Arrival, Outcome, take
from streams.metrics import Metrics
from streams.ports import Batch, Clock, Decoded
from streams.reported import digest_of, read_reported, write_reported
from streams.standing import (
    ACTIVITY,
    STATE,
    WITHDRAWN,
    activity_frames,
    activity_of,
    frames_of,
    holdings,
    hour_of,
    last_moment,
    stand,
    stored_instant,
    usage_of,
    usages,
)
from streams.store import BRANCHES, Frames, Store, Transaction
from streams.watch import Registry, Watch

Listener = Callable[[Version], None]


def _unheard(_: Version) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Options:
    """How knowledge moves, and from when on events are skipped (a replay's ``--as-of``)."""

    follows_events: bool
    as_of: datetime | None = None


def _merge_activity(parts: Sequence[Frames]) -> Frames:
    return activity_frames(add_activity([activity_of(part) for part in parts]))


def _deal_segment(part: Frames, depth: int) -> Iterator[Frames]:
    yield from map(frames_of, branches(usage_of(part), BRANCHES, depth))


def _digest(finding: Finding) -> str:
    return sha256(finding.model_dump_json(exclude={"at"}).encode()).hexdigest()[:16]


class Service:
    """One detector over one store. After an exception it must be made anew from the store."""

    def __init__(
        self,
        store: Store,
        meaning: Meaning,
        clock: Clock,
        metrics: Metrics,
        options: Options,
        listener: Listener = _unheard,
    ) -> None:
        """Continue where the store was left; ``listener`` hears of every report version."""
        self._store = store
        self._held = partial(holdings, store)
        self._meaning = meaning
        self._clock = clock
        self._metrics = metrics
        self._options = options
        self._listener = listener
        self._knowledge_at = stored_instant(store, "knowledge_at")
        self._newest_at = stored_instant(store, "newest_at")
        self._reported: dict[str, Reported] = read_reported(store.reported())
        self._registry = Registry(store.records(), meaning)
        assessed = store.value("assessed_hour")
        hour = assessed if isinstance(assessed, int) else 0
        self.pulse = Pulse()
        self._watch = Watch(meaning, self._registry, self._load, hour, self.pulse.beat)
        self._watch.begin(usages(store), self._reported.values())
        self._judged_by = digest_of(meaning)
        if hour and store.value("judged_by") != self._judged_by:
            self._watch.look_at_all()
        self._shapes = Shapes()
        found = store.value("found_hour")
        self._found_hour = found if isinstance(found, int) else 0

    @property
    def knowledge_at(self) -> datetime | None:
        """The instant up to which things are known, None before the first event."""
        return self._knowledge_at

    def take(self, batch: Batch) -> Outcome:
        """Decode and fold one batch, and commit it with everything that it makes due."""
        return self.fold(batch, decode(batch, self._shapes))

    def fold(self, batch: Batch, decoded: Decoded) -> Outcome:
        """Fold one batch that was decoded already, and commit it."""
        began = perf_counter()
        outcome = take(decoded, self._arrival(), self._look_up, self._held)
        folded = perf_counter()
        with self._store.transaction() as transaction:
            self._write(transaction, outcome, batch)
            self._registry.learn(outcome.records)
            self._watch.learn(outcome.delta, outcome.added)
            versions = self._judge(transaction)
            judged = perf_counter()
        self._metrics.time_step("batch", folded - began)
        self._metrics.time_step("commit", perf_counter() - judged)
        self._tell(versions)
        if self._store.compact(STATE, self._merge_segments, _deal_segment):
            give_back()
        self._store.compact(WITHDRAWN, self._merge_segments, _deal_segment)
        self._store.compact(ACTIVITY, _merge_activity)
        self._watch_counts(outcome)
        return outcome

    def tick(self) -> None:
        """Judge the hours that the clock has passed since, where nothing arrives."""
        if self._passed_hour() > self._watch.assessed_hour and self._knowledge_at is not None:
            with self._store.transaction() as transaction:
                versions = self._judge(transaction)
            self._tell(versions)

    def finish(self) -> Whole:
        """Assess once more, at the end of a replay, and give everything as it stands."""
        last = last_moment(self._store, self._clock.now())
        with self._store.transaction() as transaction:
            versions = self._judge(transaction, last)
        self._tell(versions)
        return stand(self._store, self._meaning, self._clock.now())

    def find(self) -> None:
        """Once an hour of knowledge, put what findings changed into the outbox.

        A finding that holds no more is an empty document under its id. Instants of assessment
        move with every look, so they alone are no change.
        """
        hour = self._passed_hour()
        if hour <= self._found_hour:
            return
        whole = stand(self._store, self._meaning, self._clock.now(), beat=self.pulse.beat)
        seen = whole.completeness
        self._metrics.completeness(silent_counts(seen), *unseen_hours(seen))
        self._metrics.drift(drifted(whole.watched, self._meaning))
        self._metrics.challenger(*agreement(whole.watched))
        found = {finding.finding_id: finding for finding in whole.findings}
        digests = {name: _digest(finding) for name, finding in found.items()}
        value = self._store.value("findings")
        before = value if isinstance(value, dict) else {}
        changed = [name for name, digest in digests.items() if before.get(name) != digest]
        documents = [(name, json_line(found[name])) for name in sorted(changed)]
        documents += [(name, b"") for name in sorted(set(before) - set(digests))]
        with self._store.transaction() as transaction:
            transaction.put_value("found_hour", hour)
            if documents:
                transaction.put_value("findings", digests)
                transaction.put_documents("finding", documents)
        self._found_hour = hour

    def _arrival(self) -> Arrival:
        options = self._options
        return Arrival(
            self._knowledge_at,
            self._clock.now(),
            options.follows_events,
            options.as_of,
        )

    def _look_up(self, names: pl.DataFrame) -> pl.DataFrame:
        """Give the stored claims among (kind, name_hi, name_lo), schema NAMES."""
        found = [pl.DataFrame(schema=NAMES)]
        for kind in Claim:
            part = names.filter(pl.col("kind") == int(kind))
            hits = self._store.lookup_names(int(kind), part["name_hi"], part["name_lo"])
            known = part[hits["position"]]
            found.append(
                known.with_columns(hits["payload_digest"], hits["time"]).select(list(NAMES))
            )
        return pl.concat(found)

    def _load(self, tenant_ids: Collection[str]) -> Usage:
        return merge([empty(), *(restrict(u, tenant_ids) for u in usages(self._store))])

    def _write(self, transaction: Transaction, outcome: Outcome, batch: Batch) -> None:
        transaction.append_segment(STATE, frames_of(outcome.delta))
        transaction.append_segment(WITHDRAWN, frames_of(outcome.withdrawn))
        transaction.append_segment(ACTIVITY, activity_frames(outcome.activity))
        self._advance(transaction, outcome)
        transaction.claim_names(outcome.names)
        if outcome.records.height:
            transaction.put_records(outcome.records)
        if outcome.rejected:
            letters = dead_letters(outcome.rejected, batch.blocks)
            transaction.put_documents("dead_letter", letters)
        transaction.add_counts(outcome.counts)
        transaction.put_offsets(batch.offsets)

    def _advance(self, transaction: Transaction, outcome: Outcome) -> None:
        """Move knowledge on, and let names go that nothing can repeat any more."""
        if outcome.knowledge_at is not None and outcome.knowledge_at != self._knowledge_at:
            self._knowledge_at = outcome.knowledge_at
            transaction.put_value("knowledge_at", outcome.knowledge_at.isoformat())
            transaction.forget_names(outcome.knowledge_at - DEDUP_HORIZON)
        newest = max((at for at in (outcome.newest_at, self._newest_at) if at), default=None)
        if newest is not None and newest != self._newest_at:
            self._newest_at = newest
            transaction.put_value("newest_at", newest.isoformat())

    def _judge(
        self, transaction: Transaction, last: tuple[int, Moment] | None = None
    ) -> list[Version]:
        """Assess every whole hour that knowledge has passed, and write what that makes due."""
        before = self._watch.assessed_hour
        began = perf_counter()
        versions = self._watch.due(self._passed_hour(), self._newest_hour, self._reported, last)
        if self._watch.assessed_hour != before:
            transaction.put_value("assessed_hour", self._watch.assessed_hour)
            transaction.put_value("judged_by", self._judged_by)
        if versions:
            self._metrics.time_step("assessment", perf_counter() - began)
            bodies = [(v.report.report_id, json_line(v.report)) for v in versions]
            transaction.put_documents("report", bodies)
        for version in versions:
            self._reported[version.report.report_id] = version.reported
            transaction.put_reported(version.report.report_id, write_reported(version.reported))
        return versions

    def _passed_hour(self) -> int:
        if self._knowledge_at is None:
            return 0
        if self._options.follows_events:
            return hour_of(self._knowledge_at)
        return hour_of(max(self._clock.now(), self._knowledge_at))

    def _newest_hour(self, hour: int) -> int:
        """What was known by an hour ends with it; on the wall clock, with the newest event."""
        if self._options.follows_events:
            return hour - 1
        return hour_of(self._newest_at) if self._newest_at is not None else hour - 1

    def _merge_segments(self, parts: Sequence[Frames]) -> Frames:
        whole = add(
            [usage_of(part) for part in parts],
            self._watch.assessed_hour,
            cold_bucket(self._newest_hour(self._watch.assessed_hour)),
        )
        return frames_of(whole)

    def _tell(self, versions: Sequence[Version]) -> None:
        for version in versions:
            self._listener(version)

    def _watch_counts(self, outcome: Outcome) -> None:
        events = {name: n for (group, name), n in outcome.counts.items() if group == "events"}
        reasons = {name: n for (group, name), n in outcome.counts.items() if group == "rejected"}
        self._metrics.count_events(
            read=events.get("read", 0),
            accepted=events.get("accepted", 0),
            duplicate=events.get("duplicate", 0),
            rejected=reasons,
            skipped=events.get("skipped", 0),
        )
        unknown = sum(n for (group, _), n in outcome.counts.items() if group == "unknown_field")
        self._metrics.count_unknown_fields(unknown)
        if self._knowledge_at is not None:
            self._metrics.knowledge(self._knowledge_at)
