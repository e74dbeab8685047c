"""Events on their way to a broker: kept while it is away, up to a limit, sent again until taken."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from streams.broker import BrokerAwayError
from streams.logs import Log
from streams.record.sinks import SinkError

#: Between two tries, seconds; and how long a stop goes on trying.
RETRY_SECONDS = 10.0
STOP_SECONDS = 15.0
#: Events of one call.
BATCH_EVENTS = 500


class Carrier(Protocol):
    """Where a batch goes."""

    def send(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Send all or raise BrokerAwayError."""

    def close(self) -> None:
        """Let go of connections."""


class QueuedSink:
    """An ``EventSink`` over a carrier that may be away. Everything is in memory: see docs."""

    def __init__(
        self,
        carrier: Carrier,
        key: str,
        events_max: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the key of every message, and the most events that may wait."""
        self._carrier = carrier
        self._key = key
        self._events_max = events_max
        self._monotonic = monotonic
        self._waiting: deque[bytes] = deque()
        self._not_before = monotonic()
        self._log = Log("record")

    def write(self, lines: Sequence[bytes]) -> None:
        """Take the events; send what waits unless the broker was away a moment ago.

        Raises:
            SinkError: More events wait than may.
        """
        self._waiting += [line.rstrip(b"\n") for line in lines]
        if len(self._waiting) > self._events_max:
            raise SinkError(
                f"Kafka: expected at most {self._events_max} events to wait for a broker, "
                f"{len(self._waiting)} do; bring it back, then start again with --out FILE, which "
                "needs no broker"
            )
        if self._monotonic() >= self._not_before:
            self._try()

    def close(self) -> None:
        """Go on trying for a while, then say how many events were never taken.

        Raises:
            SinkError: Some were not.
        """
        until = self._monotonic() + STOP_SECONDS
        while self._waiting and self._monotonic() < until:
            self._try()
        self._carrier.close()
        if self._waiting:
            raise SinkError(
                f"Kafka: expected a broker to take every event, {len(self._waiting)} were not "
                "taken and are lost; where that must not be, record with --out FILE"
            )

    def _try(self) -> None:
        try:
            while self._waiting:
                batch = list(self._waiting)[:BATCH_EVENTS]
                self._carrier.send([(self._key, event) for event in batch])
                for _ in batch:
                    self._waiting.popleft()
        except BrokerAwayError as error:
            self._not_before = self._monotonic() + RETRY_SECONDS
            self._log.warning("broker_away", waiting=len(self._waiting), said=str(error))
