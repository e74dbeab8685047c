"""One connection to the pages: it has a limit in time, and so have all of them in number.

Nobody logs in here, so whoever reaches the port may open connections and say nothing in them, or
ask and not read the answer. Neither may hold up ``/healthz`` or use up the files that the process
may have open, for the store needs some too.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Most connections at once. One more ends that which has been without an answer for longest.
CONNECTIONS_MAX: Final = 100
#: Time in which a request must have come whole, been answered and been read, seconds.
EXCHANGE_SECONDS: Final = 30.0


class Connection(H11Protocol):
    """HTTP/1.1 that ends, whatever it waits for, when one exchange takes too long."""

    exchange_seconds: ClassVar[float] = EXCHANGE_SECONDS
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin the first exchange, and make room where there are too many."""
        super().connection_made(transport)
        self._begin()
        if len(self.connections) > CONNECTIONS_MAX:
            ours = [each for each in self.connections if isinstance(each, Connection)]
            min(ours, key=Connection.ends_at).end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin the next exchange; what was written may still wait to be read in it."""
        self._begin()
        super().on_response_complete()

    def ends_at(self) -> float:
        """Give when the exchange is cut short, on the clock of the event loop."""
        return self._limit.when() if self._limit is not None else 0.0

    def end(self) -> None:
        """Close at once, also where an answer is not read to its end."""
        self.connections.discard(self)
        self.transport.abort()

    def _begin(self) -> None:
        self._cancel()
        self._limit = self.loop.call_later(self.exchange_seconds, self.end)

    def _cancel(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
