"""Files folded into a throw-away store, for a question about them: nothing is judged or written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from detector.meaning import Meaning
from detector.policy.model import Policy
from streams.ahead import decoded_ahead
from streams.metrics import Metrics
from streams.ports import Clock, Source
from streams.replay import Advance, Plan
from streams.service import Options, Service
from streams.store import Reader, Store
from streams.throwaway import throwaway_folder
from streams.version import code_version


@contextmanager
def folded(
    source: Source, meaning: Meaning, clock: Clock, plan: Plan, advance: Advance
) -> Iterator[Reader]:
    """Read a source to its end as a replay does, and give the store until the block ends.

    The service is given no policy, so that no hour is assessed on the way.
    """
    silent = replace(meaning, policy=Policy(packs=()))
    with (
        throwaway_folder() as folder,
        Store.open(folder / "store", durable=False) as store,
    ):
        options = Options(follows_events=True, as_of=plan.as_of)
        metrics = Metrics(clock.now, code_version())
        service = Service(store, silent, clock, metrics, options)
        source.start({})
        for batch, decoded in decoded_ahead(source, plan.jobs):
            outcome = service.fold(batch, decoded)
            read = sum(len(block.buffer) for block in batch.blocks)
            advance(outcome.counts.get(("events", "read"), 0), read)
        yield store
