"""Findings on tenants that declared training and of which nothing was metered yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from detector.facts import SubjectFacts, unmetered
from detector.meaning import Meaning
from detector.parties import Parties
from detector.rules import Case, Finding, apply


def plan_findings(
    metered_tenants: Collection[str], parties: Parties, meaning: Meaning, as_of: datetime
) -> Iterator[Finding]:
    """Give what the plans of tenants outside ``metered_tenants`` alone amount to, by tenant."""
    for tenant in sorted(parties.tenants_with_plans() - set(metered_tenants)):
        facts = _nothing_yet(tenant, parties, as_of)
        customers = parties.customers((tenant,))
        packs = meaning.policy.packs
        yield from apply(Case(facts, customers, packs, meaning.limits, meaning.countries))


def _nothing_yet(tenant: str, parties: Parties, as_of: datetime) -> SubjectFacts:
    person = parties.who_is("tenant", tenant, (tenant,), ((as_of, as_of),))
    return replace(
        unmetered("tenant", tenant, (tenant,), (as_of, as_of), person.status),
        headquarters=person.headquarters,
        owner_ids=person.owner_ids,
        listed_owners=person.listed_owners,
        biological_share_ratio=person.biological_share_ratio,
    )
