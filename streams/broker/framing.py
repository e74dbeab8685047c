"""What lies between the records of one batch (message format v2), read for all of them at once.

It accepts and never refuses: whatever it cannot prove to be well formed it leaves to the library,
which reads record by record and knows what is wrong. https://kafka.apache.org/documentation/
#messageformat tells the format.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Final

import numpy as np
from kafka.record.util import decode_varint
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Headers = tuple[tuple[str, bytes | None], ...]

#: Fewer records are read one by one just as quickly.
RECORDS_MIN: Final = 8
#: Bits of a number that are read; a longer one is left to the library.
_BITS_MAX: Final = 63
#: Bytes of headers that are compared record with record.
_HEADER_BYTES_MAX: Final = 1024


class _OddError(Exception):
    """Not provably well formed."""


@dataclass(frozen=True)
class Framing:
    """Where the records of a batch have what. Lengths of -1 mean null, as the format has it.

    All records have the same ``headers``; deltas of offsets are zero or more and rise.
    """

    offset_deltas: Numbers
    timestamp_deltas: Numbers
    key_starts: Numbers
    key_lengths: Numbers
    value_starts: Numbers
    value_lengths: Numbers
    headers: Headers


def read_framing(buffer: bytes | bytearray, begin: int, count: int) -> Framing | None:
    """Read ``count`` records that fill ``buffer`` from ``begin`` to its end.

    Gives None where they are few, where their headers differ or where anything is unusual.
    """
    if count < RECORDS_MIN:
        return None
    try:
        return _framing(buffer, _begins(buffer, begin, count))
    except (_OddError, IndexError, ValueError):  # IndexError, ValueError: of a torn number
        return None


def _begins(buffer: bytes | bytearray, at: int, count: int) -> Numbers:
    """Follow the length of each record to the next; one that is wrong shows up in ``_framing``."""
    begins: list[int] = []
    note = begins.append
    for _ in repeat(None, count):
        note(at)
        low = buffer[at]
        if low < 0x80:
            at += 1 + (low >> 1)
            continue
        high = buffer[at + 1]
        if high < 0x80:
            at += 2 + ((low & 0x7F | high << 7) >> 1)
        else:
            length, at = decode_varint(buffer, at)
            if length < 0:
                raise _OddError
            at += length
    if at != len(buffer):
        raise _OddError
    return np.array(begins, dtype=np.int64)


def _framing(buffer: bytes | bytearray, begins: Numbers) -> Framing:
    text = np.frombuffer(buffer, dtype=np.uint8)
    ends = np.append(begins[1:], len(text))
    if (ends <= begins).any():
        raise _OddError
    cursor = _Cursor(text, begins, ends)
    lengths = cursor.number()
    if (cursor.at + lengths != ends).any():
        raise _OddError
    cursor.number()  # attributes: none is defined
    timestamp_deltas = cursor.number()
    offset_deltas = cursor.number()
    if offset_deltas[0] < 0 or (offset_deltas[1:] <= offset_deltas[:-1]).any():
        raise _OddError
    key_starts, key_lengths = cursor.text_of_length()
    value_starts, value_lengths = cursor.text_of_length()
    headers = _shared_headers(buffer, cursor)
    return Framing(
        *(offset_deltas, timestamp_deltas, key_starts, key_lengths),
        *(value_starts, value_lengths, headers),
    )


class _Cursor:
    """A place in each record, moved on for all of them together; never past a record's end."""

    def __init__(self, text: NDArray[np.uint8], at: Numbers, ends: Numbers) -> None:
        self.text = text
        self.at = at
        self.ends = ends

    def number(self) -> Numbers:
        """Read one number of variable length in each record."""
        if (self.at >= self.ends).any():
            raise _OddError
        octets = self.text[self.at]
        found = (octets & 0x7F).astype(np.int64)
        at = self.at + 1
        longer, bits = np.flatnonzero(octets >= 0x80), 7
        while len(longer):
            places = at[longer]
            if bits >= _BITS_MAX or (places >= self.ends[longer]).any():
                raise _OddError
            octets = self.text[places]
            found[longer] |= (octets & 0x7F).astype(np.int64) << bits
            at[longer] += 1
            longer, bits = longer[octets >= 0x80], bits + 7
        self.at = at
        return (found >> 1) ^ -(found & 1)

    def text_of_length(self) -> tuple[Numbers, Numbers]:
        """Read a length and pass over as many bytes; gives where they begin, and how many."""
        lengths = np.maximum(self.number(), -1)
        starts = self.at
        self.at = starts + np.maximum(lengths, 0)
        return starts, lengths


def _shared_headers(buffer: bytes | bytearray, cursor: _Cursor) -> Headers:
    """Read the headers of the first record, where all others have the same, byte for byte."""
    begins = cursor.at
    counts = cursor.number()
    count = int(counts[0])
    if count < 0 or (counts != count).any():
        raise _OddError
    widths = cursor.ends - begins
    if count == 0:
        if (cursor.at != cursor.ends).any():
            raise _OddError
        return ()
    if widths[0] > _HEADER_BYTES_MAX or (widths != widths[0]).any():
        raise _OddError
    rows = cursor.text[begins[:, None] + np.arange(widths[0])]
    if (rows != rows[0]).any():
        raise _OddError
    return _headers(bytes(buffer[cursor.at[0] : cursor.ends[0]]), count)


def _headers(text: bytes, count: int) -> Headers:
    """Read so many headers, which fill the text."""
    headers: list[tuple[str, bytes | None]] = []
    at = 0
    for _ in repeat(None, count):
        length, at = decode_varint(text, at)
        if length < 0:
            raise _OddError
        name, at = text[at : at + length].decode(), at + length
        length, at = decode_varint(text, at)
        value = text[at : at + length] if length >= 0 else None
        at += max(length, 0)
        headers.append((name, value))
    if at != len(text):
        raise _OddError
    return tuple(headers)
