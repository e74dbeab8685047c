"""Records to parties: who holds which tenant when, what each of them is, what the customer told us.

A ``PartyBook`` is built from the records known at one hour and answers for any instant; what it
works out it keeps, for the next instant asks for much the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Final

import polars as pl

from detector.customers import customer_facts
from detector.facts import (
    CustomerFacts,
    ListedOwnership,
    OwnerName,
    PersonStatus,
    Scope,
    SubjectFacts,
)
from detector.holders import Holders
from detector.listed_owners import NO_SCREENING, ListedOwners, Screening
from detector.openings import OPENING, cut_at, openings
from detector.persons import Persons, Subject
from detector.policy.tables import CountryTable
from detector.recorded import Event, by_tenant, events_of
from detector.subjects import Person
from detector.who.disclosed import Disclosure, disclosure
from detector.who.gleif import Gleif
from detector.who.graph import ALWAYS, OwnershipGraph
from detector.who.ownership import Holding
from detector.who.places import identified_name
from detector.who.records import HeldRecord, TenantHistory
from detector.who.segments import cut
from detector.who.spans import Span

ACCESS: Final = "trainwatch.access.v1"
DECLARATION: Final = "trainwatch.declaration.v1"


class PartyBook:
    """What the tenant records and BODS statements of one hour of knowledge say of everybody."""

    def __init__(
        self,
        records: pl.DataFrame,
        table: CountryTable,
        screening: Screening = NO_SCREENING,
        gleif: Gleif | None = None,
        before: PartyBook | None = None,
    ) -> None:
        """Take RECORDS rows, in any order; types other than these two are passed over.

        ``gleif``: corroborates what is drawn, and decides nothing; None where no file is given.
        ``before`` is the book of an earlier hour. Where its records are the first of these, what
        the others do not touch is taken from it, and the answers are the same.
        """
        self.records, self._before, self._new = records, Holders(), records
        if before is not None and records.head(before.records.height).equals(before.records):
            self._before, self._new = before.holders, records.slice(before.records.height)
        self.table, self.screening, self.gleif = table, screening, gleif

    @cached_property
    def holders(self) -> Holders:
        """The customers and their owners, as far as these records say."""
        return self._before.with_records(self._new)

    @property
    def graph(self) -> OwnershipGraph:
        """The ownership graph of all BODS statements."""
        return self.holders.ownership.graph

    @property
    def histories(self) -> Mapping[str, TenantHistory]:
        """The customer records of each tenant over time."""
        return self.holders.histories

    @cached_property
    def holdings(self) -> Mapping[str, tuple[Holding, ...]]:
        """The owners of each tenant over time, as far as they are sure or top a chain."""
        return {
            tenant: tuple(h for h in held if h.is_owner == "yes" or h.kind != "person")
            for tenant, held in self.holders.holdings.items()
        }

    @cached_property
    def possible_holdings(self) -> Mapping[str, tuple[Holding, ...]]:
        """The people who may own each tenant over time, and may not."""
        possible = {
            tenant: tuple(h for h in held if h.is_owner == "possible" and h.kind == "person")
            for tenant, held in self.holders.holdings.items()
        }
        return {tenant: held for tenant, held in possible.items() if held}

    @cached_property
    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """SEGMENTS and HOLDERS of all tenants with a record."""
        return cut(self.holdings)

    def held_at(self, tenant_id: str, as_of: datetime) -> HeldRecord | None:
        """Give the customer record of a tenant that holds at an instant."""
        history = self.histories.get(tenant_id)
        return history.held_at(as_of) if history is not None else None

    def owner_names(self, tenant_id: str, as_of: datetime) -> tuple[OwnerName, ...]:
        """Give who owns a tenant at an instant."""
        return tuple(
            OwnerName(h.owner_id, identified_name(party), h.kind == "person")
            for h in self.holdings.get(tenant_id, ())
            if h.holds_at(as_of) and not h.is_below_test
            for party in [self.graph.party(h.owner_id, as_of)]
        )

    @cached_property
    def persons(self) -> Persons:
        """What each subject was over time: its status and where it was headquartered."""
        return Persons(self.graph, self.histories, self.table)

    @cached_property
    def changes(self) -> list[datetime]:
        """The instants at which anybody's record, interest or description changes, ascending."""
        return self.persons.changes.everywhere()

    def listed_owners(
        self, scope: Scope, subject_id: str, tenants: tuple[str, ...], as_of: datetime
    ) -> tuple[ListedOwnership, ...]:
        """Give what listed parties own, or may: an owner itself, or the tenants' customers."""
        if scope == "owner":
            return self.listed.of(subject_id, as_of)
        held = [self.held_at(each, as_of) for each in tenants] if self.listed.is_screened else []
        customers = sorted({h.customer_record_id for h in held if h and h.customer_record_id})
        return tuple(each for record in customers for each in self.listed.of(record, as_of))

    @cached_property
    def listed(self) -> ListedOwners:
        """What screening found among the records, and what listed parties own."""
        return ListedOwners(self.screening, self.graph, self.table)

    def statuses_of(self, tenants: Iterable[str]) -> set[PersonStatus]:
        """Give every person status that tenants, or any owner of theirs, had at any time.

        What their work has over any time, alone or together, is one of these.
        """
        own = set(tenants)
        owners = {h.owner_id for tenant in own for h in self.holdings.get(tenant, ())}
        subjects: list[Subject] = [
            *(("tenant", tenant, (tenant,)) for tenant in own),
            *(("owner", owner, ()) for owner in owners),
        ]
        return {status for subject in subjects for status in self.persons.ever(subject)}

    def owners_between(
        self, tenants: Iterable[str], first: datetime, last: datetime
    ) -> tuple[str, ...]:
        """Give the owners that tenants had at any time of their work."""
        found = {
            h.owner_id
            for tenant in tenants
            for h in self.holdings.get(tenant, ())
            if not h.is_below_test and _overlaps(h, first, last)
        }
        return tuple(sorted(found))


