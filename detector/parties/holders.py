"""Customers and their owners as known so far: new records work out again what they touch alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from detector.parties.recorded import STATEMENT, TENANT, Event, by_tenant, events_of
from detector.who.bulk.holdings import keep_owners
from detector.who.known import KnownOwnership
from detector.who.ownership import Holding
from detector.who.records import TenantHistory, tenant_owners

Holdings = Mapping[str, tuple[Holding, ...]]


@dataclass(frozen=True)
class Holders:
    """The statements, the customer records of each tenant over time, and who owned it when.

    ``carried`` are the owners of tenants that nothing new touches.
    """

    ownership: KnownOwnership = field(default_factory=KnownOwnership)
    told: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    histories: Mapping[str, TenantHistory] = field(default_factory=dict)
    carried: Holdings = field(default_factory=dict)

    def with_records(self, records: pl.DataFrame) -> Holders:
        """Give what is known with further RECORDS rows, in any order; others are passed over."""
        ownership = self.ownership.with_statements(events_of(records, STATEMENT))
        new = by_tenant(events_of(records, TENANT))
        told: Mapping[str, Sequence[Event]] = {
            tenant: [*self.told.get(tenant, ()), *events] for tenant, events in new.items()
        }
        histories = {tenant: TenantHistory.of(events) for tenant, events in told.items()}
        owned = self.__dict__.get("holdings", self.carried)
        carried = {
            tenant: held
            for tenant, held in owned.items()
            if tenant not in new and not _is_touched(self.histories[tenant], ownership)
        }
        everybody = sorted({**self.histories, **histories}.items())
        return Holders(ownership, {**self.told, **told}, dict(everybody), carried)

    @cached_property
    def holdings(self) -> Holdings:
        """Every owner of each tenant over time, possible ones too."""
        graph = self.ownership.graph
        missing = [each for t, each in self.histories.items() if t not in self.carried]
        keep_owners(graph, {record for each in missing for record in customers_of(each)})
        return {
            tenant: self.carried[tenant] if tenant in self.carried else tenant_owners(each, graph)
            for tenant, each in self.histories.items()
        }


def customers_of(history: TenantHistory) -> set[str]:
    """Give the BODS records that were a tenant's customer at any time."""
    found = (held.customer_record_id for held in history.held)
    return {record_id for record_id in found if record_id is not None}


def _is_touched(history: TenantHistory, ownership: KnownOwnership) -> bool:
    return any(ownership.component(each) in ownership.touched for each in customers_of(history))
