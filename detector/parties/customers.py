"""One tenant's records to what a report may say of its customer; nothing is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from detector.facts import AccessSource, CustomerFacts, Declaration, OwnerName
from detector.who.disclosed import Disclosure
from detector.who.graph import Party

NOTHING_ASKED: Final = Disclosure()
Event = tuple[Mapping[str, Any], datetime]
_DECLARED = (
    "model_name",
    "parameters",
    "active_parameters",
    "tokens",
    "precision",
    "planned_operations",
    "biological_sequence_share",
    "base_model",
    "base_model_operations",
    "end_use",
    "weight_security",
    "incidents",
)


def customer_facts(
    record: Mapping[str, Any],
    party: Party | None,
    owners: tuple[OwnerName, ...],
    accesses: Sequence[Event],
    declarations: Sequence[Event],
    disclosed: Disclosure = NOTHING_ASKED,
) -> CustomerFacts:
    """Give the facts of one customer from its tenant record and BODS party, accesses and plans.

    ``disclosed``: what is open about its owners, and who among them has no beneficial owner.
    """
    payment = record.get("payment") or {}
    verification = record.get("verification") or {}
    details: Mapping[str, Any] = party.details if party is not None else {}
    return CustomerFacts(
        tenant_id=record["tenant_id"],
        name=record.get("name") or (party.name if party is not None else None),
        kind=_kind(record, party),
        address=_address(record.get("address")) or _registered(details),
        address_type=(record.get("address") or {}).get("type"),
        jurisdiction=_code(details.get("jurisdiction")),
        use_locations=tuple(record.get("use_locations") or ()),
        payment_means=payment.get("means"),
        payment_country=payment.get("country"),
        payment_identifier_hash=payment.get("identifier_hash"),
        payer_name=payment.get("payer_name"),
        email=record.get("email"),
        telephone=record.get("phone"),
        accesses=_access_sources(accesses),
        owners=owners,
        is_ownership_disclosed=_is_disclosed(owners, disclosed),
        ownership_questions=disclosed.open_questions,
        without_owners=disclosed.without_owners,
        verification_status=verification.get("status"),
        is_reseller=bool(record.get("is_reseller")),
        public_presence=record.get("public_presence"),
        declarations=_declarations(declarations),
    )


def _is_disclosed(owners: Sequence[OwnerName], disclosed: Disclosure) -> bool:
    """Every person is named, and of every organisation atop a chain it is told why none stands."""
    people = [owner for owner in owners if owner.is_person]
    is_explained = len(disclosed.without_owners) == len(owners) - len(people)
    is_named = all(owner.name for owner in people)
    return bool(owners) and is_named and is_explained and not disclosed.open_questions


def _kind(
    record: Mapping[str, Any], party: Party | None
) -> Literal["individual", "organisation"] | None:
    stated = record.get("kind")
    if stated in ("individual", "organisation"):
        return "individual" if stated == "individual" else "organisation"
    if party is None or party.kind == "unknown":
        return None
    return "individual" if party.kind == "person" else "organisation"


def _address(address: object) -> str | None:
    if not isinstance(address, Mapping):
        return None
    parts = [address.get(name) for name in ("street", "city", "country")]
    return ", ".join(part for part in parts if part) or None


def _registered(details: Mapping[str, Any]) -> str | None:
    stated = details.get("addresses")
    for kind in ("headquarters", "registered", "residence"):
        for each in stated if isinstance(stated, list) else []:
            if isinstance(each, Mapping) and each.get("type") == kind and each.get("address"):
                place = _code(each.get("country"))
                return ", ".join(part for part in (each["address"], place) if part)
    return None


def _code(place: object) -> str | None:
    code = place.get("code") if isinstance(place, Mapping) else place
    return code if isinstance(code, str) and code else None


def _access_sources(accesses: Iterable[Event]) -> tuple[AccessSource, ...]:
    """Fold accesses to one entry an address and country; the provider's log holds every access.

    An access whose country nobody told goes with the country last told of its address.
    """
    found = [(data, time) for data, time in accesses if data.get("source_ip")]
    last = {data["source_ip"]: data["country"] for data, _ in found if data.get("country")}
    by_place: dict[tuple[str, str], list[Event]] = {}
    for data, time in found:
        country = data.get("country") or last.get(data["source_ip"], "")
        by_place.setdefault((data["source_ip"], country), []).append((data, time))
    return tuple(
        AccessSource(
            source_ip=address,
            country=country or None,
            first_at=min(time for _, time in events),
            last_at=max(time for _, time in events),
            access_count=len(events),
            anonymizer_count=sum(bool(data.get("is_anonymizer")) for data, _ in events),
        )
        for (address, country), events in sorted(by_place.items())
    )


def _declarations(events: Iterable[Event]) -> tuple[Declaration, ...]:
    """Keep the last version of each declaration."""
    latest = {data["declaration_id"]: data for data, _ in events}
    return tuple(
        Declaration(
            declaration_id=name,
            planned_start=_instant(data.get("planned_start")),
            planned_end=_instant(data.get("planned_end")),
            **{field: data.get(field) for field in _DECLARED},
        )
        for name, data in sorted(latest.items())
    )


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
