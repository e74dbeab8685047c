"""The text of many lines, asked at many places at once: what stands there, where the next quote is.

Quotes are kept as a bit for each byte: eight bytes of bits tell of 57 bytes of text at least, from
wherever one looks.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from streams.codec.pieces import BYTES_TOGETHER, Positions

QUOTE: Final = 0x22
#: A longer run of constant bytes makes no template.
RUN_BYTES_MAX: Final = 512
#: A text ends in so many NULs at least, so that looking a little past its end finds nothing.
PADDING_BYTES: Final = 2 * RUN_BYTES_MAX
_WORD_BYTES: Final = 8
_WORD_BITS: Final = 64
_ONE: Final = np.uint64(1)
#: Looks from one place, each 56 bytes further, before a line is searched by itself.
_STEPS_MAX: Final = 4

Words = NDArray[np.uint64]


class Text:
    """The text of some lines; NULs follow it in ``raw``, and are no part of ``body``."""

    def __init__(self, body: bytes | memoryview) -> None:
        self.raw = b"".join((body, bytes(PADDING_BYTES + -len(body) % _WORD_BITS)))
        self._characters = np.frombuffer(self.raw, np.uint8)
        self.body = self._characters[: len(body)]
        self.quotes = Quotes(self.raw)

    def holding(self, places: Positions, run: bytes) -> Positions | None:
        """Say at which of these places the run stands; None where it does at all of them."""
        found = windows(self._characters, len(run))[places]
        if found.tobytes() == run * len(places):
            return None
        return np.flatnonzero(found.view(f"S{len(run)}") == run)  # neither ends in a NUL


def windows(text: NDArray[np.uint8], width: int) -> NDArray[np.void]:
    """Give every stretch of ``width`` bytes as one item, without copying; overlapping."""
    return np.ndarray((len(text) - width + 1,), f"V{width}", text.data, strides=(1,))


def _words_at_every_byte(text: NDArray[np.uint8]) -> Words:
    """View every eight bytes as one word, the first in the lowest byte; overlapping, no copy."""
    return np.ndarray((len(text) - _WORD_BYTES + 1,), "<u8", text.data, strides=(1,))


class Quotes:
    """The quotes of one text, which ends in NULs and is a whole number of words of bits long."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        characters = np.frombuffer(raw, np.uint8)
        bits = np.empty(len(raw) // 8, np.uint8)
        for begin in range(0, len(raw), BYTES_TOGETHER):
            is_quote = characters[begin : begin + BYTES_TOGETHER] == QUOTE
            packed = np.packbits(is_quote, bitorder="little")
            bits[begin // 8 : begin // 8 + len(packed)] = packed
        self._bits = _words_at_every_byte(bits)
        self._words = bits.view("<u8")
        counts = np.bitwise_count(self._words)
        self._before = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))

    def before(self, places: Positions) -> Positions:
        """Count the quotes before each place."""
        word = places >> 6
        below = (_ONE << (places & 63).view(np.uint64)) - _ONE
        count: Positions = self._before[word] + np.bitwise_count(self._words[word] & below)
        return count

    def next(self, places: Positions) -> Positions:
        """Give the first quote at or after each place; the end of the text where there is none."""
        found, passed = self._look(places)
        if passed.max(initial=0) < _WORD_BITS:
            return found
        missing = np.flatnonzero(passed == _WORD_BITS)
        for _ in range(_STEPS_MAX):
            found[missing], passed = self._look(found[missing] - _WORD_BYTES)
            missing = missing[passed == _WORD_BITS]
        for row in missing.tolist():
            at = self._raw.find(b'"', int(found[row]) - _WORD_BYTES)
            found[row] = at if at >= 0 else len(self._raw) - PADDING_BYTES
        return found

    def _look(self, places: Positions) -> tuple[Positions, NDArray[np.uint8]]:
        """Add to each place how far its quote is; 64 where none was seen in 57 bytes."""
        bits: Any = self._bits[places >> 3]
        bits >>= (places & 7).view(np.uint64)
        bits &= np.negative(bits)  # the lowest bit alone
        bits -= _ONE
        passed: NDArray[np.uint8] = np.bitwise_count(bits)
        return places + passed, passed