class Parties:
    """Who everybody is at one instant, and what is on file about them by then."""

    def __init__(self, book: PartyBook, others: pl.DataFrame, as_of: datetime) -> None:
        """Take the book of an hour, the other RECORDS known by it, and the instant."""
        self.book = book
        self._others = others
        self._as_of = as_of
        self.openings = openings(events_of(self._in_order(OPENING), OPENING))
        self.segments, self.holders = cut_at(*book.frames, self.openings)
        self.changes = book.changes

    def of(self, tenant_ids: Collection[str]) -> Parties:
        """Give the same with the openings of some tenants alone, for a part of the state."""
        part = copy(self)
        part.openings = self.openings.filter(pl.col("tenant_id").is_in(list(tenant_ids)))
        return part

    def who_is(
        self,
        scope: Scope,
        subject_id: str,
        tenants: tuple[str, ...],
        span: Span,
    ) -> Person:
        """Say who one subject was over its work; ``span`` is the first and last instant of it.

        What listed parties own is as of the instant of the assessment: it is about dealing now.
        """
        book, as_of = self.book, self._as_of
        owners = (subject_id,) if scope == "owner" else book.owners_between(tenants, *span)
        subject = (scope, subject_id, tenants)
        status = book.persons.status(subject, span)
        places = tuple(
            (area, record_id, book.graph.called(record_id, as_of))
            for area, record_id in book.persons.headquarters(subject, span)
        )
        listed = book.listed_owners(scope, subject_id, tenants, as_of)
        return Person(status, places, owners, listed, self._biological(tenants))

    def customers(self, tenant_ids: Iterable[str]) -> tuple[CustomerFacts, ...]:
        """Give what is on file about the customers of these tenants."""
        return tuple(self._customer(tenant) for tenant in tenant_ids)

    def has_headquarters(self, tenant_id: str) -> bool:
        """Say whether it is known where a customer of the tenant or a parent was headquartered."""
        subject: Subject = ("tenant", tenant_id, (tenant_id,))
        spans = ((self._as_of, self._as_of), (ALWAYS, self._as_of))
        return any(self.book.persons.headquarters(subject, span) for span in spans)

    def has_listed_owners(self, tenant_id: str) -> bool:
        """Say whether listed parties own the tenant's customer, or may."""
        return bool(self.book.listed_owners("tenant", tenant_id, (tenant_id,), self._as_of))

    def plans(self) -> Mapping[str, Sequence[Event]]:
        """Give the declarations of each tenant with their times, in order."""
        return self._declarations

    def tenants_with_plans(self) -> set[str]:
        """Give the tenants that declared what they train."""
        return set(self._declarations)

    @property
    def histories(self) -> Mapping[str, TenantHistory]:
        """The customer records of each tenant over time."""
        return self.book.histories

    @property
    def possible_holdings(self) -> Mapping[str, tuple[Holding, ...]]:
        """The people who may own each tenant over time, and may not."""
        return self.book.possible_holdings

    def name_of(self, scope: Scope, subject_id: str) -> str | None:
        """Give the name of a tenant's customer or of an owner; a run or cluster has none."""
        if scope == "tenant":
            return self._customer(subject_id).name
        graph = self.book.graph
        return graph.party(subject_id, self._as_of).name if scope == "owner" else None

    def places_of(self, facts: SubjectFacts) -> tuple[str, ...]:
        """Say where each of a subject's headquarters lies, as what it counts, and whose it is."""
        told = self.book.table.told
        return tuple(sorted({f"{told(area)}: {called}" for area, _, called in facts.headquarters}))

    def _customer(self, tenant_id: str) -> CustomerFacts:
        held = self.book.held_at(tenant_id, self._as_of)
        record_id = held.customer_record_id if held is not None else None
        graph = self.book.graph
        return customer_facts(
            held.record if held is not None else {"tenant_id": tenant_id},
            graph.party(record_id, self._as_of) if record_id is not None else None,
            self.book.owner_names(tenant_id, self._as_of),
            self.accesses.get(tenant_id, ()),
            self._declarations.get(tenant_id, ()),
            disclosure(record_id, graph, self._as_of) if record_id is not None else Disclosure(),
        )

    def _biological(self, tenants: Iterable[str]) -> float | None:
        stated = (
            data.get("biological_sequence_share")
            for tenant in tenants
            for data, _ in self._declarations.get(tenant, ())
        )
        return max((share for share in stated if share is not None), default=None)

    @cached_property
    def accesses(self) -> Mapping[str, Sequence[Event]]:
        """The accesses to each tenant with their times, in order."""
        return by_tenant(events_of(self._in_order(ACCESS), ACCESS))

    @cached_property
    def _declarations(self) -> Mapping[str, Sequence[Event]]:
        return by_tenant(events_of(self._in_order(DECLARATION), DECLARATION))

    def _in_order(self, type_name: str) -> pl.DataFrame:
        """Order by what the events say, for arrival must not decide which one is the last."""
        return self._others.filter(type=type_name).sort("time", "source", "id")


def _overlaps(holding: Holding, first: datetime, last: datetime) -> bool:
    started = holding.valid_from is None or holding.valid_from < last
    return started and (holding.valid_to is None or holding.valid_to > first)
