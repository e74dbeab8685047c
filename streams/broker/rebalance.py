"""Partitions that the group gives and takes, between its network thread and the thread that polls.

kafka-python calls its listener on the thread that also sends heartbeats, while the polling thread
may be anywhere in a poll. So the listener only notes what happened. It has nothing to commit: a
group rebalances inside a poll, and whoever polls has committed what the poll before gave.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Set
from typing import Any

from kafka import TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener


class Assignments(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Listens to the group. Partitions just assigned wait, paused, until they are settled.

    The group may assign anew while the polling thread still asks where to go on; a partition is
    settled for the assignment that it was asked for, and for no later one.
    """

    def __init__(self, consumer: Any) -> None:  # noqa: ANN401 - the library has no types
        self._consumer = consumer
        self._lock = threading.Lock()
        self._count = 0
        self._unsettled: dict[TopicPartition, int] = {}
        self._kept: set[TopicPartition] = set()
        self._without_since: float | None = time.monotonic()

    def kept(self) -> Set[TopicPartition]:
        """Give what was settled before and assigned here each time since: nobody else read it."""
        with self._lock:
            return set(self._kept)

    def seconds_without(self) -> float:
        """Tell for how long the group has been assigning, 0 where it is done."""
        since = self._without_since
        return 0.0 if since is None else time.monotonic() - since

    def unsettled(self) -> Mapping[TopicPartition, int]:
        """Give the partitions that wait, each with the number of the assignment that gave it."""
        with self._lock:
            return dict(self._unsettled)

    def again(self, partitions: Collection[TopicPartition]) -> None:
        """Let these wait until it is settled anew where they go on, where they are held here."""
        with self._lock:
            for partition in partitions:
                if partition in self._consumer.assignment():
                    self._consumer.pause(partition)
                    self._unsettled[partition] = self._count

    def settle(self, partition: TopicPartition, assignment: int, offset: int) -> bool:
        """Read a partition on from here, unless it was taken away or given anew meanwhile."""
        with self._lock:
            if self._unsettled.get(partition) != assignment:
                return False
            self._consumer.seek(partition, offset)
            self._consumer.resume(partition)
            del self._unsettled[partition]
            self._kept.add(partition)
        return True

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait for them no longer."""
        with self._lock:
            self._without_since = time.monotonic()
            for partition in revoked:
                self._unsettled.pop(partition, None)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Hold the new partitions until their offsets are known; nothing is read before."""
        with self._lock:
            self._without_since = None
            self._kept &= set(assigned)
            self._count += 1
            for partition in assigned:
                self._consumer.pause(partition)
                self._consumer.seek(partition, 0)  # a position, so that the library looks for none
                self._unsettled[partition] = self._count

    def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        """Wait for them no longer; others may have read on in them."""
        self.on_partitions_revoked(lost)
        with self._lock:
            self._kept.clear()
