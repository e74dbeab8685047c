"""Whole batches leave kafka-python as stretches, bounded, and only of the version known here."""

from __future__ import annotations

import logging
import weakref

import kafka
import pytest
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher

from streams.broker import whole_batches
from streams.broker.records import as_batch
from streams.broker.stretches import Stretch
from streams.ports import Batch, Message, MessageBlocks
from tests.support.record_batches import (
    APPEND_TIME,
    LZ4,
    Reader,
    Written,
    batch_of,
    old_batch,
    read_back,
)

TIME = 1_700_000_000_000
TYPED = (("Content-Type", b"application/json"),)


def ten(size: int = 3, **fields: tuple[tuple[str, bytes | None], ...]) -> list[Written]:
    return [Written(n, b"%d" % n * size, b"key", TIME + n, **fields) for n in range(10)]


def test_a_batch_comes_as_one_stretch_with_all_that_its_records_hold() -> None:
    reader = Reader(whole=True)
    reader.fetched(batch_of(ten(headers=TYPED), 40, compression=LZ4))
    ((place, found),) = reader.polled().items()
    assert place == TopicPartition("usage", 0)
    assert [type(each) for each in found] == [Stretch]
    assert list(read_back(found[0])) == [
        (40 + n, TIME + n, b"key", b"%d" % n * 3, TYPED) for n in range(10)
    ]
    assert (found[0].offset, found[0].timestamp) == (49, TIME + 9)


def test_the_time_of_the_broker_holds_where_the_broker_sets_it() -> None:
    reader = Reader(whole=True)
    reader.fetched(batch_of(ten(), attributes=APPEND_TIME))
    ((found,),) = reader.polled().values()
    assert found.timestamps.tolist() == [TIME + 9] * 10


@pytest.mark.parametrize(
    "written",
    [ten()[:7], [*ten(), Written(10, b"x", headers=TYPED)]],
    ids=["few records", "other headers"],
)
def test_what_is_not_worth_it_or_not_alike_is_read_by_the_library(written: list[Written]) -> None:
    reader = Reader(whole=True)
    reader.fetched(batch_of(written))
    ((*found,),) = reader.polled().values()
    assert [type(each).__name__ for each in found] == ["ConsumerRecord"] * len(written)


@pytest.mark.parametrize("magic", [0, 1])
def test_messages_of_an_older_format_are_read_by_the_library(magic: int) -> None:
    reader = Reader(whole=True)
    reader.fetched(old_batch(ten(), 40, magic))
    ((*found,),) = reader.polled().values()
    assert [(type(each).__name__, each.offset, each.value) for each in found] == [
        ("ConsumerRecord", 40 + n, b"%d" % n * 3) for n in range(10)
    ]


def test_what_was_fetched_is_let_go_of_where_reading_goes_on_elsewhere() -> None:
    reader = Reader(whole=True, max_records=3)
    reader.fetched(batch_of(ten()) + batch_of(ten(), 10))
    ((found,),) = reader.polled().values()
    whole = weakref.ref(found.offsets.base)
    del found
    assert whole() is not None  # seven of its ten records are to come
    reader.seek(50)
    assert reader.polled() == {}
    assert whole() is None


def test_a_poll_stops_after_so_many_messages_and_the_next_goes_on_there() -> None:
    reader = Reader(whole=True, max_records=6)
    reader.fetched(batch_of(ten()))
    reader.fetched(batch_of(ten()), 0)
    sizes = []
    while found := reader.polled():
        sizes.append([len(each) for each in found[TopicPartition("usage", 0)]])
    assert sizes == [[6], [4]]


def test_a_poll_stops_after_so_many_bytes_over_all_partitions() -> None:
    reader = Reader(whole=True, starts=[0, 0], bytes_max=2500)
    for number in range(2):
        reader.fetched(batch_of(ten(size=1000)), number)
    polls = []
    while found := reader.polled():
        polls.append({each.partition: [len(p) for p in parts] for each, parts in found.items()})
    assert polls == [*[{0: [3]}] * 3, {0: [1], 1: [2]}, *[{1: [3]}] * 2, {1: [2]}]


def test_one_message_comes_though_it_is_larger_than_a_poll_may_be() -> None:
    reader = Reader(whole=True, bytes_max=10)
    reader.fetched(batch_of([*ten(size=1000), *[Written(20 + n, b"x") for n in range(3)]]))
    offsets = [found[TopicPartition("usage", 0)][0].offset for found in iter(reader.polled, {})]
    assert offsets == [*range(10), 22]


def test_another_version_of_the_library_reads_as_it_always_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kafka, "__version__", "3.0.13")
    with caplog.at_level(logging.WARNING):
        reader = Reader(whole=True)
    assert caplog.messages == ["reads_record_by_record"]
    assert reader.fetcher.PartitionRecords is Fetcher.PartitionRecords
    reader.fetched(batch_of(ten()))
    ((*found,),) = reader.polled().values()
    assert len(found) == 10


def test_other_parameters_of_what_is_replaced_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert whole_batches.unexpected() == ""
    monkeypatch.setattr(Fetcher.PartitionRecords, "take", lambda self: self)
    assert whole_batches.unexpected() == "take(self)"


def test_a_poll_of_stretches_is_a_batch_of_blocks() -> None:
    reader = Reader(whole=True)
    reader.fetched(batch_of([*ten(headers=TYPED), Written(12, None, headers=TYPED)], 40))
    batch = as_batch(reader.polled())
    lowered = (("content-type", b"application/json"),)
    expected = [Message("usage", 0, 40 + n, b"%d" % n * 3, lowered) for n in range(10)]
    expected.append(Message("usage", 0, 52, b"", lowered))
    assert isinstance(batch.messages, MessageBlocks)
    assert list(batch.messages) == expected
    assert [batch.messages[n] for n in range(-11, 11)] == expected * 2
    assert batch.messages[9:] == expected[9:]
    assert batch.offsets == {"usage/0": 53}


def test_records_beside_stretches_keep_their_order_and_their_headers() -> None:
    alone = [
        Written(0, b"alone"),
        Written(1, None),
        Written(2, b"typed", headers=(("Content-Type", b"a/b"), ("None", None))),
    ]
    reader = Reader(whole=True)
    reader.fetched(batch_of(ten()) + batch_of(alone, 10) + batch_of(ten(), 13))
    batch = as_batch(reader.polled())
    assert isinstance(batch.messages, MessageBlocks)
    values = [b"%d" % n * 3 for n in range(10)]
    assert list(batch.messages) == [
        *(Message("usage", 0, n, value) for n, value in enumerate(values)),
        Message("usage", 0, 10, b"alone"),
        Message("usage", 0, 11, b""),
        Message("usage", 0, 12, b"typed", (("content-type", b"a/b"), ("none", b""))),
        *(Message("usage", 0, 13 + n, value) for n, value in enumerate(values)),
    ]
    assert [len(block) for block in batch.messages.blocks] == [10, 2, 1, 10]


def test_records_alone_are_messages() -> None:
    reader = Reader(whole=True)
    reader.fetched(batch_of([Written(0, b"one"), Written(3, None, headers=TYPED)]))
    assert as_batch(reader.polled()) == Batch(
        messages=[
            Message("usage", 0, 0, b"one"),
            Message("usage", 0, 3, b"", (("content-type", b"application/json"),)),
        ],
        offsets={"usage/0": 4},
    )


def test_no_blocks_are_no_messages() -> None:
    assert list(MessageBlocks([])) == []
    assert len(MessageBlocks([])) == 0
    with pytest.raises(IndexError):
        MessageBlocks([])[0]
