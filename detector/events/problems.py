"""Refusals: the reason from the contract's closed list, and a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from detector.events.fields import json_word

#: Where several fields are wrong, the first of these that occurs is the reason.
PRECEDENCE: Final = ("bad_encoding", "wrong_type", "missing_field", "bad_time", "out_of_range")
ERRORS_NAMED_MAX: Final = 8
_KIND_OF_JSON: Final = {"list_type": "an array"}


@dataclass(frozen=True)
class Refusal:
    """Why one event cannot be accepted."""

    reason: str
    detail: str


def refusal_of(error: ValidationError, root: str) -> Refusal:
    """Turn a model's errors into one refusal; ``root`` is where the model stands in the event."""
    found = [_problem(item, root) for item in error.errors(include_url=False)]
    reason = min((reason for reason, _ in found), key=PRECEDENCE.index)
    sentences = [sentence for _, sentence in found[:ERRORS_NAMED_MAX]]
    if len(found) > ERRORS_NAMED_MAX:
        sentences.append(f"and {len(found) - ERRORS_NAMED_MAX} more")
    return Refusal(reason, "; ".join(sentences))


def _problem(item: ErrorDetails, root: str) -> tuple[str, str]:
    location = item["loc"]
    where = ".".join(str(part) for part in ((root, *location) if root else location)) or "event"
    in_list = bool(location) and isinstance(location[-1], int)
    kind, came = item["type"], item["input"]
    if kind == "missing":
        return "missing_field", f"{where}: expected a value, got nothing"
    if kind in PRECEDENCE:
        reason = "wrong_type" if kind == "missing_field" and in_list else kind
        return reason, f"{where}: {item['msg']}"
    expected = _KIND_OF_JSON.get(kind, "an object")
    if came is None and not in_list:
        return "missing_field", f"{where}: expected {expected}, got nothing"
    return "wrong_type", f"{where}: expected {expected}, got {json_word(came)}"
