"""Holds a JSON value against a JSON Schema: the part of draft 2020-12 that BODS is written in.

``format`` is enforced (date, date-time, uri), as the standard's own tests do. A condition on a
field that is absent is passed over: each such field is required, so its absence is the fault, and
what would follow from it is no second one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from detector.bods.words import in_words
from detector.events.fields import json_word
from detector.events.instants import parse_date_or_instant, parse_instant

Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
}
#: RFC 3986: a scheme, then only characters that a URI may hold; others are percent-encoded.
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_LENGTH_OF_A_DATE: Final = 10


@dataclass(frozen=True)
class Fault:
    """One place in a value that breaks one keyword of its schema.

    ``path`` is a JSON Pointer (RFC 6901). ``keyword`` is the schema's own word for the rule.
    """

    path: str
    keyword: str
    expected: str
    found: str


@dataclass(frozen=True)
class Documents:
    """The documents of a schema by their ``$id``; references lead from one to another."""

    by_id: Mapping[str, Schema]

    def resolve(self, reference: str, base: str) -> tuple[Schema, str]:
        """Give what a reference means, and the document in which that stands."""
        name, _, pointer = reference.partition("#")
        base = name or base
        found: Any = self.by_id[base]
        for part in pointer.split("/")[1:]:
            found = found[part]
        return found, base


@dataclass(frozen=True)
class _Place:
    """Where the walk stands: documents for references, the one it is in, and the pointer."""

    documents: Documents
    base: str
    path: str = ""

    def into(self, name: str | int) -> _Place:
        text = str(name).replace("~", "~0").replace("/", "~1")
        return replace(self, path=f"{self.path}/{text}")


#: Takes the value, what the keyword says, the schema it stands in, and the place.
_Check = Callable[[Any, Any, Schema, _Place], Iterator[Fault]]


def faults(value: object, reference: str, documents: Documents, path: str = "") -> list[Fault]:
    """Give every fault of a value under the schema that a reference names, in document order.

    Of several that break one keyword in one place the narrowest stands: it is asked last.
    """
    schema, base = documents.resolve(reference, "")
    found = _walk(value, schema, _Place(documents, base, path))
    return list({(each.path, each.keyword): each for each in found}.values())


def _walk(value: object, schema: Schema, place: _Place) -> Iterator[Fault]:
    if "$ref" in schema:
        target, base = place.documents.resolve(schema["$ref"], place.base)
        yield from _walk(value, target, replace(place, base=base))
    kind = schema.get("type")
    if kind is not None and not _is_a(value, kind):
        yield _fault(place, "type", schema, value)
        return
    for keyword, check in _CHECKS.items():
        if keyword in schema:
            yield from check(value, schema[keyword], schema, place)


def _is_a(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _fault(place: _Place, keyword: str, schema: Schema, value: object) -> Fault:
    return Fault(place.path, keyword, in_words(schema, keyword), json_word(value))


def _required(value: object, names: list[str], _schema: Schema, place: _Place) -> Iterator[Fault]:
    fields = value if isinstance(value, dict) else dict.fromkeys(names)
    for name in names:
        if name not in fields:
            yield Fault(place.into(name).path, "required", "this field", "none")


def _properties(value: object, known: Schema, _schema: Schema, place: _Place) -> Iterator[Fault]:
    fields = value if isinstance(value, dict) else {}
    for name in known:
        if name in fields:
            yield from _walk(fields[name], known[name], place.into(name))


def _items(value: object, schema: Schema, _schema: Schema, place: _Place) -> Iterator[Fault]:
    for number, item in enumerate(value if isinstance(value, list) else []):
        yield from _walk(item, schema, place.into(number))


def _all_of(
    value: object, schemas: list[Schema], _schema: Schema, place: _Place
) -> Iterator[Fault]:
    for schema in schemas:
        yield from _walk(value, schema, place)


def _any_of(value: object, schemas: list[Schema], schema: Schema, place: _Place) -> Iterator[Fault]:
    """Tell the faults of the one branch that has the value's type, else what all of them expect."""
    tried = [list(_walk(value, each, place)) for each in schemas]
    if not all(tried):
        return
    of_its_type = [each for each in tried if all(fault.path != place.path for fault in each)]
    if len(of_its_type) == 1:
        yield from of_its_type[0]
    else:
        yield _fault(place, "anyOf", {"anyOf": schemas, "type": schema.get("type")}, value)


def _if(value: object, condition: Schema, schema: Schema, place: _Place) -> Iterator[Fault]:
    if isinstance(value, dict) and all(each in value for each in _fields(condition)):
        holds = not list(_walk(value, condition, place))
        yield from _walk(value, schema.get("then", {}) if holds else {}, place)


def _fields(condition: Schema) -> list[str]:
    return list(condition.get("not", condition).get("properties", {}))


def _not(value: object, refused: Schema, schema: Schema, place: _Place) -> Iterator[Fault]:
    if not list(_walk(value, refused, place)):
        yield _fault(place, "not", schema, value)


def _holds(keyword: str, test: Callable[[Any, Any], bool]) -> _Check:
    """Build the check of a keyword that one look at the value decides."""

    def check(value: object, bound: object, schema: Schema, place: _Place) -> Iterator[Fault]:
        if not test(value, bound):
            yield _fault(place, keyword, schema, value)

    return check


def _is_format(value: object, name: str) -> bool:
    if not isinstance(value, str):
        return True
    if name == "date":
        return len(value) == _LENGTH_OF_A_DATE and parse_date_or_instant(value) is not None
    if name == "date-time":
        return parse_instant(value) is not None
    return _URI.fullmatch(value) is not None


def _number_or(value: object, test: Callable[[float], bool]) -> bool:
    return isinstance(value, bool) or not isinstance(value, int | float) or test(value)


_CHECKS: Final[Mapping[str, _Check]] = {
    "enum": _holds("enum", lambda value, words: value in words),
    "const": _holds("const", lambda value, word: bool(value == word)),
    "minLength": _holds(
        "minLength", lambda value, n: not isinstance(value, str) or len(value) >= n
    ),
    "maxLength": _holds(
        "maxLength", lambda value, n: not isinstance(value, str) or len(value) <= n
    ),
    "minProperties": _holds(
        "minProperties", lambda value, n: not isinstance(value, dict) or len(value) >= n
    ),
    "pattern": _holds(
        "pattern", lambda value, p: not isinstance(value, str) or re.search(p, value) is not None
    ),
    "format": _holds("format", _is_format),
    "minimum": _holds("minimum", lambda value, n: _number_or(value, lambda v: v >= n)),
    "maximum": _holds("maximum", lambda value, n: _number_or(value, lambda v: v <= n)),
    "required": _required,
    "properties": _properties,
    "items": _items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _any_of,
    "if": _if,
    "not": _not,
}
