"""Who the simulated customers are: tenant records, BODS statements, accesses, declarations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

OPENED_ON = "2024-03-01"


@dataclass(frozen=True)
class Record:
    """One low-volume event before it is written. ``time_ms`` is when it was emitted."""

    kind: str
    identity: str
    time_ms: int
    data: dict[str, Any]

    @property
    def text(self) -> str:
        """The event's data as compact JSON."""
        return json.dumps(self.data, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Party:
    """A person or an entity of the ownership graph. ``country``: nationality or headquarters."""

    record_id: str
    name: str
    country: str
    is_person: bool = False


@dataclass(frozen=True)
class Customer:
    """One customer: its records, and who truly stands behind it, whatever the records disclose.

    ``headquarters`` is the country of its ultimate parent; ``owner_ids`` are the natural persons
    who truly own or control it, ``owner_countries`` their nationalities, in the same order.
    """

    tenant_id: str
    headquarters: str
    owner_ids: tuple[str, ...]
    owner_countries: tuple[str, ...]
    records: tuple[Record, ...]
    structure: str = "plain"


@dataclass(frozen=True)
class Holding:
    """``holder`` holds ``share`` percent of ``subject_id``; None = known to be unknown."""

    subject_id: str
    holder: Party | None
    share: float | None
    controls: bool = False
    since_on: str = OPENED_ON


def tenant(tenant_id: str, owner: Party, time_ms: int, **fields: object) -> Record:
    """Give the tenant record of a customer; ``fields`` override or add contract fields."""
    word = tenant_id.removeprefix("t-")
    data: dict[str, Any] = {
        "tenant_id": tenant_id,
        "valid_from": _day(OPENED_ON),
        "account_id": f"acct-{word}",
        "customer_record_id": owner.record_id,
        "name": owner.name,
        "kind": "individual" if owner.is_person else "organisation",
        "opened_at": _day(OPENED_ON),
        "address": {
            "street": "1 Harbour Road",
            "city": "Port City",
            "country": owner.country,
            "type": "registered",
        },
        "use_locations": [owner.country],
        "email": f"compute@{word}.example",
        "phone": "+1-202-555-0100",
        "payment": {
            "means": "invoice",
            "identifier_hash": f"pay-{word}",
            "payer_name": owner.name,
            "country": owner.country,
        },
        "verification": {
            "status": "verified",
            "method": "documents",
            "verified_at": _day(OPENED_ON),
        },
        "declared_industry": "software",
        "public_presence": "established",
    }
    return Record("trainwatch.tenant.v1", f"tenant-{tenant_id}", time_ms, {**data, **fields})


def party(who: Party, time_ms: int) -> Record:
    """Give the BODS statement that a person or an entity exists."""
    country = {"name": who.country, "code": who.country}
    if who.is_person:
        details: dict[str, Any] = {
            "isComponent": False,
            "personType": "knownPerson",
            "names": [{"type": "legal", "fullName": who.name}],
            "nationalities": [country],
            "addresses": [{"type": "residence", "address": "2 Garden Street", "country": country}],
        }
    else:
        details = {
            "isComponent": False,
            "entityType": {"type": "registeredEntity"},
            "name": who.name,
            "jurisdiction": country,
            "addresses": [
                {"type": "registered", "address": "1 Harbour Road", "country": country},
                {"type": "headquarters", "address": "1 Harbour Road", "country": country},
            ],
        }
    return _statement("person" if who.is_person else "entity", who.record_id, details, time_ms)


def holding(held: Holding, time_ms: int) -> Record:
    """Give the BODS statement that somebody holds shares in, or controls, an entity.

    The standard keeps the mark of a beneficial owner for natural persons.
    """
    holder = held.holder
    holder_id = holder.record_id if holder is not None else None
    interest: dict[str, Any] = {
        "type": "appointmentOfBoard" if held.controls else "shareholding",
        "directOrIndirect": "direct",
        "beneficialOwnershipOrControl": holder is not None and holder.is_person,
        "startDate": held.since_on,
    }
    if held.share is not None:
        interest["share"] = {"exact": held.share}
    details = {
        "isComponent": False,
        "subject": held.subject_id,
        "interestedParty": holder_id
        or {"reason": "informationUnknownToPublisher", "description": "owner not disclosed"},
        "interests": [interest],
    }
    record_id = f"rel-{held.subject_id}-{holder_id or 'unknown'}"
    return _statement("relationship", record_id, details, time_ms)


def access(tenant_id: str, number: int, time_ms: int, country: str, **fields: object) -> Record:
    """Give one access to a tenant's console or nodes."""
    data: dict[str, Any] = {
        "tenant_id": tenant_id,
        "principal_hash": f"p-{tenant_id}-{number % 3}",
        "action": ("console", "api", "ssh", "job_submit")[number % 4],
        "source_ip": f"198.51.100.{1 + number % 250}",
        "country": country,
        "asn": 64_500 + number % 10,
        "is_anonymizer": False,
    }
    identity = f"access-{tenant_id}-{number}"
    return Record("trainwatch.access.v1", identity, time_ms, {**data, **fields})


def declaration(tenant_id: str, time_ms: int, **fields: object) -> Record:
    """Give what a customer declares that it trains."""
    data: dict[str, Any] = {"tenant_id": tenant_id, "declaration_id": f"decl-{tenant_id}"}
    identity = f"declaration-{tenant_id}"
    return Record("trainwatch.declaration.v1", identity, time_ms, {**data, **fields})


def _statement(kind: str, record_id: str, details: dict[str, Any], time_ms: int) -> Record:
    date = datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()
    data = {
        "statementId": str(uuid5(NAMESPACE_URL, f"trainwatch-simulation:{record_id}:{date}")),
        "declarationSubject": details.get("subject", record_id),
        "statementDate": date,
        "publicationDetails": {
            "publicationDate": date,
            "bodsVersion": "0.4",
            "publisher": {"name": "Simulated register"},
        },
        "recordId": record_id,
        "recordStatus": "new",
        "recordType": kind,
        "recordDetails": details,
    }
    return Record("trainwatch.bods.v1", f"statement-{record_id}", time_ms, data)


def _day(date: str) -> str:
    return f"{date}T00:00:00.000Z"
