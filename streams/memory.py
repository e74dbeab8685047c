"""The ports in memory, for tests and for one process: the same promises, nothing on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.ports import Batch, Document, Message


@dataclass
class MemoryTopic:
    """A log that sources read and tests append to; its ``name/0`` is the only partition."""

    name: str = "events"
    messages: list[Message] = field(default_factory=list)

    def append(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Write one message at the end; header names become lower case, as Kafka's source does."""
        lowered = tuple((name.lower(), content) for name, content in headers)
        self.messages.append(Message(self.name, 0, len(self.messages), value, lowered))


class MemorySource:
    """The ``Source`` port over a ``MemoryTopic``."""

    def __init__(
        self, topic: MemoryTopic, *, max_records: int = 1000, finite: bool = False
    ) -> None:
        """Take the log; ``finite`` makes the source exhausted at its end, as files are."""
        self._topic = topic
        self._max_records = max_records
        self._finite = finite
        self._next = 0
        #: What was told to be durable, ``topic/partition`` to next offset.
        self.committed_offsets: dict[str, int] = {}

    def start(self, offsets: Mapping[str, int]) -> None:
        """Resume at the stored offset, else at the first message."""
        self._next = offsets.get(self._key, 0)

    def poll(self, timeout_seconds: float) -> Batch | None:  # noqa: ARG002 - nothing to wait for
        """Give what is there at once, or None."""
        messages = self._topic.messages[self._next : self._next + self._max_records]
        if not messages:
            return None
        self._next += len(messages)
        return Batch(messages=messages, offsets={self._key: self._next})

    def committed(self, offsets: Mapping[str, int]) -> None:
        """Note what is durable."""
        self.committed_offsets.update(offsets)

    @property
    def exhausted(self) -> bool:
        """Whether a finite log was read to its end."""
        return self._finite and self._next >= len(self._topic.messages)

    def close(self) -> None:
        """Nothing is open."""

    @property
    def _key(self) -> str:
        return f"{self._topic.name}/0"


@dataclass
class MemoryOutput:
    """What readers can see: the documents of every transaction, and how far the outbox got."""

    documents: list[Document] = field(default_factory=list)
    last_sequence: int = 0


class MemorySink:
    """The ``Sink`` port over a ``MemoryOutput``; it outlives the sink as a broker would."""

    def __init__(self, output: MemoryOutput) -> None:
        """Take the place where documents go."""
        self._output = output

    def last_sequence(self) -> int:
        """Give the highest sequence that readers can already see, 0 for none."""
        return self._output.last_sequence

    def publish(self, documents: Sequence[Document]) -> None:
        """Make those visible that are not yet."""
        fresh = [each for each in documents if each.sequence > self._output.last_sequence]
        if fresh:
            self._output.documents.extend(fresh)
            self._output.last_sequence = max(each.sequence for each in fresh)

    def close(self) -> None:
        """Nothing is open."""
