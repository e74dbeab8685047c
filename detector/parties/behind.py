"""Who stands behind a subject: the chart of its customers' owners, cut to what a document holds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from detector.facts import SubjectFacts
from detector.openings import worked
from detector.ownership.chart import OwnershipChart
from detector.ownership.fold import DOCUMENT_PARTIES_MAX, fold
from detector.parties import Parties
from detector.parties.corroborated import corroborated
from detector.who.chart import Asked, ownership_chart
from detector.who.records import TenantHistory
from detector.who.spans import Spans

#: Tenants of one subject whose customers are charted, in the order of their ids.
TENANTS_MAX: Final = 50


def behind(parties: Parties, facts: SubjectFacts) -> OwnershipChart | None:
    """Chart who stood behind a subject's customers during its work and stands there now.

    None where no customer of it is on file.
    """
    book = parties.book
    span = worked((facts.first_start, facts.last_end), facts.openings)
    spans = facts.worked or (span,)
    histories = {tenant: book.histories.get(tenant) for tenant in facts.tenant_ids[:TENANTS_MAX]}
    customers = {
        tenant: _customers(history, spans, facts.as_of)
        for tenant, history in histories.items()
        if history is not None
    }
    owner_id = facts.subject_id if facts.scope == "owner" else None
    subject = (facts.scope, facts.subject_id, facts.tenant_ids)
    asked = Asked(customers, owner_id, span, facts.as_of, book.persons.deciding(subject, spans))
    chart = ownership_chart(book.graph, asked, book.table, book.listed.listed_at(facts.as_of))
    if chart is None:
        return None
    return corroborated(fold(chart, DOCUMENT_PARTIES_MAX), book.graph, book.gleif)


def _customers(history: TenantHistory, spans: Spans, at: datetime) -> tuple[str, ...]:
    """Give the records that were the tenant's customer during the work, or at an instant."""
    now = history.held_at(at)
    found = {
        held.customer_record_id
        for held in history.held
        if held == now
        or any(
            (held.valid_from is None or held.valid_from < last)
            and (held.valid_to is None or held.valid_to > first)
            for first, last in spans
        )
    }
    return tuple(sorted(each for each in found if each is not None))
