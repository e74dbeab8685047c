"""What a schema asks for in plain words, and what to do about a value that is not it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
}
_FORMATS: Final = {
    "date": "a date, YYYY-MM-DD",
    "date-time": "an RFC 3339 instant with an offset",
    "uri": "a URI with its scheme",
}
_PATTERNS: Final = {
    r"^(\d+\.)(\d+)$": "a version, such as 0.4",
    r"^(\d{4})(-(1[0-2]|0[1-9]))?$": "YYYY or YYYY-MM",
}
_REMEDIES: Final = {
    "type": "write it as that type",
    "enum": "use one of the published codes",
    "required": "add it",
    "minLength": "give it in full",
    "maxLength": "shorten it",
    "format": "write it in that form",
    "pattern": "write it in that form",
    "minimum": "give a percentage from 0 to 100",
    "maximum": "give a percentage from 0 to 100",
    "const": "leave the field out",
    "anyOf": "give one of these",
}


def in_words(schema: Schema, keyword: str) -> str:
    """Say what one keyword of a schema asks of a value."""
    value = schema.get(keyword)
    return _WORDS[keyword](value) if keyword in _WORDS else f"{keyword} {value}"


def remedy(keyword: str) -> str:
    """Say what to do where a keyword is broken."""
    return _REMEDIES.get(keyword, "correct it")


def _branches(schemas: list[Schema]) -> str:
    return " or ".join(dict.fromkeys(_branch(each) for each in schemas))


def _branch(schema: Schema) -> str:
    if "required" in schema:
        return " and ".join(schema["required"])
    for keyword in ("format", "pattern", "type"):
        if keyword in schema:
            return in_words(schema, keyword)
    return "an object with a reason" if "$ref" in schema else "another form"


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "type": lambda kind: _TYPES[kind],
    "enum": lambda words: words[0] if len(words) == 1 else f"one of {', '.join(words)}",
    "const": lambda word: "nothing here" if word in ("", []) else repr(word),
    "minLength": lambda n: f"at least {n} characters",
    "maxLength": lambda n: f"at most {n} characters",
    "minProperties": lambda n: f"an object with at least {n} field",
    "minimum": lambda n: f"a number of at least {n}",
    "maximum": lambda n: f"a number of at most {n}",
    "format": lambda name: _FORMATS[name],
    "pattern": lambda pattern: _PATTERNS.get(pattern, f"text that matches {pattern}"),
    "anyOf": _branches,
    "not": lambda _: "something else",
}
