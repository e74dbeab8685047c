"""What every outgoing document has in common: frozen parts, instants, ids, JSON and schema.

Instants are UTC with ``Z``, with milliseconds only where they are not zero.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

#: Hex digits of a document id; 80 bits never collide among the documents of one provider.
ID_DIGITS: Final = 20


#: Digits after the first that a figure is ever written with.
_PLACES_MAX: Final = 6
_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Part(BaseModel):
    """A frozen document or part of one; an unknown field, NaN or an infinity is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def instant_text(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with ``Z``; milliseconds only where not zero."""
    unit = "milliseconds" if instant.microsecond >= 1000 else "seconds"
    return instant.astimezone(UTC).isoformat(timespec=unit).replace("+00:00", "Z")


def operations_text(operations: float) -> str:
    """Write operations for a sentence, with three digits: ``1.23 × 10²⁵``; zero is ``0``.

    What would round to a single digit, as thresholds are written, takes the digits that tell it
    from that: ``1.001 × 10²⁶`` is past ``10²⁶``, and ``9.998 × 10²⁵`` is not.
    """
    if operations == 0:
        return "0"
    written = (f"{operations:.{places}e}" for places in range(2, _PLACES_MAX + 1))
    told = next((each for each in written if not _is_round(each, operations)), f"{operations:.2e}")
    mantissa, exponent = told.split("e")
    power = str(int(exponent)).translate(_SUPERSCRIPTS)
    digits = mantissa.rstrip("0").rstrip(".")
    return f"10{power}" if digits == "1" else f"{digits} × 10{power}"


def _is_round(digits: str, operations: float) -> bool:
    mantissa = digits.partition("e")[0]
    return not mantissa[1:].strip("0.") and float(digits) != operations


def share_text(ratio: float) -> str:
    """Write a measured share in whole percent; a little is not nothing, almost all not all."""
    if ratio <= 0:
        return "0 %"
    if ratio < 0.01:
        return "under 1 %"
    if 0.995 <= ratio < 1:
        return "over 99 %"
    return f"{ratio * 100:.0f} %"


def counted(count: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def percent_text(probability: float) -> str:
    """Write a probability for a sentence in whole percent, never as certainty."""
    if probability > 0.99:
        return "over 99 %"
    if probability < 0.01:
        return "under 1 %"
    return f"{probability * 100:.0f} %"


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"expected an instant with an offset, got {instant.isoformat()}; add Z")
    whole_milliseconds = instant.microsecond // 1000 * 1000
    return instant.astimezone(UTC).replace(microsecond=whole_milliseconds)


#: An instant of a document, cut to milliseconds; one without an offset is an error.
Instant = Annotated[
    datetime,
    AfterValidator(_in_utc),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    Field(json_schema_extra={"format": "date-time"}),
]


def printable(text: str) -> str:
    """Put a mark where a character cannot be printed, moves a cursor or turns a line around."""
    return "".join(mark if mark.isprintable() else "�" for mark in text)


def document_id(prefix: str, *parts: str) -> str:
    """Give a stable id made of nothing but ``parts``; no two lists of parts share a text."""
    text = json.dumps(parts, ensure_ascii=False)
    return f"{prefix}-{sha256(text.encode()).hexdigest()[:ID_DIGITS]}"


def json_line(document: Part) -> bytes:
    """Write a document as one line of JSON: fields in the model's order, UTF-8, no newline."""
    fields = document.model_dump(mode="json")
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def schema_text(document: type[Part]) -> str:
    """Give the JSON Schema of a document as it is written, ready for a file."""
    schema = document.model_json_schema(mode="serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(dialect | schema, indent=2, ensure_ascii=False) + "\n"
