"""Brings a rebalance from Kafka's network thread to the thread that polls.

kafka-python calls its listener on the thread that also sends heartbeats, while the polling thread
waits inside ``poll``. The store belongs to the polling thread. So the poll itself is made on a
helper thread, the polling thread waits here, is asked to commit when partitions are to be given
up, and the listener goes on only after its answer.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from kafka import TopicPartition
from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.future import Future

from streams.broker.calls import Call

T = TypeVar("T")


class Handover(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Listens to the group. Partitions just assigned wait, paused, until they are settled."""

    def __init__(self) -> None:
        self.consumer: Any = None
        self.unsettled: set[TopicPartition] = set()
        self.closing = False
        self._mail: queue.SimpleQueue[Future | None] = queue.SimpleQueue()

    def run(self, call: Callable[[], T], before_revoke: Callable[[], None]) -> T:
        """Make a call that may rebalance; ``before_revoke`` runs on this thread if it does."""
        mail = self._mail = queue.SimpleQueue()
        running = Call(call, when_done=lambda: mail.put(None))
        while (asked := mail.get()) is not None:
            try:
                before_revoke()
            finally:
                asked.success(None)
                self.consumer.commit({})  # commits nothing; it wakes the network thread
        return running.result(0)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait until the polling thread has committed what it holds."""
        self.unsettled.difference_update(revoked)
        if revoked and not self.closing:
            asked = Future()
            self._mail.put(asked)
            await asked

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Hold the new partitions until their offsets are known; nothing is read before."""
        for partition in assigned:
            self.consumer.pause(partition)
            self.consumer.seek(partition, 0)  # a position, so that the library looks for none
        self.unsettled.update(assigned)
