"""One batch of bytes to frames and dead letters; every event ends in exactly one of them."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from features.schema import USAGE_EVENTS
from streams.codec.arrow import ArrowSegment, read_arrow, segment_of_arrow
from streams.codec.messages import (
    ARROW,
    carries_one_event,
    media_type,
    segment_of_message_blocks,
    segment_of_messages,
)
from streams.codec.one_by_one import Tally, read_one_by_one
from streams.codec.pieces import Segment, segment_of_blocks
from streams.codec.rows import correction_frames, record_frame, usage_frame
from streams.codec.shapes import Shapes
from streams.codec.together import read_together
from streams.ports import Batch, Decoded, Message, MessageBlock, MessageBlocks


@dataclass(frozen=True)
class SegmentProvenance:
    """Finds the bytes and the origin of an event again, as long as its batch is held."""

    segments: Sequence[Segment | ArrowSegment]
    firsts: Sequence[int]

    def raw_of(self, ordinal: int) -> bytes:
        """Give the bytes of one event as they came; a row of Arrow as JSON."""
        segment, index = self._find(ordinal)
        return segment.raw(index)

    def origin_of(self, ordinal: int) -> Mapping[str, object]:
        """Give file and line, or topic, partition, offset and index."""
        segment, index = self._find(ordinal)
        return segment.origins.of(index)

    def _find(self, ordinal: int) -> tuple[Segment | ArrowSegment, int]:
        place = bisect.bisect_right(self.firsts, ordinal) - 1
        return self.segments[place], ordinal - self.firsts[place]


def decode(batch: Batch, shapes: Shapes | None = None) -> Decoded:
    """Decode one batch: usage events together where they can be, all others one by one.

    ``shapes`` remembers from batch to batch what lines look like; it changes no result.
    """
    return _decode(batch, Shapes() if shapes is None else shapes)


def decode_one_by_one(batch: Batch) -> Decoded:
    """Decode one batch event by event: slower, the same result; the tests hold the two together."""
    return _decode(batch, None)


def _decode(batch: Batch, shapes: Shapes | None) -> Decoded:
    segments = [segment for segment in _segments(batch) if len(segment)]
    firsts: list[int] = []
    read = 0
    tally = Tally()
    frames: list[pl.DataFrame] = []
    for segment in segments:
        firsts.append(read)
        if isinstance(segment, ArrowSegment):
            frames.extend(read_arrow(segment, read, tally, together=shapes is not None))
        elif shapes is not None:
            frames.extend(read_together(segment, read, tally, shapes))
        else:
            read_one_by_one(segment, range(len(segment)), read, tally)
        read += len(segment)
    if tally.usage or not frames:
        frames.append(usage_frame(tally.usage))
    corrections, originals, replacements = correction_frames(tally.corrections)
    return Decoded(
        read=read,
        usage=_together(frames),
        corrections=corrections,
        originals=originals,
        replacements=replacements,
        records=record_frame(tally.records),
        rejected=sorted(tally.rejected, key=lambda event: event.ordinal),
        unknown_fields=dict(sorted(tally.unknown.items())),
        provenance=SegmentProvenance(segments, firsts),
    )


def _segments(batch: Batch) -> Iterator[Segment | ArrowSegment]:
    if batch.blocks:
        yield segment_of_blocks(batch.blocks)
    if not isinstance(batch.messages, MessageBlocks):
        yield from _of_messages(batch.messages)
        return
    for is_plain, blocks in groupby(batch.messages.blocks, _is_plain):
        if is_plain:
            yield segment_of_message_blocks(list(blocks))
        else:
            yield from _of_messages(list(MessageBlocks(list(blocks))))


def _of_messages(listed: Sequence[Message]) -> Iterator[Segment | ArrowSegment]:
    if listed and not any(message.headers for message in listed):
        yield segment_of_messages(listed)
        return
    for is_arrow, messages in groupby(listed, _is_arrow):
        if is_arrow:
            yield from (segment_of_arrow(message) for message in messages)
        else:
            yield segment_of_messages(list(messages))


def _is_plain(block: MessageBlock) -> bool:
    return carries_one_event(block.headers)


def _is_arrow(message: Message) -> bool:
    return media_type(message.headers) == ARROW


def _together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = frames[0] if len(frames) == 1 else pl.concat(frames)
    return whole.select(USAGE_EVENTS.names())
