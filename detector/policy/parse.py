"""Text to policy. Every failure names the file, the key, what was expected, what was found.

Text comes in as an argument, with the name to use for it in messages; nothing is opened here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from detector.errors import PolicyError
from detector.policy.model import Pack, Policy

Model = TypeVar("Model", bound=BaseModel)

#: Where a person reads how a pack is written.
FORMAT_PAGE = "see docs/policy-packs.md for the format"


class StrictDocument(BaseModel):
    """A frozen value of a file of figures: no further keys, every value of exactly its type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def parse_pack(text: str, name: str) -> Pack:
    """Read one pack from the TOML text of the file called ``name``."""
    return parse_document(text, name, Pack, FORMAT_PAGE)


def policy_of(packs: Sequence[tuple[str, Pack]]) -> Policy:
    """Put packs together; two with one id cannot both apply."""
    first_seen: dict[str, str] = {}
    for name, pack in packs:
        other = first_seen.setdefault(pack.id, name)
        if other != name:
            raise PolicyError(
                name,
                "id",
                "an id of its own",
                f"{pack.id!r}, which {other} has too",
                "leave one of the two out or rename it",
            )
    return Policy(packs=tuple(pack for _, pack in packs))


def parse_document(text: str, name: str, model: type[Model], remedy: str) -> Model:
    """Read a TOML text into a model; the first fault found is the one that is told."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the second: nested without end
        raise PolicyError(name, "the document", "TOML", f"{error}", remedy) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _fault(error, name, remedy) from error


def _fault(error: ValidationError, name: str, remedy: str) -> PolicyError:
    faults = error.errors(include_url=False)
    first = faults[0]
    key = ".".join(str(part) for part in first["loc"]) or "the document"
    more = "" if len(faults) == 1 else f" ({len(faults) - 1} more after this one)"
    expected, found = _in_words(first)
    return PolicyError(name, key, expected, f"{found}{more}", remedy)


def _in_words(fault: ErrorDetails) -> tuple[str, str]:
    """Give what was expected and what was found, from one fault as pydantic tells it."""
    kind, value = fault["type"], fault.get("input")
    if kind == "missing":
        return "a value", "no such key"
    if kind == "extra_forbidden":
        return "only keys of the format", f"a key that is none of them, with {_shown(value)}"
    if kind == "too_short":
        return "at least one of them", _shown(value)
    if kind == "union_tag_not_found":
        return "a kind", "no such key"
    if kind == "union_tag_invalid":
        tags = fault["ctx"]["expected_tags"]
        return f"one of {tags} as kind", _shown(fault["ctx"]["tag"])
    if kind == "value_error":
        expected, _, found = fault["msg"].removeprefix("Value error, ").partition("; found ")
        return expected, found
    return fault["msg"].removeprefix("Input should be "), _shown(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
