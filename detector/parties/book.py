"""Records to a book of parties: who holds which tenant when, and what each of them was.

A ``PartyBook`` is built from the records known at one hour and answers for any instant; what it
works out it keeps, for the next instant asks for much the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

import polars as pl

from detector.facts import ListedOwnership, OwnerName, PersonStatus, Scope
from detector.parties.holders import Holders
from detector.parties.listed_owners import NO_SCREENING, ListedOwners, Screening
from detector.parties.persons import Persons, Subject
from detector.policy.tables import CountryTable
from detector.who.gleif import Gleif
from detector.who.graph import OwnershipGraph
from detector.who.ownership import Holding
from detector.who.places import identified_name
from detector.who.records import HeldRecord, TenantHistory
from detector.who.segments import cut
from detector.who.spans import Span, Spans


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
        """The instants at which anybody's record, interest or description changes, ascending.

        With the ends of listings, where a report may rest on listed owners.
        """
        own = self.persons.changes.everywhere()
        if not self.screening.reports:
            return own
        return sorted({*own, *self.listed.changes})

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

    def owners_during(self, tenants: Iterable[str], spans: Spans) -> tuple[str, ...]:
        """Give the owners that tenants had at any time of their work."""
        found = {
            h.owner_id
            for tenant in tenants
            for h in self.holdings.get(tenant, ())
            if not h.is_below_test and any(overlaps(h, span) for span in spans)
        }
        return tuple(sorted(found))


def overlaps(holding: Holding, span: Span) -> bool:
    """Say whether an owner held a tenant at any time of a span."""
    first, last = span
    started = holding.valid_from is None or holding.valid_from < last
    return started and (holding.valid_to is None or holding.valid_to > first)
