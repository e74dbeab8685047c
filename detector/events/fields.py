"""The kinds of value that an event field may hold, each refusing what is not its own.

Nothing is coerced: a number written as text, a boolean for a number or a number for text is the
``wrong_type``. The one widening is the contract's: 8.0 and 8e0 are integers. Validators name the
dead-letter reason as the type of their pydantic error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import BaseModel as PydanticModel
from pydantic import BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from detector.events.instants import format_instant, parse_instant

ACCELERATOR_COUNT_MAX: Final = 1_000_000
AUTONOMOUS_SYSTEM_MAX: Final = 2**32 - 1
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ASCII_LIMIT: Final = 60


class EventModel(PydanticModel):
    """Base of every event model: strict and frozen; unknown fields are ignored, and counted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


def refuse(reason: str, expected: str, value: object) -> PydanticCustomError:
    """Build the error of a field: reason, what was expected, what came."""
    if value is None:
        return PydanticCustomError(
            "missing_field", "expected {expected}, got nothing", {"expected": expected}
        )
    came = json_word(value)
    return PydanticCustomError(
        reason, "expected {expected}, got {came}", {"expected": expected, "came": came}
    )


def json_word(value: object) -> str:
    """Say what came, in JSON's words and cut short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = ascii(value) if isinstance(value, str) else _digits(value)
    return text if len(text) <= _ASCII_LIMIT else text[:_ASCII_LIMIT] + "..."


def _digits(value: object) -> str:
    wide = isinstance(value, int) and value.bit_length() > 256
    return "a number of more than 77 digits" if wide else str(value)


def as_text(value: object) -> str:
    """Accept a string that UTF-8 can hold; a lone surrogate is ``bad_encoding``."""
    if not isinstance(value, str):
        raise refuse("wrong_type", "a string", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise refuse("bad_encoding", "text without lone surrogates", value) from None
    return value


def as_name(value: object) -> str:
    """Accept a string that is not empty: an identifier that names nothing cannot be counted."""
    if as_text(value) == "":
        raise refuse("out_of_range", "a string that is not empty", value)
    return str(value)


def as_number(value: object) -> float:
    """Accept any finite number as a 64-bit float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse("wrong_type", "a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise refuse("out_of_range", "a number that 64 bits can hold", value)
    return number


def as_integer(value: object) -> int:
    """Accept an integer, also one written with a fraction of zero or an exponent."""
    number = as_number(value)
    if not number.is_integer():
        raise refuse("wrong_type", "an integer", value)
    return int(number)


def as_flag(value: object) -> bool:
    """Accept true or false only."""
    if not isinstance(value, bool):
        raise refuse("wrong_type", "true or false", value)
    return value


def as_instant(value: object) -> int:
    """Accept an RFC 3339 instant with an offset; gives milliseconds since the epoch."""
    if not isinstance(value, str):
        raise refuse("wrong_type", "an RFC 3339 instant as a string", value)
    instant = parse_instant(value)
    if instant is None:
        raise refuse(
            "bad_time", "an RFC 3339 instant with an offset, such as 2026-01-31T09:00:00Z", value
        )
    return instant


def as_country(value: object) -> str:
    """Accept an ISO 3166-1 alpha-2 code in capitals; only its shape is checked."""
    if _COUNTRY.fullmatch(as_text(value)) is None:
        raise refuse("out_of_range", "two capital letters of ISO 3166-1 alpha-2", value)
    return str(value)


def as_text_or_texts(value: object) -> str | list[str]:
    """Accept one string or a list of strings, where the contract leaves the form open."""
    if isinstance(value, list):
        return [as_text("" if item is None else item) for item in value]
    return as_text(value)


def one_of(*words: str) -> BeforeValidator:
    """Accept one word of a closed vocabulary."""
    expected = "one of " + ", ".join(words)

    def check(value: object) -> str:
        if as_text(value) not in words:
            raise refuse("out_of_range", expected, value)
        return str(value)

    return BeforeValidator(check)


def words_schema(words: tuple[str, ...]) -> WithJsonSchema:
    """Describe a closed vocabulary in JSON Schema."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


def within(low: float, high: float, expected: str, *, open_low: bool = False) -> BeforeValidator:
    """Accept a number between two bounds; ``open_low`` leaves the lower bound itself out."""

    def check(value: object) -> float:
        number = as_number(value)
        if number > high or number < low or (open_low and number == low):
            raise refuse("out_of_range", expected, value)
        return number

    return BeforeValidator(check)


def whole_within(low: int, high: int) -> BeforeValidator:
    """Accept an integer between two bounds, both included."""

    def check(value: object) -> int:
        number = as_integer(value)
        if not low <= number <= high:
            raise refuse("out_of_range", f"an integer from {low} to {high}", value)
        return number

    return BeforeValidator(check)


def _before(check: Callable[[object], object]) -> BeforeValidator:
    return BeforeValidator(check)


Text = Annotated[str, _before(as_text)]
Name = Annotated[str, _before(as_name), WithJsonSchema({"type": "string", "minLength": 1})]
Number = Annotated[float, _before(as_number)]
Amount = Annotated[
    float,
    within(0.0, math.inf, "a number of at least 0"),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Ratio = Annotated[
    float,
    within(0.0, 1.0, "a number from 0 to 1"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Fraction = Annotated[
    float,
    within(0.0, 1.0, "a number over 0 and at most 1", open_low=True),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]
AcceleratorCount = Annotated[
    int,
    whole_within(1, ACCELERATOR_COUNT_MAX),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": ACCELERATOR_COUNT_MAX}),
]
AutonomousSystem = Annotated[
    int,
    whole_within(0, AUTONOMOUS_SYSTEM_MAX),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": AUTONOMOUS_SYSTEM_MAX}),
]
Flag = Annotated[bool, _before(as_flag)]
Country = Annotated[
    str, _before(as_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
TextOrTexts = Annotated[
    str | list[str],
    _before(as_text_or_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
#: Milliseconds since the epoch inside, RFC 3339 text with ``Z`` outside.
Instant = Annotated[
    int,
    _before(as_instant),
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
