"""Decode the next batches while the one before is folded; the order stays as it was."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from streams.codec import Shapes, decode
from streams.ports import Batch, Decoded, Source


def processors() -> int:
    """Give the number of processors this process may use, at most four."""
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def decoded_ahead(source: Source, jobs: int) -> Iterator[tuple[Batch, Decoded]]:
    """Give the batches of a source to its end, each decoded, in their order.

    With one job a batch is decoded when it is asked for; with more, that many others are decoded
    at most, on threads, while it is worked on. Decoding is a pure function, so nothing but the
    time it takes depends on ``jobs``.
    """
    batches, shapes = _batches(source), Shapes()
    if jobs <= 1:
        yield from ((batch, decode(batch, shapes)) for batch in batches)
        return
    waiting: deque[tuple[Batch, Future[Decoded]]] = deque()
    with ThreadPoolExecutor(jobs - 1, thread_name_prefix="decode") as pool:
        for batch in batches:
            waiting.append((batch, pool.submit(decode, batch, shapes)))
            if len(waiting) >= jobs:
                ready, future = waiting.popleft()
                yield ready, future.result()
        for ready, future in waiting:
            yield ready, future.result()


def _batches(source: Source) -> Iterator[Batch]:
    while not source.exhausted:
        batch = source.poll(0.0)
        if batch is not None:
            yield batch
