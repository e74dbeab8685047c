"""BODS statements as the standard asks for them, and how problems are told, for its checker."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from detector.bods.problems import Problem

ENVELOPE: Mapping[str, Any] = {
    "declarationSubject": "company",
    "statementDate": "2024-05-01",
    "recordStatus": "new",
}


def statement(name: str, kind: str, details: Mapping[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    text = {"statementId": f"{name:-<32}", "recordId": name, "recordType": kind}
    return {**ENVELOPE, **text, "recordDetails": {"isComponent": False, **details}, **more}


def company(name: str = "company", **details: object) -> dict[str, Any]:
    return statement(
        name, "entity", {"entityType": {"type": "registeredEntity"}, "name": "Company", **details}
    )


def human(name: str = "human", **details: object) -> dict[str, Any]:
    names = [{"type": "legal", "fullName": "Ada"}]
    return statement(name, "person", {"personType": "knownPerson", "names": names, **details})


def holds(
    party: object = "human", subject: object = "company", **details: object
) -> dict[str, Any]:
    interests = [{"type": "shareholding", "directOrIndirect": "direct", "share": {"exact": 30}}]
    ends = {"subject": subject, "interestedParty": party, "interests": interests}
    return statement("holds", "relationship", {**ends, **details})


def told(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [
        (p.path, p.expected if not p.is_note else f"note: {p.expected}", p.found) for p in problems
    ]


def changed(statement: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Set one place of a statement, or take it away with None."""
    changed = copy.deepcopy(statement)
    *parents, last = path.split("/")
    inner: Any = changed
    for part in parents:
        inner = inner[int(part)] if isinstance(inner, list) else inner.setdefault(part, {})
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return changed
