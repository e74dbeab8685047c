"""The raw events of one batch: spans of one buffer, where each came from, and what is known of it.

Cutting bytes into events happens here and nowhere else, so the fast and the slow reader see the
same events under the same ordinals.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.events import Refusal
from streams.ports import LineBlock

EVENT_BYTES_MAX: Final = 1_048_576
Positions = NDArray[np.int64]
_BLANK: Final = b" \t\r\n"
_NEWLINE: Final = 0x0A
#: Bytes looked at together where each is looked at, so that what is noted of them stays at hand.
BYTES_TOGETHER: Final = 262_144


class Origins(Protocol):
    """Where the events of one segment came from, by their place in it."""

    def of(self, index: int) -> Mapping[str, object]:
        """Give the origin of one event."""


@dataclass(frozen=True)
class Bound:
    """An event in binary mode: its attributes from headers, its data from the value."""

    attributes: Mapping[str, object]
    value: bytes


class Events(Protocol):
    """Raw events that can be read one by one."""

    @property
    def origins(self) -> Origins:
        """Where the events came from."""

    @property
    def refused(self) -> Mapping[int, Refusal]:
        """Events that could not even be cut out."""

    @property
    def bound(self) -> Mapping[int, Bound]:
        """Events in binary mode."""

    def size(self, index: int) -> int:
        """Give the number of bytes of one event."""

    def raw(self, index: int) -> bytes:
        """Give the bytes of one event."""


@dataclass(frozen=True)
class Segment:
    """Events as spans of one buffer, in arrival order.

    ``refused`` holds events that could not even be cut out; ``bound`` those in binary mode, whose
    span is the same event written in structured mode.
    """

    buffer: bytes
    starts: Positions
    ends: Positions
    origins: Origins
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    bound: Mapping[int, Bound] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)

    def size(self, index: int) -> int:
        """Give the number of bytes of one event as it came."""
        if index in self.bound:
            return len(self.bound[index].value)
        return int(self.ends[index] - self.starts[index])

    def raw(self, index: int) -> bytes:
        """Give the bytes of one event as they came."""
        if index in self.bound:
            return self.bound[index].value
        return self.buffer[self.starts[index] : self.ends[index]]


@dataclass(frozen=True)
class LineOrigins:
    """Origins of lines: for each block its file, its first event, and each event's line."""

    files: Sequence[str]
    first_events: Sequence[int]
    lines: Positions

    def of(self, index: int) -> Mapping[str, object]:
        """Give file and line, counted from 1."""
        block = bisect.bisect_right(self.first_events, index) - 1
        return {"file": self.files[block], "line": int(self.lines[index])}


def places_of(characters: NDArray[np.uint8], character: int) -> Positions:
    """Give the places of one character; of a large text only a part is looked at at a time."""
    found = [
        np.flatnonzero(characters[begin : begin + BYTES_TOGETHER] == character) + begin
        for begin in range(0, len(characters), BYTES_TOGETHER)
    ]
    return _joined(found)


def line_spans(buffer: bytes) -> tuple[Positions, Positions, Positions]:
    """Cut a buffer at its newlines; gives starts, ends and line numbers from 0, blanks left out.

    A carriage return before the newline belongs to the line's end, not to the event.
    """
    characters = np.frombuffer(buffer, dtype=np.uint8)
    newlines = places_of(characters, _NEWLINE)
    starts = np.concatenate(([0], newlines + 1)).astype(np.int64)
    ends = np.append(newlines, len(buffer)).astype(np.int64)
    if b"\r" in buffer:
        filled = ends > starts
        ends[filled] -= characters[ends[filled] - 1] == 13
    kept = ends > starts
    lines = np.flatnonzero(kept)
    for line in lines[characters[starts[lines]] <= 32].tolist():
        kept[line] = bool(buffer[starts[line] : ends[line]].strip(_BLANK))
    lines = np.flatnonzero(kept)
    return starts[lines], ends[lines], lines


def segment_of_blocks(blocks: Sequence[LineBlock]) -> Segment:
    """Cut blocks of lines into events."""
    files, firsts, starts, ends, lines = [], [], [], [], []
    events = offset = 0
    for block in blocks:
        found = line_spans(block.buffer)
        files.append(block.file)
        firsts.append(events)
        starts.append(found[0] + offset)
        ends.append(found[1] + offset)
        lines.append(found[2] + block.first_line)
        events += len(found[0])
        offset += len(block.buffer) + 1
    one = len(blocks) == 1
    buffer = blocks[0].buffer if one else b"\n".join(block.buffer for block in blocks)
    origins = LineOrigins(files, firsts, _joined(lines))
    return Segment(buffer, _joined(starts), _joined(ends), origins)


def _joined(parts: Sequence[Positions]) -> Positions:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
