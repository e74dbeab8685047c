"""Keeps the usage of whoever could pass a threshold at hand, and judges it hour by hour.

Everybody else is known by one number only: the most their metered time can be expected to be. A
tenant is watched once that number, summed over all tenants that ownership statements or shared
data could connect with it, reaches the smallest threshold that reports.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import polars as pl

from detector.assess import LOOKED, Moment, assess_hours
from detector.meaning import Meaning
from detector.openings import OPENING, bound_of
from detector.parties import Parties, PartyBook
from detector.parties.recorded import DECLARATION, STATEMENT, TENANT, events_of
from detector.versions import Reported, Version
from features.accumulate import Usage, empty, merge, restrict
from features.compute import cold_bucket
from features.exposure import most_an_hour
from streams.bounds import Bounds
from streams.groups import Link, links_of
from streams.looks import SINCE, grouped, looks, meant_since, numbered, passes

#: Rows of state times hours of knowledge that one pass may hold.
PASS_ROWS: Final = 3_000_000
#: Books kept: of the hour being assessed, and of the hour up to which records are known.
BOOKS_KEPT: Final = 2
STRUCTURE: Final = (TENANT, STATEMENT)

#: Reads the accumulated usage of some tenants back from the store.
LoadUsage = Callable[[Collection[str]], Usage]
#: Tells, for an hour of knowledge, the hour of the newest event known by it.
NewestHour = Callable[[int], int]


def hour_instant(hour: int) -> datetime:
    """Give the instant of a whole hour counted from the epoch."""
    return datetime.fromtimestamp(hour * 3600, tz=UTC)


class Registry:
    """The records known so far, and the parties they make at any hour."""

    def __init__(self, records: pl.DataFrame, meaning: Meaning) -> None:
        """Take stored records (RECORDS with ``hour``)."""
        self._records = records
        self._meaning = meaning
        self._links = links_of(records)
        self._openings = _openings_of(records)
        self._books: dict[int, PartyBook] = {}
        self._biological: set[str] | None = None
        self._turns = meaning.turns()

    def learn(self, records: pl.DataFrame) -> None:
        """Add the records of a batch."""
        if records.height:
            self._records = pl.concat([self._records, records])
            self._links += links_of(records)
            self._openings += _openings_of(records)
            self._biological = None

    def new_links(self) -> list[Link]:
        """Give the links of tenants and parties since this was last asked."""
        links, self._links = self._links, []
        return links

    def new_openings(self) -> list[Mapping[str, Any]]:
        """Give the openings since this was last asked."""
        openings, self._openings = self._openings, []
        return openings

    def hours_between(self, after: int, until: int) -> set[int]:
        """Give the hours in (after, until] at which records or the law came to say something else.

        Records become known, or take effect; so does a law. None of it needs an event then.
        """
        hours = self._records["hour"].filter(self._records["hour"].is_between(after + 1, until))
        parties = self.parties_at(until, hour_instant(until))
        return set(hours.unique()) | _hours_of((*parties.changes, *self._turns), after, until)

    def versions_between(self, first: int, last: int) -> list[int]:
        """Give ``first``, and the hours until ``last`` that tell more of who anybody is."""
        told = self._records.filter(
            pl.col("type").is_in(STRUCTURE), pl.col("hour").is_between(first + 1, last)
        )
        return [first, *sorted(told["hour"].unique())]

    def parties_at(self, hour: int, as_of: datetime) -> Parties:
        """Give everybody as known by ``hour`` and as they are at ``as_of``."""
        known = self._records.filter(pl.col("hour") <= hour)
        is_structure = pl.col("type").is_in(STRUCTURE)
        structure = known.filter(is_structure)
        return Parties(self._book(structure), known.filter(~is_structure), as_of)

    def _book(self, structure: pl.DataFrame) -> PartyBook:
        """Give the book of some records, which grows out of that of the latest hour before."""
        version, of = structure.height, self._meaning
        book = self._books.pop(version, None)
        if book is None:
            before = self._books.get(max((v for v in self._books if v < version), default=-1))
            book = PartyBook(structure, of.countries, of.screening, of.gleif, before)
        last = list(self._books.items())[-BOOKS_KEPT + 1 :]
        self._books = {**dict(last), version: book}
        return book

    def biological_tenants(self) -> set[str]:
        """Give the tenants that declared to train on biological sequences, as known now."""
        if self._biological is None:
            declared = (data for data, _ in events_of(self._records, DECLARATION))
            self._biological = {
                data["tenant_id"] for data in declared if data.get("biological_sequence_share")
            }
        return self._biological


def _hours_of(instants: Iterable[datetime], after: int, until: int) -> set[int]:
    """Give the first whole hours from instants on, as far as they lie in (after, until]."""
    hours = {-(-int(at.timestamp()) // 3600) for at in instants}
    return {hour for hour in hours if after < hour <= until}


def _openings_of(records: pl.DataFrame) -> list[Mapping[str, Any]]:
    return [data for data, _ in events_of(records, OPENING)]


class Watch:
    """Watches the tenants that matter; feed it every batch, ask it what is due."""

    def __init__(
        self,
        meaning: Meaning,
        registry: Registry,
        load: LoadUsage,
        assessed_hour: int,
        beat: Callable[[], None],
    ) -> None:
        """``assessed_hour``: through which everything was assessed; ``beat``: work came on."""
        self._meaning = meaning
        self._registry = registry
        self._load = load
        self._beat = beat
        self._least = meaning.least_limit()
        self._least_biological = meaning.least_limit(is_biological=True)
        self._statuses = meaning.reported_statuses()
        self._bounds = Bounds(meaning.catalogue)
        self._most_an_hour = most_an_hour(meaning.catalogue)
        self._watched: frozenset[str] = frozenset()
        self._reported: frozenset[str] = frozenset()
        self._usage = empty()
        self._day: tuple[date, int] | None = None
        self._is_judged_anew = False
        self.assessed_hour = assessed_hour

    def look_at_all(self) -> None:
        """Look at everybody with the next hour: they were judged by something else before."""
        self._is_judged_anew = True

    def begin(self, state: Iterable[Usage], reported: Iterable[Reported] = ()) -> None:
        """Learn the bounds of what is stored already, and whom reports are about by now.

        They are watched whatever the law asks for today: a higher threshold may withdraw.
        """
        self._reported = frozenset(t for each in reported for t in each.tenant_ids)
        for usage in state:
            self._bounds.add(usage)
        self._choose()

    def learn(self, delta: Usage, added: Usage) -> None:
        """Take one batch's state in; the store must hold it already."""
        self._bounds.add(added)
        if not self._choose() and self._watched:
            self._usage = merge([self._usage, restrict(delta, self._watched)])

    def due(
        self,
        passed_hour: int,
        newest_hour: NewestHour,
        reported: Mapping[str, Reported],
        last: tuple[int, Moment] | None = None,
    ) -> list[Version]:
        """Give the report versions due at the hours since the last time, in order.

        ``last``: one more hour of knowledge to look from, at the end of a replay.
        """
        until = passed_hour if last is None else last[0]
        records = self._hours_for_all(until) if self._watched else set()
        moments = self._moments(until, newest_hour, records) if self._watched else {}
        if last is not None and self._watched:
            moments[last[0]] = last[1]
            records.add(last[0])
        versions: list[Version] = []
        known = dict(reported)
        for looked in passes(self._usage, self._looked(moments, records, known), PASS_ROWS):
            found = assess_hours(
                self._usage,
                {hour: moments[hour] for hour in looked["as_of"].unique()},
                self._registry.parties_at,
                self._meaning,
                known,
                looked,
            )
            known |= {version.report.report_id: version.reported for version in found}
            versions += found
            self._beat()
        self._settle(until, newest_hour(until))
        return versions

    def _hours_for_all(self, until: int) -> set[int]:
        """Give the hours in which everybody is looked at, though nobody was metered."""
        hours = self._registry.hours_between(self.assessed_hour, until)
        return {*hours, until} if self._is_judged_anew and until > self.assessed_hour else hours

    def _settle(self, hour: int, newest: int) -> None:
        if hour > self.assessed_hour:
            self._is_judged_anew = False
            self.assessed_hour = hour
            if self._watched:
                self._usage = merge([self._usage], hour, cold_bucket(newest))

    def _moments(
        self, until: int, newest_hour: NewestHour, records: Collection[int]
    ) -> dict[int, Moment]:
        """Give the hours at which anything became known or took effect."""
        frames = (self._usage.coverage, self._usage.telemetry)
        rows = pl.concat([frame["hour"] for frame in frames]).unique()
        hours = {hour for hour in rows if self.assessed_hour < hour <= until}
        return {
            hour: Moment(hour_instant(hour), newest_hour(hour))
            for hour in sorted(hours.union(records))
        }

    def _looked(
        self, moments: Mapping[int, Moment], records: Collection[int], known: Mapping[str, Reported]
    ) -> pl.DataFrame:
        """Say whom to look at in which hour: at everybody where records or the day changed."""
        if not moments:
            return pl.DataFrame(schema=LOOKED)
        for_all = set(records)
        for hour in sorted(moments):
            day = moments[hour].as_of.date(), cold_bucket(moments[hour].newest_hour)
            if day != self._day:
                for_all.add(hour)
            self._day = day
        return self._due_looks(moments, for_all, {t for r in known.values() for t in r.tenant_ids})

    def _due_looks(
        self, hours: Collection[int], for_all: Collection[int], reported: Collection[str]
    ) -> pl.DataFrame:
        own = {*self._watched, *reported}
        members = numbered(grouped(self._usage, self._bounds.sets(), own))
        least = self._leasts(members)
        since = self._bounds.reached(self._usage, members, least)
        if self._statuses is not None:
            versions = self._registry.versions_between(min(hours), max(hours))
            since = meant_since(members, since, versions, self._meant_at)
        since |= dict.fromkeys(
            members.filter(pl.col("tenant_id").is_in(list(reported)))["group"], 0
        )
        frame = pl.DataFrame(list(since.items()), schema=SINCE, orient="row")
        return looks(self._usage, members, frame, hours, for_all)

    def _meant_at(self, hour: int) -> Callable[[Collection[str]], bool]:
        """Say of tenants whether they or owners of theirs have a status that reports are about."""
        book, asked = self._registry.parties_at(hour, hour_instant(hour)).book, self._statuses
        return lambda tenants: asked is None or not asked.isdisjoint(book.statuses_of(tenants))

    def _leasts(self, members: pl.DataFrame) -> dict[int, float]:
        """Give each group the smallest threshold that it may pass."""
        told = members.filter(pl.col("tenant_id").is_in(list(self._registry.biological_tenants())))
        biological = set(told["group"])
        return {
            group: self._least_biological if group in biological else self._least
            for group in members["group"].unique()
        }

    def _choose(self) -> bool:
        """Choose whom to watch; True where somebody new had to be read from the store."""
        for one, other in self._registry.new_links():
            self._bounds.link(one, other)
        for opening in self._registry.new_openings():
            self._bounds.state(opening["tenant_id"], bound_of(opening, self._most_an_hour))
        biological = self._registry.biological_tenants()
        watched = self._bounds.members_over(self._least)
        if biological:
            over = self._bounds.members_over(self._least_biological)
            watched |= over if not over.isdisjoint(biological) else set()
        watched |= {
            t for own in self._bounds.sets() if not self._reported.isdisjoint(own) for t in own
        }
        if watched <= self._watched:
            return False
        self._watched |= watched
        self._usage = merge([empty(), self._load(self._watched)], self.assessed_hour)
        return True
