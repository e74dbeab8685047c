"""What is wrong between statements: references, the life of a record, components, repeats.

Statements are seen once, in the order of the files. Of each record little is kept; references are
looked up at the end, when it is known what every record is and where it first stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from detector.bods.lives import Record, life, record_of
from detector.bods.problems import Place, Problem

Statement = Mapping[str, Any]
Role = Literal["subject", "interestedParty", "componentRecords", "beneficial owner"]

#: What a record must be to stand in a role.
_KINDS: Final[Mapping[Role, tuple[str, ...]]] = {
    "subject": ("entity",),
    "interestedParty": ("entity", "person"),
    "componentRecords": ("entity", "person", "relationship"),
    "beneficial owner": ("person",),
}
#: The roles that parties of two kinds of arrangement may have (the standard's pages on each).
_INTERESTS: Final = {
    "nomination": ("nominee", "nominator"),
    "trust": (
        "settlor",
        "trustee",
        "protector",
        "beneficiaryOfLegalArrangement",
        "otherInfluenceOrControl",
    ),
}


@dataclass(frozen=True)
class _Reference:
    """A record that a relationship names: in which role, where, by which interests."""

    record_id: str
    role: Role
    place: Place
    path: str
    order: int
    types: tuple[str, ...] = ()


@dataclass
class Together:
    """Takes statements in order; ``at_end`` tells what only the whole can tell."""

    _records: dict[str, Record] = field(default_factory=dict)
    _statements: dict[str, tuple[bytes, Place]] = field(default_factory=dict)
    _references: list[_Reference] = field(default_factory=list)

    def seen(
        self, statement: Statement, place: Place, digest: bytes, root: str = ""
    ) -> list[Problem]:
        """Take one statement; ``digest`` tells two payloads of one ``statementId`` apart."""
        repeated = self._repeated(statement, place, digest, root)
        if repeated is not None:
            return [repeated]
        record = record_of(statement, place, len(self._statements))
        if record is None:
            return []
        record_id = str(statement["recordId"])
        known = self._records.get(record_id)
        found = list(life(known, record, place, root))
        self._records[record_id] = record if known is None else known.followed_by(record)
        if record.kind == "relationship":
            self._references += _references(statement, place, record.order, root)
        return found

    def at_end(self, *, is_part: bool = False) -> Iterator[Problem]:
        """Give the problems of references; ``is_part``: what is missing may stand elsewhere."""
        named = set()
        for each in self._references:
            record = self._records.get(each.record_id)
            if record is not None:
                yield from _known(each, record)
            elif not is_part and each.role != "beneficial owner":
                advice = "add its statement, or give its file too"
                yield _problem(each, "the recordId of a statement", f"'{each.record_id}'", advice)
            named |= {each.record_id} if each.role == "componentRecords" else set()
        for record_id, record in self._records.items():
            if record.is_component and record_id not in named and not is_part:
                expected = "a record that the componentRecords of a relationship name"
                advice = "name it there, or set isComponent to false"
                path = "/recordDetails/isComponent"
                yield Problem(record.place, path, expected, "none that names it", advice)

    def _repeated(
        self, statement: Statement, place: Place, digest: bytes, root: str
    ) -> Problem | None:
        name = statement.get("statementId")
        if not isinstance(name, str):
            return None
        before = self._statements.setdefault(name, (digest, place))
        if before[1] == place:
            return None
        is_same = before[0] == digest
        advice = "it counts once" if is_same else "give each statement an id of its own"
        found = f"the one of {before[1].text()}"
        path, expected = f"{root}/statementId", "an id that no other statement has"
        return Problem(place, path, expected, found, advice, is_note=is_same)


def _references(statement: Statement, place: Place, order: int, root: str) -> Iterator[_Reference]:
    details, path = statement["recordDetails"], f"{root}/recordDetails"
    stated = [each for each in _items(details.get("interests")) if isinstance(each, Mapping)]
    types = tuple(sorted({str(each["type"]) for each in stated if each.get("type")}))
    subject, party = details.get("subject"), details.get("interestedParty")
    if isinstance(subject, str):
        yield _Reference(subject, "subject", place, f"{path}/subject", order, types)
    if isinstance(party, str):
        yield _Reference(party, "interestedParty", place, f"{path}/interestedParty", order)
    for number, each in enumerate(stated):
        if each.get("beneficialOwnershipOrControl") is True and isinstance(party, str):
            where = f"{path}/interests/{number}/beneficialOwnershipOrControl"
            yield _Reference(party, "beneficial owner", place, where, order)
    for number, named in enumerate(_items(details.get("componentRecords"))):
        if isinstance(named, str):
            where = f"{path}/componentRecords/{number}"
            yield _Reference(named, "componentRecords", place, where, order)


def _known(reference: _Reference, record: Record) -> Iterator[Problem]:
    """Hold a reference against the record that it names."""
    kinds, where = _KINDS[reference.role], record.place.text()
    if record.kind not in kinds:
        expected = f"the recordId of {' or '.join(f'an {each}' for each in kinds)}"
        if reference.role == "beneficial owner":
            expected = "false, because the interested party is no natural person"
        found, advice = f"the {record.kind} of {where}", "correct the reference or the flag"
        yield _problem(reference, expected.replace("an person", "a person"), found, advice)
    if record.order > reference.order and reference.role != "beneficial owner":
        advice = "move that statement before this one; the order changes no total here"
        yield _problem(reference, "a record stated before", f"it first at {where}", advice)
    if reference.role == "componentRecords" and not record.is_component:
        expected, advice = "a record with isComponent true", "set isComponent of that record"
        yield _problem(reference, expected, f"false at {where}", advice, is_note=True)
    allowed = _INTERESTS.get(record.subtype or "", ()) if reference.role == "subject" else ()
    for other in [each for each in reference.types if allowed and each not in allowed]:
        expected = f"interests in a {record.subtype} of the types {', '.join(allowed)}"
        yield _problem(reference, expected, f"'{other}'", "use the type of the party's role")


def _problem(
    reference: _Reference, expected: str, found: str, advice: str, *, is_note: bool = False
) -> Problem:
    return Problem(reference.place, reference.path, expected, found, advice, is_note)


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
