"""One spelling of a JSON value, so that equal values have equal text.

Keys are sorted, numbers that are whole are written without a fraction (8 and 8.0, 1e22 and its
digits, 0 and -0.0 are the same), and objects without anything in them are left out of models, as
are nulls: absent, null and empty say the same in the contract's own fields.
"""

from __future__ import annotations

import json
import math
from typing import Any

from detector.events import BODS, Event, Refusal


def canonical_text(value: object) -> str:
    """Write a parsed JSON value in its one spelling."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def record_text(event: Event) -> str | Refusal:
    """Write the known fields of a record; a BODS statement is kept whole."""
    if event.type != BODS:
        return canonical_text(_without_empty(event.data.model_dump(mode="json", exclude_none=True)))
    try:
        text = canonical_text(event.raw_data)
        text.encode()
    except UnicodeEncodeError:
        return Refusal("bad_encoding", "data: expected text without lone surrogates")
    except ValueError:
        return Refusal("out_of_range", "data: expected numbers that 64 bits can hold")
    return text


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: i if type(i) is str else _plain(i) for name, i in value.items()}
    if isinstance(value, list):
        return [item if type(item) is str else _plain(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        kept = _without_empty(item) if isinstance(item, dict) else item
        if not isinstance(kept, dict) or kept:
            found[name] = kept
    return found
