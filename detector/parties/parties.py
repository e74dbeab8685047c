"""The parties at one instant: the book of an hour, and what the customers told us by then."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property

import polars as pl

from detector.facts import CustomerFacts, Scope, SubjectFacts
from detector.openings import OPENING, cut_at, openings
from detector.parties.book import PartyBook
from detector.parties.customers import customer_facts
from detector.parties.persons import Subject
from detector.parties.recorded import ACCESS, DECLARATION, Event, by_tenant, events_of
from detector.subjects import Person
from detector.who.disclosed import Disclosure, disclosure
from detector.who.graph import ALWAYS
from detector.who.ownership import Holding
from detector.who.records import TenantHistory
from detector.who.spans import Spans


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
        spans: Spans,
    ) -> Person:
        """Say who one subject was over its work; ``spans`` are the stretches of it.

        What listed parties own is as of the instant of the assessment: it is about dealing now.
        """
        book, as_of = self.book, self._as_of
        owners = (subject_id,) if scope == "owner" else book.owners_during(tenants, spans)
        subject = (scope, subject_id, tenants)
        status = book.persons.status(subject, spans)
        places = tuple(
            (area, record_id, book.graph.called(record_id, as_of))
            for area, record_id in book.persons.headquarters(subject, spans)
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
        return any(self.book.persons.headquarters(subject, (span,)) for span in spans)

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
