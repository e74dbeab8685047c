"""Where reading goes on: store, delivery and group, at first and after a rebalance."""

from __future__ import annotations

import pytest
from kafka import TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.broker.offsets import Positions, as_key, as_partition, gap

EVENTS = TopicPartition("cloud.events", 3)
KEY = "cloud.events/3"


def test_a_partition_and_its_key_are_the_same_thing() -> None:
    assert (as_key(EVENTS), as_partition(KEY)) == (KEY, EVENTS)


@pytest.mark.parametrize(
    ("stored", "group", "expected"),
    [(None, None, None), (None, 7, 7), (5, None, 5), (5, 7, 5), (9, 7, 9), (0, 7, 0)],
)
def test_at_first_the_store_decides_and_else_the_group(
    stored: int | None, group: int | None, expected: int | None
) -> None:
    positions = Positions({} if stored is None else {KEY: stored})
    assert positions.resume(EVENTS, group) == expected


@pytest.mark.parametrize(
    ("delivered", "group", "expected"), [(None, None, 5), (8, 6, 8), (6, 9, 9), (None, 3, 5)]
)
def test_later_the_highest_of_store_delivery_and_group_holds(
    delivered: int | None, group: int | None, expected: int
) -> None:
    positions = Positions({KEY: 2})
    positions.settled()
    positions.stored({KEY: 5})
    positions.delivered({} if delivered is None else {KEY: delivered})
    assert positions.resume(EVENTS, group) == expected


def test_a_gap_names_the_place_and_where_to_read_on() -> None:
    error = gap(OffsetOutOfRangeError({EVENTS: 12}), {"bootstrap_servers": ["b1:9092", "b2:9092"]})
    assert str(error) == (
        "Kafka at b1:9092, b2:9092 no longer has cloud.events/3 at offset 12: events were deleted "
        "before they were read, or the topic was made anew: see docs/kafka.md, "
        "'Events that are gone'"
    )
