"""The smallest BODS v0.4 statements, for tests of ownership and status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from detector.who.graph import OwnershipGraph, Statement, build_graph

KNOWN_AT = datetime(2026, 1, 1, tzinfo=UTC)


def person(
    record_id: str, nationality: str | None = None, residence: str | None = None
) -> Statement:
    details: dict[str, Any] = {
        "isComponent": False,
        "personType": "knownPerson",
        "names": [{"type": "legal", "fullName": f"Name of {record_id}"}],
    }
    if nationality is not None:
        details["nationalities"] = [{"name": nationality, "code": nationality}]
    if residence is not None:
        details["addresses"] = [{"type": "residence", "country": {"code": residence}}]
    return statement(record_id, "person", details)


def entity(record_id: str, jurisdiction: str | None = None, **addresses: str) -> Statement:
    details: dict[str, Any] = {
        "isComponent": False,
        "entityType": {"type": "registeredEntity"},
        "name": f"Name of {record_id}",
        "addresses": [
            {"type": kind, "country": {"name": code, "code": code}}
            for kind, code in addresses.items()
        ],
    }
    if jurisdiction is not None:
        details["jurisdiction"] = {"name": jurisdiction, "code": jurisdiction}
    return statement(record_id, "entity", details)


def holding(
    party: str, subject: str, share: float | dict[str, float] | None = None, **interest: object
) -> Statement:
    """A relationship with one direct shareholding, unless ``interest`` says otherwise."""
    stated: dict[str, Any] = {"type": "shareholding", "directOrIndirect": "direct", **interest}
    if share is not None:
        stated["share"] = share if isinstance(share, dict) else {"exact": share}
    return relationship(f"{party}-in-{subject}", party, subject, [stated])


def relationship(
    record_id: str,
    party: str | dict[str, str],
    subject: str,
    interests: list[dict[str, Any]],
    **envelope: str,
) -> Statement:
    details = {
        "isComponent": False,
        "subject": subject,
        "interestedParty": party,
        "interests": interests,
    }
    return statement(record_id, "relationship", details, **envelope)


def statement(
    record_id: str, record_type: str, details: dict[str, Any], **envelope: str
) -> Statement:
    return {
        "statementId": f"statement-of-{record_id}",
        "declarationSubject": "subject",
        "statementDate": "2020-01-01",
        "recordStatus": "new",
        "recordId": record_id,
        "recordType": record_type,
        "recordDetails": details,
        **envelope,
    }


def graph_of(*statements: Statement) -> OwnershipGraph:
    return build_graph([(each, KNOWN_AT) for each in statements])
