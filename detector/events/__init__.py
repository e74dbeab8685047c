"""Every event of the contract as a model: what its fields are, and what is refused."""

from detector.events.envelope import (
    BODS,
    BODS_SOURCE,
    CORRECTION,
    EVENT_MODELS,
    USAGE,
    Envelope,
    Event,
    read_event,
)
from detector.events.fields import EventModel
from detector.events.instants import format_instant, parse_date_or_instant, parse_instant
from detector.events.problems import Refusal
from detector.events.usage import Correction, Telemetry, Usage

__all__ = [
    "BODS",
    "BODS_SOURCE",
    "CORRECTION",
    "EVENT_MODELS",
    "USAGE",
    "Correction",
    "Envelope",
    "Event",
    "EventModel",
    "Refusal",
    "Telemetry",
    "Usage",
    "format_instant",
    "parse_date_or_instant",
    "parse_instant",
    "read_event",
]
