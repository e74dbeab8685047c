"""Why an owner's sum, or the owners of a report, changed: who held the tenants, as known now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from detector.documents import instant_text
from detector.facts import Scope
from detector.parties import Parties
from detector.parties.book import overlaps
from detector.who.graph import ALWAYS, OwnershipGraph
from detector.who.ownership import Holding
from detector.who.spans import Span

#: Tenants whose holders one report tells.
TENANTS_MAX: Final = 20


def holders_told(
    subject: tuple[Scope, str], tenant_ids: tuple[str, ...], span: Span, parties: Parties
) -> tuple[str, ...]:
    """Give sentences on who held tenants over a span of time, where it is not the subject alone.

    An owner that held none of them is told so first.
    """
    return tuple(_told(subject, tenant_ids, span, parties))


def _told(
    subject: tuple[Scope, str], tenant_ids: tuple[str, ...], span: Span, parties: Parties
) -> Iterator[str]:
    scope, subject_id = subject
    graph = parties.book.graph
    held = {each: _held(each, span, parties) for each in tenant_ids}
    owner_ids = {each.owner_id for holdings in held.values() for each in holdings}
    if scope == "owner" and subject_id not in owner_ids:
        yield (
            f"As known now, {graph.called(subject_id)} held none of these tenants "
            f"({', '.join(tenant_ids[:TENANTS_MAX])}) when the work was done: nothing of it counts "
            "for that owner any more, and all of it for those who held them."
        )
    for tenant in tenant_ids[:TENANTS_MAX]:
        if scope != "owner" or not _is_whole(held[tenant], subject_id):
            yield _sentence(tenant, held[tenant], graph)
    if (left := len(tenant_ids) - TENANTS_MAX) > 0:
        yield f"And so on for {left:,} more tenants."


def _held(tenant: str, span: Span, parties: Parties) -> list[Holding]:
    """Give the holdings of a tenant at any time of a span, in order of time."""
    holdings = parties.book.holdings.get(tenant, ())
    found = (each for each in holdings if not each.is_below_test and overlaps(each, span))
    return sorted(found, key=lambda each: (each.valid_from or ALWAYS, each.owner_id))


def _is_whole(held: list[Holding], subject_id: str) -> bool:
    """Say whether one owner held a tenant alone and always."""
    return all(
        each.owner_id == subject_id and each.valid_from is None and each.valid_to is None
        for each in held
    )


def _sentence(tenant: str, held: list[Holding], graph: OwnershipGraph) -> str:
    if not held:
        return f"As known now, nobody is on file who held tenant {tenant}."
    named = "; ".join(f"{graph.called(each.owner_id)}{_dates(each)}" for each in held)
    return f"As known now, tenant {tenant} was held by {named}."


def _dates(held: Holding) -> str:
    start, end = held.valid_from, held.valid_to
    since = f" from {instant_text(start)}" if start is not None else ""
    return f"{since} until {instant_text(end)}" if end is not None else since
