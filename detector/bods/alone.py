"""What is wrong with one statement by itself: the published schema, and what it says in words.

Problems break a MUST of the standard. Notes are a SHOULD, or what no reader can make sense of: a
share whose bounds cross, an interest that ends before it starts, an annotation of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from detector.bods.problems import Place, Problem
from detector.bods.schema import Documents, Fault, faults
from detector.bods.words import remedy
from detector.events.fields import json_word

Statement = Mapping[str, Any]

STATEMENT: Final = "urn:statement#/$defs/Statement"
VERSION: Final = "0.4"
#: Field names by which statements of versions before 0.4 are known.
EARLIER_FIELDS: Final = ("statementType", "statementID")
#: An address type that the contract accepts beside the standard's.
EXTENSION: Final = ("/type", "'headquarters'")
#: Entity and person types that stand for somebody who is not named, and where the reason goes.
_UNSPECIFIED: Final = {
    "entity": ("unspecifiedEntityDetails", ("unknownEntity", "anonymousEntity")),
    "person": ("unspecifiedPersonDetails", ("unknownPerson", "anonymousPerson")),
}


def alone(value: object, documents: Documents, place: Place, root: str = "") -> list[Problem]:
    """Give every problem of one statement; ``root`` is the pointer to it within its line."""
    if not isinstance(value, Mapping):
        advice = "give one BODS statement"
        return [Problem(place, root, "a JSON object", json_word(value), advice)]
    earlier = next((name for name in EARLIER_FIELDS if name in value), None)
    if earlier is not None and "recordType" not in value:
        expected, advice = f"a statement of BODS {VERSION}", f"convert it to BODS {VERSION}"
        found = f"{earlier}, a field of an earlier version"
        return [Problem(place, f"{root}/{earlier}", expected, found, advice)]
    broken = [_problem(each, place) for each in faults(value, STATEMENT, documents, root)]
    return [*broken, *_version(value, place, root), *_in_words(value, place, root)]


def _problem(fault: Fault, place: Place) -> Problem:
    if fault.path.endswith(EXTENSION[0]) and fault.found == EXTENSION[1]:
        advice = "nothing to do here: it is read as the headquarters; others may refuse it"
        told = Problem(place, fault.path, fault.expected, fault.found, advice, is_note=True)
        return replace(told, is_told_once=True)
    return Problem(place, fault.path, fault.expected, fault.found, remedy(fault.keyword))


def _version(value: Statement, place: Place, root: str) -> Iterator[Problem]:
    stated = _within(value, "publicationDetails").get("bodsVersion")
    if isinstance(stated, str) and stated != VERSION and stated.replace(".", "", 1).isdigit():
        path, advice = f"{root}/publicationDetails/bodsVersion", f"convert it to BODS {VERSION}"
        yield Problem(place, path, VERSION, json_word(stated), advice)


def _in_words(value: Statement, place: Place, root: str) -> Iterator[Problem]:
    """Look at what no schema sees."""
    details = _within(value, "recordDetails")
    path = f"{root}/recordDetails"
    if value.get("recordType") == "relationship":
        for number, interest in enumerate(_objects(details.get("interests"))):
            yield from _interest(interest, place, f"{path}/interests/{number}")
    else:
        yield from _somebody(str(value.get("recordType")), details, place, path)
    for number, annotation in enumerate(_objects(value.get("annotations"))):
        target = annotation.get("statementPointerTarget")
        if isinstance(target, str) and not _resolves(target, value):
            where = f"{root}/annotations/{number}/statementPointerTarget"
            expected = "a JSON Pointer from the root of the statement to something in it"
            yield _note(place, where, expected, json_word(target), "correct the pointer")


def _interest(interest: Statement, place: Place, path: str) -> Iterator[Problem]:
    start, end = interest.get("startDate"), interest.get("endDate")
    if isinstance(start, str) and isinstance(end, str) and end < start:
        expected = f"a day from {start} on"
        yield _note(place, f"{path}/endDate", expected, json_word(end), "correct one of the dates")
    share = _within(interest, "share")
    exact = _number(share.get("exact"))
    low = _most(share.get("minimum"), share.get("exclusiveMinimum"))
    high = _least(share.get("maximum"), share.get("exclusiveMaximum"))
    if low is not None and high is not None and low > high:
        expected, found = "a lower bound up to the upper one", f"{low:g} to {high:g}"
        yield _note(place, f"{path}/share", expected, found, "correct one of the bounds")
    elif exact is not None and (exact < (low or 0) or (high is not None and exact > high)):
        expected, found = "an exact share within its bounds", f"{exact:g}"
        yield _note(place, f"{path}/share/exact", expected, found, "correct one of them")
    if not interest.get("type"):
        advice = "say it where it is known; it is read as an unknown interest"
        yield _note(place, f"{path}/type", "an interest type", "none", advice)


def _somebody(kind: str, details: Statement, place: Place, path: str) -> Iterator[Problem]:
    if kind not in _UNSPECIFIED:
        return
    field, unnamed = _UNSPECIFIED[kind]
    stated = details.get("personType") if kind == "person" else details.get("entityType")
    word = stated.get("type") if isinstance(stated, Mapping) else stated
    if word in unnamed and field not in details:
        expected = f"a reason, because the {kind} is {word}"
        yield _note(place, f"{path}/{field}", expected, "none", "say why nobody is named")
    named = details.get("names") if kind == "person" else details.get("name")
    if word not in unnamed and not named:
        where = f"{path}/{'names' if kind == 'person' else 'name'}"
        advice = "give it: screening needs a name"
        yield _note(place, where, f"a name of the {kind}", "none", advice)


def _note(place: Place, path: str, expected: str, found: str, advice: str) -> Problem:
    return Problem(place, path, expected, found, advice, is_note=True)


def _resolves(pointer: str, value: object) -> bool:
    """Say whether a JSON Pointer leads somewhere (RFC 6901)."""
    if pointer == "":
        return True
    if not pointer.startswith("/"):
        return False
    for part in pointer[1:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return False
    return True


def _within(value: Statement, name: str) -> Statement:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _objects(value: object) -> list[Statement]:
    listed = value if isinstance(value, list) else []
    return [each if isinstance(each, Mapping) else {} for each in listed]


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None


def _most(*stated: object) -> float | None:
    return max((n for each in stated if (n := _number(each)) is not None), default=None)


def _least(*stated: object) -> float | None:
    return min((n for each in stated if (n := _number(each)) is not None), default=None)
