"""Who sells on to whom: the customers of each reseller, chains, rings, and attestations.

Payer, reseller and end customer are three roles. The reseller is the tenant that a customer's
record names (``reseller_tenant_id``), or that says of itself that it is one (``is_reseller``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from detector.related import Attestation, Reseller
from detector.who.records import Record, TenantHistory


def resellers(histories: Mapping[str, TenantHistory], as_of: datetime) -> tuple[Reseller, ...]:
    """Give every reseller at an instant, by tenant; a reseller without any record too."""
    records = {tenant: history.at(as_of) for tenant, history in histories.items()}
    sellers = {
        tenant: record["reseller_tenant_id"]
        for tenant, record in records.items()
        if record is not None and record.get("reseller_tenant_id")
    }
    said = {tenant for tenant, record in records.items() if record and record.get("is_reseller")}
    customers: dict[str, set[str]] = {name: set() for name in (*sellers.values(), *said)}
    rings: dict[str, tuple[str, ...]] = {}
    for tenant in sellers:
        chain, ring = _chain(tenant, sellers)
        for above in chain:
            customers[above].add(tenant)
        rings.update(dict.fromkeys(ring, ring))
    return tuple(
        Reseller(
            name,
            tuple(sorted(customers[name] - {name})),
            *_attestation(records.get(name), as_of),
            cycle=rings.get(name, ()),
        )
        for name in sorted(customers)
    )


def _chain(tenant: str, sellers: Mapping[str, str]) -> tuple[list[str], tuple[str, ...]]:
    """Give the resellers above a tenant, nearest first, and the ring that they close, if any."""
    chain: list[str] = []
    above = sellers.get(tenant)
    while above is not None and above not in chain:
        chain.append(above)
        above = sellers.get(above)
    if above is None:
        return chain, ()
    ring = chain[chain.index(above) :]
    first = ring.index(min(ring))
    return chain, (*ring[first:], *ring[:first])


def _attestation(record: Record | None, as_of: datetime) -> tuple[Attestation, datetime | None]:
    """Say whether a reseller's verification stands; without a record none is on file."""
    verification = (record or {}).get("verification") or {}
    status, ends = verification.get("status"), verification.get("expires_at")
    expires_at = datetime.fromisoformat(ends) if isinstance(ends, str) else None
    if status is None:
        return "missing", None
    if status == "expired" or (expires_at is not None and expires_at <= as_of):
        return "expired", expires_at if expires_at and expires_at <= as_of else None
    return ("valid" if status == "verified" else "not verified"), None
