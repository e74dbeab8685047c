"""Kafka messages to events: structured, binary and batch carriers, told apart by their headers.

The media type of ``content-type`` decides, its parameters do not. Without one of the four below, a
message with ``ce_`` headers is in binary mode and any other is one event in structured mode.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np

from detector.events import Refusal
from streams.codec.arrays import element_spans
from streams.codec.pieces import Bound, Origins, Positions, Segment, line_spans
from streams.ports import Headers, Message, MessageBlock

ARROW: Final = "application/vnd.apache.arrow.stream"
BATCH: Final = "application/cloudevents-batch+json"
LINES: Final = "application/x-ndjson"
STRUCTURED: Final = "application/cloudevents+json"
_PREFIX: Final = "ce_"


def media_type(headers: Headers) -> str:
    """Give the media type that a message's headers state, without parameters; empty for none."""
    for name, value in headers:
        if name == "content-type":
            return _without_parameters(value)
    return ""


@lru_cache(maxsize=256)  # a topic has a handful of them, and every message asks
def _without_parameters(value: bytes) -> str:
    return value.decode("ascii", "replace").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class MessageOrigins:
    """Origins of events in messages: the message, and the event's place in it."""

    messages: Sequence[Message]
    message_of: Sequence[int]
    index_of: Sequence[int]

    def of(self, index: int) -> Mapping[str, object]:
        """Give topic, partition, offset and index in the message, counted from 0."""
        message = self.messages[self.message_of[index]]
        return {
            "topic": message.topic,
            "partition": message.partition,
            "offset": message.offset,
            "index": self.index_of[index],
        }


@dataclass
class _Cut:
    """Events cut out so far."""

    parts: list[bytes] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    message_of: list[int] = field(default_factory=list)
    index_of: list[int] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    bound: dict[int, Bound] = field(default_factory=dict)
    offset: int = 0

    def add(self, number: int, text: bytes, spans: Sequence[tuple[int, int]]) -> None:
        """Take over the spans of one text as the events of message ``number``."""
        for index, (start, end) in enumerate(spans):
            self.starts.append(self.offset + start)
            self.ends.append(self.offset + end)
            self.message_of.append(number)
            self.index_of.append(index)
        self.parts.append(text)
        self.offset += len(text) + 1


@dataclass(frozen=True)
class BlockOrigins:
    """Origins of messages of one event each: by block, and where each block's events begin."""

    places: Sequence[tuple[str, int, Positions]]
    firsts: Sequence[int]

    def of(self, index: int) -> Mapping[str, object]:
        """Give topic, partition and offset; the event is all of its message."""
        block = bisect.bisect_right(self.firsts, index) - 1
        topic, partition, offsets = self.places[block]
        offset = int(offsets[index - self.firsts[block]])
        return {"topic": topic, "partition": partition, "offset": offset, "index": 0}


def carries_one_event(headers: Headers) -> bool:
    """Whether messages with these headers hold one event in structured mode each."""
    kind = media_type(headers)
    return kind == STRUCTURED or (kind not in (ARROW, BATCH, LINES) and not _is_binary(headers))


def _is_binary(headers: Headers) -> bool:
    return any(name.startswith(_PREFIX) for name, _ in headers)


def segment_of_message_blocks(blocks: Sequence[MessageBlock]) -> Segment:
    """Make each message of the blocks one event in structured mode."""
    values: list[memoryview] = []
    for block in blocks:
        whole = memoryview(block.buffer)
        spans = zip(block.starts.tolist(), block.ends.tolist(), strict=True)
        values += [whole[start:end] for start, end in spans]
    lengths = np.concatenate([block.ends - block.starts for block in blocks])
    places = [(block.topic, block.partition, block.offsets) for block in blocks]
    firsts = list(accumulate(map(len, blocks), initial=0))[:-1]
    return _joined(values, lengths, BlockOrigins(places, firsts))


def segment_of_messages(messages: Sequence[Message]) -> Segment:
    """Cut messages that carry text into events."""
    if not any(message.headers for message in messages):
        return _one_event_each(messages)
    cut = _Cut()
    for number, message in enumerate(messages):
        _cut(cut, number, message)
    return _segment(cut, messages)


def _one_event_each(messages: Sequence[Message]) -> Segment:
    """Without headers each message is one event in structured mode."""
    values = [message.value for message in messages]
    lengths = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
    return _joined(values, lengths, MessageOrigins(messages, range(len(values)), [0] * len(values)))


def _joined(values: Sequence[bytes | memoryview], lengths: Positions, origins: Origins) -> Segment:
    ends = np.cumsum(lengths + 1) - 1
    return Segment(b"\n".join(values), ends - lengths, ends, origins)


def refused_message(message: Message, refusal: Refusal) -> Segment:
    """Make a whole message one refused event."""
    cut = _Cut(refused={0: refusal})
    cut.add(0, message.value, [(0, len(message.value))])
    return _segment(cut, [message])


def _segment(cut: _Cut, messages: Sequence[Message]) -> Segment:
    return Segment(
        b"\n".join(cut.parts),
        np.array(cut.starts, dtype=np.int64),
        np.array(cut.ends, dtype=np.int64),
        MessageOrigins(messages, cut.message_of, cut.index_of),
        cut.refused,
        cut.bound,
    )


def _cut(cut: _Cut, number: int, message: Message) -> None:
    value, kind = message.value, media_type(message.headers)
    if kind == LINES:
        starts, ends, _ = line_spans(value)
        cut.add(number, value, list(zip(starts.tolist(), ends.tolist(), strict=True)))
    elif kind == BATCH:
        spans = element_spans(value)
        if spans is None:
            cut.refused[len(cut.starts)] = Refusal(
                "not_json", f"expected a JSON array, as the content-type {BATCH} says"
            )
        cut.add(number, value, [(0, len(value))] if spans is None else spans)
    elif kind != STRUCTURED and _is_binary(message.headers):
        _cut_binary(cut, number, message)
    else:
        cut.add(number, value, [(0, len(value))])


def _cut_binary(cut: _Cut, number: int, message: Message) -> None:
    attributes = _attributes(message)
    event = len(cut.starts)
    if isinstance(attributes, Refusal):
        cut.refused[event] = attributes
        cut.add(number, message.value, [(0, len(message.value))])
        return
    cut.bound[event] = Bound(attributes, message.value)
    head = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode()
    comma = b"," if attributes else b""
    text = b"".join((head[:-1], comma, b'"data":', message.value, b"}"))
    cut.add(number, text, [(0, len(text))])


def _attributes(message: Message) -> dict[str, str] | Refusal:
    found: dict[str, str] = {}
    for name, value in message.headers:
        if not name.startswith(_PREFIX):
            continue
        attribute = name.removeprefix(_PREFIX)
        if attribute in found or attribute == "data":
            return Refusal("duplicate_key", f"expected the header {name!a} once, got it twice")
        try:
            found[attribute] = value.decode()
        except UnicodeDecodeError:
            return Refusal("bad_encoding", f"expected the header {name!a} in UTF-8")
    return found
