"""From parsed JSON to one typed event, or to the reason why it is refused.

The envelope is read first, because without it nothing says what the rest should be: what lacks
``specversion`` "1.0", ``id``, ``source``, ``type`` or ``time`` is not a CloudEvent. Then the data
is read by the model of its type. A bare BODS statement, which has ``recordType`` and no
``specversion``, is an event of source ``bods`` named by its ``statementId``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import Field, ValidationError

from detector.events.fields import EventModel, Instant, Name, Text, json_word
from detector.events.instants import parse_date_or_instant
from detector.events.problems import Refusal, refusal_of
from detector.events.records import Access, BodsStatement, Declaration, Opening, Tenant
from detector.events.unknown import unknown_fields
from detector.events.usage import Correction, Usage

USAGE: Final = "trainwatch.usage.v1"
CORRECTION: Final = "trainwatch.usage.correction.v1"
BODS: Final = "trainwatch.bods.v1"
BODS_SOURCE: Final = "bods"
EVENT_MODELS: Final[Mapping[str, type[EventModel]]] = MappingProxyType(
    {
        USAGE: Usage,
        CORRECTION: Correction,
        "trainwatch.tenant.v1": Tenant,
        BODS: BodsStatement,
        "trainwatch.access.v1": Access,
        "trainwatch.declaration.v1": Declaration,
        "trainwatch.opening.v1": Opening,
    }
)
REQUIRED: Final = ("specversion", "id", "source", "type", "time")


class Envelope(EventModel):
    """The attributes of CloudEvents 1.0 that are read here; others are counted as unknown."""

    specversion: Text = Field(json_schema_extra={"const": "1.0"})
    id: Name
    source: Name
    type: Name
    time: Instant
    subject: Text | None = None
    datacontenttype: Text | None = None
    dataschema: Text | None = None


@dataclass(frozen=True)
class Event:
    """One event as its models read it; ``time_ms`` counts from the epoch."""

    id: str
    source: str
    type: str
    time_ms: int
    data: EventModel
    raw_data: Mapping[str, Any]
    unknown: tuple[str, ...]


def read_event(value: object) -> Event | Refusal:
    """Read one parsed JSON value as an event."""
    if not isinstance(value, dict):
        return Refusal("not_cloudevent", f"expected a JSON object, got {json_word(value)}")
    if "specversion" not in value and "recordType" in value:
        return _read_statement(value)
    refusal = _lacks_envelope(value)
    if refusal is not None:
        return refusal
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        return refusal_of(error, "")
    model = EVENT_MODELS.get(envelope.type)
    if model is None:
        expected = ", ".join(EVENT_MODELS)
        came = json_word(envelope.type)
        return Refusal("unknown_type", f"type: expected one of {expected}, got {came}")
    return _read_data(envelope, model, value)


def _read_data(
    envelope: Envelope, model: type[EventModel], value: Mapping[str, Any]
) -> Event | Refusal:
    data = value.get("data")
    if data is None:
        return Refusal("missing_field", "data: expected an object, got nothing")
    if not isinstance(data, dict):
        return Refusal("wrong_type", f"data: expected an object, got {json_word(data)}")
    try:
        typed = model.model_validate(data)
    except ValidationError as error:
        return refusal_of(error, "data")
    outside = unknown_fields(Envelope, value, "", {"data"})
    unknown = (*outside, *unknown_fields(model, data, "data."))
    return Event(envelope.id, envelope.source, envelope.type, envelope.time, typed, data, unknown)


def _lacks_envelope(value: Mapping[str, Any]) -> Refusal | None:
    lacking = [name for name in REQUIRED if value.get(name) is None]
    if lacking:
        expected = f"expected the attributes {', '.join(REQUIRED)}"
        return Refusal("not_cloudevent", f"{expected}; missing: {', '.join(lacking)}")
    if value["specversion"] != "1.0":
        came = json_word(value["specversion"])
        return Refusal("not_cloudevent", f'specversion: expected "1.0", got {came}')
    return None


def _read_statement(value: dict[str, Any]) -> Event | Refusal:
    try:
        statement = BodsStatement.model_validate(value)
    except ValidationError as error:
        return refusal_of(error, "")
    time_ms = _statement_instant(value)
    if isinstance(time_ms, Refusal):
        return time_ms
    return Event(statement.statementId, BODS_SOURCE, BODS, time_ms, statement, value, ())


def _statement_instant(value: Mapping[str, Any]) -> int | Refusal:
    where, moment = "statementDate", value.get("statementDate")
    details = value.get("publicationDetails")
    if moment is None and isinstance(details, dict):
        where, moment = "publicationDetails.publicationDate", details.get("publicationDate")
    if moment is None:
        expected = "expected statementDate or publicationDetails.publicationDate"
        return Refusal("missing_field", f"{expected}, got neither")
    if not isinstance(moment, str):
        return Refusal("wrong_type", f"{where}: expected a string, got {json_word(moment)}")
    time_ms = parse_date_or_instant(moment)
    if time_ms is None:
        came = json_word(moment)
        return Refusal("bad_time", f"{where}: expected a date or an RFC 3339 instant, got {came}")
    return time_ms
