"""What the service needs of the outside: batches in, documents out, a store, a clock."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple, Protocol, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

Headers = tuple[tuple[str, bytes], ...]


class Message(NamedTuple):
    """One Kafka message as it came: no decoding done, headers with lower-case names."""

    topic: str
    partition: int
    offset: int
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True)
class MessageBlock:
    """Consecutive messages of one partition with the same headers, their values in one buffer.

    The value of message i is ``buffer[starts[i]:ends[i]]``; between values may be anything.
    """

    topic: str
    partition: int
    offsets: NDArray[np.int64]
    headers: Headers
    buffer: bytes | bytearray
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets)

    def message(self, index: int) -> Message:
        """Give one message of the block."""
        value = bytes(self.buffer[self.starts[index] : self.ends[index]])
        return Message(self.topic, self.partition, int(self.offsets[index]), value, self.headers)


class MessageBlocks(Sequence[Message]):
    """Messages as blocks, so that whoever can may take the values of a block together."""

    def __init__(self, blocks: Sequence[MessageBlock]) -> None:
        """Take the blocks, in the order of their messages."""
        self.blocks = blocks
        self._firsts = list(accumulate(map(len, blocks), initial=0))

    def __len__(self) -> int:
        return self._firsts[-1]

    def __iter__(self) -> Iterator[Message]:
        for block in self.blocks:
            yield from map(block.message, range(len(block)))

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | Sequence[Message]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        number = bisect.bisect_right(self._firsts, place) - 1
        return self.blocks[number].message(place - self._firsts[number])


@dataclass(frozen=True)
class Cut:
    """What is told of a line that was too long to be held: bytes, SHA-256, whether it is UTF-8.

    ``detail`` says what was expected and what came.
    """

    detail: str
    size: int
    sha256: str
    is_text: bool


@dataclass(frozen=True)
class LineBlock:
    """Whole lines of one file; the last may lack its newline. ``first_line`` counts from 1.

    ``cut``: the buffer is the beginning of one line, long enough to be refused.
    """

    file: str
    first_line: int
    buffer: bytes
    cut: Cut | None = None


@dataclass(frozen=True)
class Batch:
    """What one poll brought. ``offsets`` is where to resume once this batch is committed.

    ``messages`` may be ``MessageBlocks``: the same messages, quicker to take apart.
    Keys of ``offsets`` are ``topic/partition`` for Kafka (next offset to read).
    """

    messages: Sequence[Message] = ()
    blocks: Sequence[LineBlock] = ()
    offsets: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rejected:
    """One event that was refused, with everything a person needs to find and mend it."""

    ordinal: int
    reason: str
    detail: str
    raw: bytes
    origin: Mapping[str, object]


@dataclass(frozen=True)
class Decoded:
    """One decoded batch. ``read`` counts events; every one is in exactly one of the parts.

    ``ordinal`` in every frame is the arrival order inside the batch; rows may stand in another.
    ``raw_of`` and ``origin_of``
    give the raw bytes and the origin of an event that a later stage refuses.
    """

    read: int
    usage: pl.DataFrame
    corrections: pl.DataFrame
    originals: pl.DataFrame
    replacements: pl.DataFrame
    records: pl.DataFrame
    rejected: Sequence[Rejected]
    unknown_fields: Mapping[str, int]
    provenance: Provenance


class Provenance(Protocol):
    """Finds an event of one batch again by its ordinal."""

    def raw_of(self, ordinal: int) -> bytes:
        """Give the bytes of the event as they came."""

    def origin_of(self, ordinal: int) -> Mapping[str, object]:
        """Give where the event came from, by the contract's names."""


@dataclass(frozen=True)
class Document:
    """One outgoing document. ``sequence`` is its place in the outbox, without gaps."""

    sequence: int
    kind: str  # "report" | "finding" | "dead_letter"
    key: str
    body: bytes


class Source(Protocol):
    """Where batches come from."""

    def start(self, offsets: Mapping[str, int]) -> None:
        """Resume at the stored offsets; what is not named starts at the earliest."""

    def poll(self, timeout_seconds: float) -> Batch | None:
        """Give the next batch, or None when nothing came in time."""

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Tell the outside that everything before these offsets is durable here."""

    @property
    def exhausted(self) -> bool:
        """Whether nothing can come any more (files read to their end)."""

    def close(self) -> None:
        """Let go of files and connections."""


class Sink(Protocol):
    """Where documents go. Publishing a sequence twice must show it to a reader once."""

    def last_sequence(self) -> int:
        """Give the highest sequence that readers can already see, 0 for none."""

    def publish(self, documents: Sequence[Document]) -> None:
        """Make all of them visible, or none."""

    def close(self) -> None:
        """Let go of connections."""


class Clock(Protocol):
    """The only reader of the time."""

    def now(self) -> datetime:
        """Give the instant it is now, in UTC."""
