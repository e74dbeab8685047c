"""A partition goes on where it should, whatever the group does while that is being asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from kafka import TopicPartition

from streams.broker.rebalance import Assignments

ONE, OTHER = TopicPartition("usage", 0), TopicPartition("usage", 1)


@dataclass
class Consumer:
    """The library's consumer, as far as a listener touches it."""

    positions: dict[TopicPartition, int] = field(default_factory=dict)
    paused: set[TopicPartition] = field(default_factory=set)

    def pause(self, partition: TopicPartition) -> None:
        self.paused.add(partition)

    def assignment(self) -> set[TopicPartition]:
        return set(self.positions)

    def resume(self, partition: TopicPartition) -> None:
        self.paused.discard(partition)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset


def assigned(consumer: Consumer) -> Assignments:
    made = Assignments(consumer)
    made.on_partitions_assigned({ONE, OTHER})
    return made


def test_what_is_assigned_waits_paused_and_is_read_from_where_it_is_settled() -> None:
    consumer = Consumer()
    listener = assigned(consumer)
    assert consumer.paused == {ONE, OTHER}
    waiting = listener.unsettled()
    assert listener.settle(ONE, waiting[ONE], 7)
    assert (consumer.positions, consumer.paused) == ({ONE: 7, OTHER: 0}, {OTHER})
    assert listener.unsettled() == {OTHER: waiting[OTHER]}


def test_a_partition_assigned_anew_while_its_offset_was_asked_for_is_not_read_from_its_start() -> (
    None
):
    consumer = Consumer()
    listener = assigned(consumer)
    asked = listener.unsettled()
    listener.on_partitions_assigned({ONE, OTHER})
    assert not listener.settle(ONE, asked[ONE], 7)
    assert ONE in consumer.paused
    assert listener.settle(ONE, listener.unsettled()[ONE], 7)
    assert (consumer.positions[ONE], consumer.paused) == (7, {OTHER})


def test_a_partition_taken_away_while_its_offset_was_asked_for_is_left_alone() -> None:
    consumer = Consumer()
    listener = assigned(consumer)
    asked = listener.unsettled()
    listener.on_partitions_revoked({ONE})
    assert not listener.settle(ONE, asked[ONE], 7)
    assert (consumer.positions[ONE], consumer.paused) == (0, {ONE, OTHER})
    assert listener.unsettled() == {OTHER: asked[OTHER]}


def test_a_partition_assigned_again_at_once_is_kept_and_one_that_was_away_is_not() -> None:
    listener = assigned(Consumer())
    waiting = listener.unsettled()
    assert all(listener.settle(each, waiting[each], 7) for each in (ONE, OTHER))
    listener.on_partitions_revoked({ONE, OTHER})
    listener.on_partitions_assigned({ONE})
    listener.on_partitions_revoked({ONE})
    listener.on_partitions_assigned({ONE, OTHER})
    assert listener.kept() == {ONE}
    listener.on_partitions_lost({ONE, OTHER})
    assert listener.kept() == set()


def test_it_is_told_how_long_the_group_has_been_assigning() -> None:
    listener = Assignments(Consumer())
    assert listener.seconds_without() > 0
    listener.on_partitions_assigned({ONE})
    assert listener.seconds_without() == 0
    listener.on_partitions_revoked({ONE})
    assert listener.seconds_without() > 0


def test_what_is_to_be_settled_again_waits_paused_where_it_is_still_held() -> None:
    consumer = Consumer()
    listener = assigned(consumer)
    for partition, number in listener.unsettled().items():
        listener.settle(partition, number, 7)
    listener.again([ONE, TopicPartition("usage", 2)])
    assert (set(listener.unsettled()), consumer.paused) == ({ONE}, {ONE})
    assert listener.settle(ONE, listener.unsettled()[ONE], 9)
    assert (consumer.positions, consumer.paused) == ({ONE: 9, OTHER: 7}, set())
