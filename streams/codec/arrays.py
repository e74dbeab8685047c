"""JSON arrays of events, cut into their elements without parsing them.

Only strings and brackets are looked at, so an element that is malformed inside is cut out whole
and its neighbours go on. Where brackets do not close, the rest of the array is one bad element.
"""

from __future__ import annotations

import re
from typing import Final

from streams.ports import LineBlock

Span = tuple[int, int]

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{\]},]', re.DOTALL)
_BLANK: Final = b" \t\r\n"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def element_spans(buffer: bytes) -> list[Span] | None:
    """Give the spans of an array's elements, or None where the buffer is not one array."""
    start = len(buffer) - len(buffer.removeprefix(_BYTE_ORDER_MARK).lstrip(_BLANK))
    if buffer[start : start + 1] != b"[":
        return None
    spans: list[Span] = []
    depth, begin = 0, start + 1
    for token in _TOKEN.finditer(buffer, start):
        mark = buffer[token.start()]
        if mark in b"[{":
            depth += 1
        elif mark == 0x2C:  # a comma
            if depth == 1:
                spans.append(_trimmed(buffer, begin, token.start()))
                begin = token.end()
        elif mark in b"]}":
            depth -= 1
            if depth == 0:
                return _closed(buffer, spans, begin, token.end())
    spans.append(_trimmed(buffer, begin, len(buffer)))
    return spans


def is_torn(buffer: bytes) -> bool:
    """Say whether the buffer begins an array, or an object, and ends before it is closed."""
    depth = 0
    for token in _TOKEN.finditer(buffer):
        mark = buffer[token.start()]
        depth += 1 if mark in b"[{" else -1 if mark in b"]}" else 0
    return depth > 0


def begins_with_lines(head: bytes) -> bool:
    """Say whether a ``.json`` file that begins so holds one event a line.

    Else it holds an array, or objects that go on over the end of their first line.
    """
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip(_BLANK)
    first, _, rest = text.partition(b"\n")
    goes_on = first.rstrip(_BLANK)[-1:] in (b"{", b"[", b",", b":")
    return not text.startswith(b"[") and not (
        goes_on and rest.lstrip(_BLANK)[:1] not in (b"", b"{")
    )


def split_array(file: str, buffer: bytes) -> list[LineBlock]:
    """Turn a ``.json`` file into blocks of lines, one event each, at the lines where they begin.

    The file may hold an array, or objects one after the other, each over any number of lines.
    Newlines inside an event become carriage returns: blank between tokens as they are, and refused
    inside a string as they are. Events that begin on one line stand in blocks of their own.
    """
    spans = element_spans(buffer)
    if spans is None:
        spans = _object_spans(buffer)
    blocks: list[LineBlock] = []
    parts: list[bytes] = []
    first = at = line = 1
    seen = 0
    for begin, end in spans:
        line += buffer.count(b"\n", seen, begin)
        seen = begin
        if parts and line == at:
            blocks.append(LineBlock(file, first, b"".join(parts)))
            parts = []
        if parts:
            parts.append(b"\n" * (line - at))
        else:
            first = line
        parts.append(buffer[begin:end].replace(b"\n", b"\r"))
        at = line
    if parts:
        blocks.append(LineBlock(file, first, b"".join(parts)))
    return blocks


def _closed(buffer: bytes, spans: list[Span], begin: int, end: int) -> list[Span]:
    last = _trimmed(buffer, begin, end - 1)
    if spans or last[0] < last[1]:
        spans.append(last)
    rest = _trimmed(buffer, end, len(buffer))
    if rest[0] < rest[1]:
        spans.append(rest)
    return spans


def _object_spans(buffer: bytes) -> list[Span]:
    spans: list[Span] = []
    depth = begin = 0
    for token in _TOKEN.finditer(buffer):
        mark = buffer[token.start()]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
            if depth <= 0:
                spans.append(_trimmed(buffer, begin, token.end()))
                depth, begin = 0, token.end()
    rest = _trimmed(buffer, begin, len(buffer))
    if rest[0] < rest[1]:
        spans.append(rest)
    return spans


def _trimmed(buffer: bytes, begin: int, end: int) -> Span:
    text = buffer[begin:end]
    left = len(text) - len(text.lstrip(_BLANK))
    return begin + left, max(begin + left, begin + len(text.rstrip(_BLANK)))
