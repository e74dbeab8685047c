"""JSON text to one value, by the strict grammar; every refusal with its reason.

Two things that Python's parser lets pass are refused here: ``NaN`` and ``Infinity``, which JSON
does not know, and a key that occurs twice in one object, which two readers would read in two ways.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from detector.errors import encoding_hint
from detector.events import Refusal

#: Nesting deeper than this is refused; events of the contract need four levels, BODS about eight.
DEPTH_MAX: Final = 128
#: An integer of more digits than this is beyond a 64-bit float; reading it digit by digit is slow.
DIGITS_MAX: Final = 400
BYTE_ORDER_MARK: Final = "\ufeff"
_STRUCTURE: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class _DuplicateKeyError(ValueError):
    """One object names a key twice."""


def parse_text(raw: bytes) -> object:
    """Parse one JSON value; gives a ``Refusal`` where the bytes are not exactly one."""
    try:
        text = raw.decode().removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        told = f"expected UTF-8, got {error.reason} at byte {error.start}"
        return Refusal("bad_encoding", f"{told}{encoding_hint(raw)}")
    if depth_over(raw, DEPTH_MAX):
        return Refusal("not_json", f"expected at most {DEPTH_MAX} levels of nesting, got more")
    try:
        return _DECODER.decode(text)
    except _DuplicateKeyError as error:
        return Refusal("duplicate_key", f"expected each key once, got {error.args[0]!a} twice")
    except (ValueError, RecursionError) as error:
        told = f"expected one JSON value, got an error: {error}"
        return Refusal("not_json", f"{told}{encoding_hint(raw)}")


def depth_over(raw: bytes, limit: int) -> bool:
    """Say whether brackets outside strings nest deeper than the limit."""
    if raw.count(b"{") + raw.count(b"[") <= limit:
        return False
    depth = 0
    for token in _STRUCTURE.finditer(raw):
        mark = raw[token.start()]
        if mark in b"{[":
            depth += 1
            if depth > limit:
                return True
        elif mark in b"}]":
            depth -= 1
    return False


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKeyError(next(name for name in names if names.count(name) > 1))
    return found


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON value")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= DIGITS_MAX else float(digits)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_integer
)
