"""Our records as subjects of screening: customers, payers, and everybody behind a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from detector.screening.fields import addresses, birth_date, country, identifier, unique
from detector.screening.parties import PartyKind, Role, Subject
from detector.who.graph import OwnershipGraph, Party

Record = Mapping[str, Any]


def tenant_subjects(
    tenant_id: str, record: Record, graph: OwnershipGraph, at: datetime
) -> tuple[Subject, ...]:
    """Give whom to screen for a tenant whose record holds ``at`` an instant.

    The customer as the record and its BODS party describe it, the payer by name, and every party
    with an interest in the customer at that instant, directly or over others.
    """
    record_id = record.get("customer_record_id")
    known = isinstance(record_id, str) and bool(record_id)
    found = [_customer(tenant_id, record, graph.descriptions(str(record_id)) if known else ())]
    payer = _payer(tenant_id, record)
    if payer is not None and payer.names[0] not in found[0].names:
        found.append(payer)
    if known:
        behind = sorted(_behind(graph, str(record_id), at))
        found += [party_subject(graph.descriptions(each), "owner") for each in behind]
    return tuple(each for each in found if each.names or each.identifiers)


def record_subjects(tenant_id: str, record: Record) -> tuple[Subject, ...]:
    """Give whom a customer's own record names: the customer, and the payer where another pays."""
    customer, payer = _customer(tenant_id, record, ()), _payer(tenant_id, record)
    found = [customer]
    if payer is not None and payer.names[0] not in customer.names:
        found.append(payer)
    return tuple(each for each in found if each.names or each.identifiers)


def party_subject(described: Sequence[Party], role: Role) -> Subject:
    """Give a BODS person or organisation as a subject: everything that it was ever said to be.

    ``described``: its descriptions, the last first. A name or a place of before still finds it.
    """
    found = [_subject(each, role) for each in described]
    return replace(
        found[0],
        names=unique(value for each in found for value in each.names),
        identifiers=unique(value for each in found for value in each.identifiers),
        countries=unique(value for each in found for value in each.countries),
        addresses=unique(value for each in found for value in each.addresses),
        birth_dates=unique(value for each in found for value in each.birth_dates),
    )


def _subject(party: Party, role: Role) -> Subject:
    details = party.details
    stated = [each for each in _objects(details.get("names")) if each.get("fullName")]
    names = [party.name, *(str(each["fullName"]) for each in stated)]
    names += [each for each in _items(details.get("alternateNames")) if isinstance(each, str)]
    places = _objects(details.get("addresses"))
    codes = [_code(place.get("country")) for place in places]
    codes += [_code(each) for each in _items(details.get("nationalities"))]
    codes += [_code(details.get("jurisdiction"))]
    numbers = (each.get("id") for each in _objects(details.get("identifiers")))
    return Subject(
        record_id=party.record_id,
        role=role,
        kind=party.kind,
        names=unique(names),
        identifiers=unique(identifier(number) for number in numbers),
        countries=unique(codes),
        addresses=addresses(_text(place.get("address")) for place in places),
        birth_dates=_birth_dates(details.get("birthDate")),
    )


def _customer(tenant_id: str, record: Record, described: Sequence[Party]) -> Subject:
    """Put what the tenant record and the BODS record say of the customer together."""
    told = party_subject(described, "customer") if described else None
    address = record.get("address")
    place = address if isinstance(address, Mapping) else {}
    line = ", ".join(t for key in ("street", "city", "country") if (t := _text(place.get(key))))
    return Subject(
        record_id=told.record_id if told is not None else tenant_id,
        role="customer",
        kind=_kind(record, told),
        names=unique([_text(record.get("name")), *(told.names if told is not None else ())]),
        identifiers=told.identifiers if told is not None else (),
        countries=unique([country(place.get("country")), *(told.countries if told else ())]),
        addresses=addresses([line, *(told.addresses if told is not None else ())]),
        birth_dates=told.birth_dates if told is not None else (),
    )


def _kind(record: Record, told: Subject | None) -> PartyKind:
    if told is not None and told.kind != "unknown":
        return told.kind
    stated = record.get("kind")
    if stated == "individual":
        return "person"
    return "organisation" if stated == "organisation" else "unknown"


def _payer(tenant_id: str, record: Record) -> Subject | None:
    payment = record.get("payment")
    name = _text(payment.get("payer_name")) if isinstance(payment, Mapping) else ""
    if not name or not isinstance(payment, Mapping):
        return None
    codes = unique([country(payment.get("country"))])
    return Subject(tenant_id, "payer", "unknown", (name,), countries=codes)


def _behind(graph: OwnershipGraph, record_id: str, at: datetime) -> Iterable[str]:
    """Give the parties with a way to the record over interests that hold at the instant."""
    seen, waiting = {record_id}, [record_id]
    while waiting:
        for link in graph.links_into.get(waiting.pop(), ()):
            if link.party_id is not None and link.party_id not in seen and link.holds_at(at):
                seen.add(link.party_id)
                waiting.append(link.party_id)
    return seen - {record_id}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in _items(value) if isinstance(each, Mapping)]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _code(place: object) -> str | None:
    return country(place.get("code") if isinstance(place, Mapping) else place)


def _birth_dates(value: object) -> tuple[str, ...]:
    return unique([birth_date(value)]) if isinstance(value, str) else ()
