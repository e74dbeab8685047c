"""What every ``Source`` and every ``Sink`` promises; each adapter subclasses and gives a rig."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from streams.ports import Batch, Document, Message, Sink, Source

PATIENCE_SECONDS = 60.0

FIRST = [Document(1, "report", "r1", b'{"n":1}'), Document(2, "finding", "f1", b'{"n":2}')]
SECOND = [Document(3, "dead_letter", "d1", b'{"n":3}'), Document(4, "report", "r1", b'{"n":4}')]


class SourceRig(Protocol):
    """One partition that a test writes to, and sources that read it."""

    @property
    def topic(self) -> str: ...

    def write(self, value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None: ...

    def source(self) -> Source: ...


class SinkRig(Protocol):
    """A place for documents, sinks that write to it, and a reader's view of it."""

    def sink(self) -> Sink: ...

    def seen(self) -> Mapping[str, Sequence[tuple[str, bytes]]]: ...


def read_all(source: Source, count: int) -> tuple[list[Message], dict[str, int]]:
    """Poll until so many messages came, or patience ends; also where to resume after them."""
    messages: list[Message] = []
    offsets: dict[str, int] = {}
    until = time.monotonic() + PATIENCE_SECONDS
    while len(messages) < count and time.monotonic() < until:
        batch = source.poll(0.2) or Batch()
        messages.extend(batch.messages)
        offsets.update(batch.offsets)
    return messages, offsets


class SourceContract:
    """Inherit, and define a fixture ``source_rig``."""

    def test_messages_arrive_in_order_as_they_were_written(self, source_rig: SourceRig) -> None:
        source_rig.write(b'{"specversion":"1.0"}')
        source_rig.write(b"\xff\x00", [("ce_ID", b"7"), ("Content-Type", b"application/json")])
        source_rig.write(b"")
        source = source_rig.source()
        source.start({})
        messages, offsets = read_all(source, 3)
        source.close()
        headers = (("ce_id", b"7"), ("content-type", b"application/json"))
        assert messages == [
            Message(source_rig.topic, 0, 0, b'{"specversion":"1.0"}'),
            Message(source_rig.topic, 0, 1, b"\xff\x00", headers),
            Message(source_rig.topic, 0, 2, b""),
        ]
        assert offsets == {f"{source_rig.topic}/0": 3}

    def test_reading_goes_on_where_the_store_says(self, source_rig: SourceRig) -> None:
        for value in (b"a", b"b", b"c"):
            source_rig.write(value)
        source = source_rig.source()
        source.start({f"{source_rig.topic}/0": 1, "another/0": 9})
        messages, offsets = read_all(source, 2)
        source.close()
        assert [message.value for message in messages] == [b"b", b"c"]
        assert offsets == {f"{source_rig.topic}/0": 3}

    def test_nothing_in_time_is_none_and_later_messages_still_come(
        self, source_rig: SourceRig
    ) -> None:
        source_rig.write(b"a")
        source = source_rig.source()
        source.start({})
        read_all(source, 1)
        quiet = source.poll(0.3)
        source_rig.write(b"b")
        messages, _ = read_all(source, 1)
        exhausted = source.exhausted
        source.close()
        assert (quiet, [message.value for message in messages], exhausted) == (None, [b"b"], False)

    def test_what_was_told_durable_is_not_read_again(self, source_rig: SourceRig) -> None:
        source_rig.write(b"a")
        source = source_rig.source()
        source.start({})
        _, offsets = read_all(source, 1)
        source.committed(offsets)
        source.close()
        source_rig.write(b"b")
        again = source_rig.source()
        again.start(offsets)
        messages, _ = read_all(again, 1)
        again.close()
        assert [message.value for message in messages] == [b"b"]


class SinkContract:
    """Inherit, and define a fixture ``sink_rig``."""

    def test_a_new_outbox_has_published_nothing(self, sink_rig: SinkRig) -> None:
        sink = sink_rig.sink()
        sink.publish([])
        last = sink.last_sequence()
        sink.close()
        assert (last, sink_rig.seen()) == (0, {})

    def test_each_kind_goes_to_its_place_in_order(self, sink_rig: SinkRig) -> None:
        sink = sink_rig.sink()
        sink.publish(FIRST)
        sink.publish(SECOND)
        last = sink.last_sequence()
        sink.close()
        assert last == 4
        assert sink_rig.seen() == {
            "report": [("r1", b'{"n":1}'), ("r1", b'{"n":4}')],
            "finding": [("f1", b'{"n":2}')],
            "dead_letter": [("d1", b'{"n":3}')],
        }

    def test_a_document_published_twice_is_seen_once(self, sink_rig: SinkRig) -> None:
        sink = sink_rig.sink()
        sink.publish(FIRST)
        sink.publish(FIRST + SECOND)
        sink.publish(FIRST)
        sink.close()
        assert {kind: len(found) for kind, found in sink_rig.seen().items()} == {
            "report": 2,
            "finding": 1,
            "dead_letter": 1,
        }

    def test_a_successor_knows_what_readers_saw(self, sink_rig: SinkRig) -> None:
        sink = sink_rig.sink()
        sink.publish(FIRST)
        sink.close()
        successor = sink_rig.sink()
        last = successor.last_sequence()
        successor.publish(FIRST + SECOND[:1])
        successor.close()
        assert last == 2
        assert sink_rig.seen() == {
            "report": [("r1", b'{"n":1}')],
            "finding": [("f1", b'{"n":2}')],
            "dead_letter": [("d1", b'{"n":3}')],
        }
