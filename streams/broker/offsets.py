"""Where reading goes on: a small calculus of offsets, ``topic/partition`` to next offset."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.broker.errors import BrokerError, servers
from streams.logs import Log


def as_key(partition: TopicPartition) -> str:
    """Write a partition as the store does; a topic name holds no slash."""
    return f"{partition.topic}/{partition.partition}"


def as_partition(key: str) -> TopicPartition:
    """Read a key of the store."""
    topic, _, number = key.rpartition("/")
    return TopicPartition(topic, int(number))


class Positions:
    """What the store holds and what was delivered since, by ``topic/partition``."""

    def __init__(self, stored: Mapping[str, int]) -> None:
        self._stored = dict(stored)
        self._delivered: dict[str, int] = {}
        self._is_first = True

    def stored(self, offsets: Mapping[str, int]) -> None:
        """Note what became durable."""
        self._stored.update(offsets)

    def delivered(self, offsets: Mapping[str, int]) -> None:
        """Note where reading goes on after what went out to the service, or where it began."""
        self._delivered.update(offsets)

    def forget(self, topics: Collection[str]) -> None:
        """Forget every position in these topics: they were made anew."""
        for known in (self._stored, self._delivered):
            for key in [key for key in known if as_partition(key).topic in topics]:
                del known[key]

    def settled(self) -> None:
        """End the first assignment."""
        self._is_first = False

    def resume(
        self, partition: TopicPartition, group: int | None, *, is_kept: bool = False
    ) -> int | None:
        """Give the next offset to read, None where nobody knows one.

        ``is_kept``: nobody else can have read it since it was first settled here, so it goes on.

        At first the store alone decides, though the group be further: a store restored from a
        copy must read again what it lost. Later another member may have read on in the meantime,
        so the highest of store, delivery and group holds.
        """
        key = as_key(partition)
        stored = self._stored.get(key)
        if is_kept:
            return self._delivered[key]
        if self._is_first and stored is not None:
            return stored
        known = [at for at in (stored, self._delivered.get(key), group) if at is not None]
        return max(known, default=None)


def by_others(committed: OffsetAndMetadata | None, instance: str) -> int | None:
    """Give the next offset that the group knows, None where the same store committed it.

    Of what it read itself a store knows more than the group; where it does not, it was restored
    from a copy, and has to read that again.
    """
    if committed is None or (instance and committed.metadata == instance):
        return None
    return int(committed.offset)


def in_log(
    partition: TopicPartition, known: int | None, log: tuple[int, int], *, skip_gaps: bool
) -> int:
    """Give where to read on in a log of these ends: at its first record where nobody knows.

    Raises:
        OffsetOutOfRangeError: what comes next was deleted, and no gap may be skipped.
    """
    first, end = log
    if known is None or first <= known <= end:
        return first if known is None else known
    if not skip_gaps:
        raise OffsetOutOfRangeError({partition: known})
    Log("broker").warning("gap_skipped", partition=as_key(partition), wanted=known, found=first)
    return first


def beyond(
    error: OffsetOutOfRangeError, options: Mapping[str, object], *, skip_gaps: bool
) -> Collection[TopicPartition]:
    """Give the partitions whose next record was deleted while they were read.

    Raises:
        BrokerError: nobody has decided to go on without what was deleted.
    """
    if not skip_gaps:
        raise gap(error, options) from error
    return tuple(error.args[0])


def gap(error: OffsetOutOfRangeError, options: Mapping[str, object]) -> BrokerError:
    """Say that records between the stored offset and the log are gone."""
    wanted = error.args[0] if error.args and isinstance(error.args[0], Mapping) else {}
    places = ", ".join(f"{as_key(part)} at offset {at}" for part, at in wanted.items())
    return BrokerError(
        f"Kafka at {servers(options)} no longer has {places or 'the stored offset'}: events were "
        "deleted before they were read, or the topic was made anew: see docs/kafka.md, "
        "'Events that are gone'"
    )
