"""Person status and headquarters of a subject over the time of its work, as known at one hour.

Each stretch of time in which nothing about the subject changes is judged by itself, once; one in
which nothing was done is not asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from detector.facts import PersonStatus, Scope, StatusFinding
from detector.policy.tables import CountryTable
from detector.who.graph import ALWAYS, OwnershipGraph
from detector.who.records import TenantHistory
from detector.who.spans import Changes, Spans, over_time, stretches
from detector.who.status import combined, headquarters, person_status, record_status

#: An area, as Hong Kong is one, and the record whose headquarters are there.
Seat = tuple[str, str]
Subject = tuple[Scope, str, tuple[str, ...]]
#: A subject and the instants at which it is judged; reasons tell their dates.
_Kept = tuple[Subject, tuple[datetime, ...]]


class Persons:
    """Answers for any subject and spans: a scope, an id and the tenants that it is made of."""

    def __init__(
        self, graph: OwnershipGraph, histories: Mapping[str, TenantHistory], table: CountryTable
    ) -> None:
        """Take what is known at an hour."""
        self._graph, self._histories, self._table = graph, histories, table
        self.changes = Changes(graph, histories)
        self._statuses: dict[_Kept, StatusFinding] = {}
        self._places: dict[_Kept, tuple[Seat, ...]] = {}

    def status(self, subject: Subject, spans: Spans) -> StatusFinding:
        """Give the person status: of an owner by itself, of anything else by its tenants."""
        key, instants = self._stretches(subject, spans)
        if key not in self._statuses:
            self._statuses[key] = over_time(self._judged(subject, instants))
        return self._statuses[key]

    def ever(self, subject: Subject) -> set[PersonStatus]:
        """Give every person status that the subject had over some stretch of time, to this day."""
        scope, subject_id, tenants = subject
        changes = self.changes.of_tenants(tenants)
        if scope == "owner":
            changes = self.changes.of_record(subject_id)
        return {found.status for _, found in self._judged(subject, [ALWAYS, *changes])}

    def deciding(self, subject: Subject, spans: Spans) -> tuple[datetime, ...]:
        """Give the first instants of those stretches that have the status of the whole."""
        found = self._judged(subject, self._stretches(subject, spans)[1])
        status = over_time(found).status
        return tuple(at for at, finding in found if finding.status == status)

    def headquarters(self, subject: Subject, spans: Spans) -> tuple[Seat, ...]:
        """Give where the subject's customers and their ultimate parents were headquartered."""
        key, instants = self._stretches(subject, spans)
        if key not in self._places:
            found = {place for at in instants for place in self._places_at(subject, at)}
            self._places[key] = tuple(sorted(found))
        return self._places[key]

    def _stretches(self, subject: Subject, spans: Spans) -> tuple[_Kept, Sequence[datetime]]:
        scope, subject_id, tenants = subject
        changes = self.changes.of_tenants(tenants)
        if scope == "owner":
            changes = self.changes.of_record(subject_id)
        found = tuple(stretches(changes, spans).values())
        return (subject, found), found

    def _judged(
        self, subject: Subject, instants: Sequence[datetime]
    ) -> list[tuple[datetime, StatusFinding]]:
        return [(at, self._status_at(subject, at)) for at in instants]

    def _status_at(self, subject: Subject, at: datetime) -> StatusFinding:
        scope, subject_id, tenants = subject
        if scope == "owner":
            return record_status(subject_id, self._graph, at, self._table)
        nothing = TenantHistory(())
        histories = (self._histories.get(each, nothing) for each in tenants)
        return combined([person_status(each, self._graph, at, self._table) for each in histories])

    def _places_at(self, subject: Subject, at: datetime) -> Iterable[Seat]:
        scope, subject_id, tenants = subject
        if scope == "owner":
            return self._places_of(subject_id, at)
        held = (history.held_at(at) for history in map(self._histories.get, tenants) if history)
        records = (each.customer_record_id for each in held if each is not None)
        return (place for record in records if record for place in self._places_of(record, at))

    def _places_of(self, record_id: str, at: datetime) -> Iterable[Seat]:
        found = headquarters(record_id, self._graph, at, self._table)
        return (
            (each.area, each.record_id)
            for each in found
            if each.area is not None and each.certainty == "yes"
        )
