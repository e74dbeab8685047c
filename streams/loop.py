"""The sidecar's loop: poll, take, tell the broker; publish the outbox; stop when asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from streams.logs import Log
from streams.metrics import Metrics
from streams.ports import Sink, Source
from streams.service import Service
from streams.store import Store

#: Documents in one transaction of the sink.
PUBLISH_DOCUMENTS: Final = 500
#: Pause between two looks at sizes and lag for the metrics, seconds.
SHOW_SECONDS: Final = 2.0
#: Longest pause between two attempts to publish while the broker is away, seconds.
PUBLISH_RETRY_SECONDS: Final = 30.0
#: Pause between two looks at whether files that judging rests on have changed, seconds.
RENEW_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Ends:
    """Where events come from and documents go; ``observe`` tells the metrics how both fare.

    ``renew`` gives a new service over the same store where files it rests on have changed.
    """

    source: Source
    sink: Sink
    observe: Callable[[], None]
    renew: Callable[[], Service | None] = lambda: None


class Loop:
    """One running detector. ``stop`` may be called from a signal handler."""

    def __init__(
        self,
        service: Service,
        store: Store,
        ends: Ends,
        metrics: Metrics,
        poll_seconds: float,
    ) -> None:
        """Everything is open already; ``run`` starts reading. ``poll_seconds``: longest wait."""
        self._service = service
        self._store = store
        self._source = ends.source
        self._sink = ends.sink
        self._metrics = metrics
        self._poll_seconds = poll_seconds
        self._observe = ends.observe
        self._renew = ends.renew
        self._renewed_at = time.monotonic()
        self._shown_at = 0.0
        self._log = Log("loop")
        self._stopping = False
        self._publish_at = 0.0
        self._publish_wait = 1.0
        self.publish_trouble = ""

    def stop(self) -> None:
        """Ask the loop to end after the batch in hand."""
        self._stopping = True

    @property
    def knowledge_at(self) -> datetime | None:
        """The instant up to which things are known, None before the first event."""
        return self._service.knowledge_at

    @property
    def idle_seconds(self) -> float:
        """Time since the loop last finished a step, or a part of a long one."""
        return self._service.pulse.idle_seconds

    def run(self) -> None:
        """Work until stopped; what was polled is committed before it returns.

        Documents that a broker in trouble does not take stay in the outbox for the next start.
        """
        self._source.start(self._store.offsets())
        self._meet_sink()
        self._log.info("started", offsets=len(self._store.offsets()))
        while not self._stopping and not self._source.exhausted:
            self.step()
        if not self.publish_trouble:
            self._publish()
        self._log.info("stopped", published=self._store.published_sequence())

    def _meet_sink(self) -> None:
        """Find out now, not with the first report, whether documents have somewhere to go."""
        try:
            self._sink.last_sequence()
        except ConnectionError as error:
            self._wait_to_publish(error)

    def step(self) -> None:
        """Poll once, commit what came, judge what the clock made due, publish."""
        if time.monotonic() >= self._renewed_at + RENEW_SECONDS:
            self._renewed_at = time.monotonic()
            self._service = self._renew() or self._service
        batch = self._source.poll(self._poll_seconds)
        if batch is not None:
            self._service.take(batch)
            self._source.committed(batch.offsets)
        self._service.tick()
        self._service.find()
        if time.monotonic() >= self._publish_at:
            self._publish()
        self._show()
        self._service.pulse.beat()

    def _publish(self) -> None:
        """Publish the outbox in order; a broker that is away is tried again later."""
        try:
            self._publish_all()
        except ConnectionError as error:
            self._wait_to_publish(error)
        else:
            self.publish_trouble = ""
            self._publish_at = 0.0
            self._publish_wait = 1.0

    def _wait_to_publish(self, error: ConnectionError) -> None:
        self.publish_trouble = str(error)
        self._publish_at = time.monotonic() + self._publish_wait
        self._log.warning("publish_waits", reason=str(error), seconds=self._publish_wait)
        self._publish_wait = min(self._publish_wait * 2, PUBLISH_RETRY_SECONDS)

    def _publish_all(self) -> None:
        after = self._store.published_sequence()
        if after == self._store.last_sequence():
            return
        seen = self._sink.last_sequence()
        if seen > after:
            self._store.mark_published(seen)
            after = seen
        while documents := self._store.documents(after, PUBLISH_DOCUMENTS):
            began = time.perf_counter()
            self._sink.publish(documents)
            after = documents[-1].sequence
            self._store.mark_published(after)
            self._metrics.time_step("publish", time.perf_counter() - began)
            for document in documents:
                self._metrics.published(document.kind, 1)
            self._service.pulse.beat()

    def _show(self) -> None:
        if time.monotonic() < self._shown_at + SHOW_SECONDS:
            return
        self._shown_at = time.monotonic()
        self._observe()
        size = self._store.size()
        self._metrics.state_size(
            size["segment_rows"], size["bytes"], size["names"], size["segments"]
        )
        waiting = self._store.last_sequence() - self._store.published_sequence()
        self._metrics.outbox(waiting)
