"""Where reading goes on: store, delivery and group, at first and after a rebalance."""

from __future__ import annotations

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.broker.errors import BrokerError
from streams.broker.offsets import (
    Positions,
    as_key,
    as_partition,
    beyond,
    by_others,
    gap,
    in_log,
)

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


def test_what_nobody_else_can_have_read_goes_on_where_it_was_though_the_group_be_further() -> None:
    positions = Positions({KEY: 2})
    positions.delivered({KEY: 2})  # a store restored from a copy, settled and not read yet
    positions.settled()
    assert positions.resume(EVENTS, 5, is_kept=True) == 2


@pytest.mark.parametrize(
    ("committed", "instance", "expected"),
    [
        (None, "s-1", None),
        (OffsetAndMetadata(7, "s-1", -1), "s-1", None),  # a copy of the store that did not know it
        (OffsetAndMetadata(7, "s-2", -1), "s-1", 7),
        (OffsetAndMetadata(7, "", -1), "s-1", 7),
        (OffsetAndMetadata(7, "", -1), "", 7),
    ],
)
def test_what_the_group_knows_counts_where_another_store_read_it(
    committed: OffsetAndMetadata | None, instance: str, expected: int | None
) -> None:
    assert by_others(committed, instance) == expected


def test_positions_in_a_topic_made_anew_are_forgotten_and_no_others() -> None:
    positions = Positions({KEY: 2, "events-2/0": 7})
    positions.delivered({KEY: 3})
    positions.forget({EVENTS.topic})
    assert positions.resume(EVENTS, None) is None
    assert positions.resume(TopicPartition("events-2", 0), None) == 7


def test_what_was_deleted_unread_is_an_error_or_skipped_once_somebody_decided_that() -> None:
    log = (3, 9)
    assert [in_log(EVENTS, at, log, skip_gaps=False) for at in (None, 3, 9)] == [3, 3, 9]
    assert in_log(EVENTS, 1, log, skip_gaps=True) == 3
    with pytest.raises(OffsetOutOfRangeError):
        in_log(EVENTS, 1, log, skip_gaps=False)


def test_a_gap_names_the_place_and_where_to_read_on() -> None:
    error = gap(OffsetOutOfRangeError({EVENTS: 12}), {"bootstrap_servers": ["b1:9092", "b2:9092"]})
    assert str(error) == (
        "Kafka at b1:9092, b2:9092 no longer has cloud.events/3 at offset 12: events were deleted "
        "before they were read, or the topic was made anew: see docs/kafka.md, "
        "'Events that are gone'"
    )


def test_what_is_gone_while_it_is_read_is_an_error_or_settled_anew() -> None:
    error = OffsetOutOfRangeError({EVENTS: 12})
    assert beyond(error, {}, skip_gaps=True) == (EVENTS,)
    with pytest.raises(BrokerError, match="no longer has cloud.events/3 at offset 12"):
        beyond(error, {"bootstrap_servers": ["b1:9092"]}, skip_gaps=False)
