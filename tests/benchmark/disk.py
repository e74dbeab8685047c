"""Bytes on disk of one claimed name, one telemetry bucket and one covered resource.

Each is measured in a store of its own, after the upkeep that a long run would have done.
Run: ``python -m tests.benchmark.disk``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import polars as pl

from features.accumulate import Usage, accumulate
from features.compute import HOUR_MS
from features.schema import INSTANT, NAMES, USAGE_EVENTS
from streams.store import Frames, Store, Transaction
from tests.benchmark import generator, throughput

BATCH: Final = 50_000
START_AT: Final = datetime(2026, 9, 1, tzinfo=UTC)


def stored_bytes(writes: Sequence[Callable[[Transaction], None]]) -> int:
    """Give what a store grew by after these writes, one transaction each."""
    with TemporaryDirectory(dir=throughput.FOLDER) as folder:
        store = Store.open(Path(folder) / "store", durable=False)
        empty = store.size()["bytes"]
        for write in writes:
            with store.transaction() as transaction:
                write(transaction)
        size = store.size()["bytes"] - empty
        store.close()
    return size


def names_write(batch: int) -> Callable[[Transaction], None]:
    """Claim one batch of names as random as digests are."""
    rng = np.random.default_rng(batch)
    hi, lo, digest = rng.integers(0, 2**64, (3, BATCH), dtype=np.uint64)
    at = START_AT + timedelta(seconds=batch)
    columns = {"kind": 0, "name_hi": hi, "name_lo": lo, "payload_digest": digest, "time": at}
    frame = pl.DataFrame(columns, schema=NAMES)
    return lambda transaction: transaction.claim_names(frame)


def segment_write(frames: Frames) -> Callable[[Transaction], None]:
    """Append frames as one segment of the state."""
    return lambda transaction: transaction.append_segment("benchmark", frames)


def fold(file: Path) -> Usage:
    """Fold a generated file into the state it comes to, repeats dropped."""
    events = pl.read_ndjson(file).unique("id", keep="first", maintain_order=True).unnest("data")
    events = events.unnest("telemetry", separator=".")
    instants = pl.col("time", "start", "end").str.to_datetime(time_zone="UTC").cast(INSTANT)
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in USAGE_EVENTS.items()
        if name not in events.columns
    ]
    hour = (pl.col("time").dt.epoch("ms") // HOUR_MS + 1).cast(pl.Int32).alias("hour")
    ready = events.with_columns(instants).with_columns(hour, *missing, sign=pl.lit(1, pl.Int64))
    typed = [pl.col(name).cast(dtype) for name, dtype in USAGE_EVENTS.items()]
    return accumulate(ready.select(*typed, "hour", "sign"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what a name, a bucket and a resource cost on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=40, help="of 50,000 names")
    parser.add_argument("--events", type=int, default=generator.Shape.events)
    asked = parser.parse_args(arguments)
    throughput.FOLDER.mkdir(exist_ok=True)
    names = asked.batches * BATCH
    size = stored_bytes([names_write(batch) for batch in range(asked.batches)])
    print(f"bytes a name on disk: {size / names:.1f} ({names:,} names)")
    usage = fold(generator.at(throughput.FOLDER, generator.Shape(events=asked.events)))
    size = stored_bytes([segment_write({"telemetry": usage.telemetry})])
    rows = usage.telemetry.height
    print(f"bytes a telemetry bucket on disk: {size / rows:.1f} ({rows:,} buckets, 8 counters)")
    size = stored_bytes([segment_write({"strands": usage.strands, "coverage": usage.coverage})])
    resources = usage.coverage["resource_id"].n_unique()
    print(f"bytes a covered resource on disk: {size / resources:.1f} ({resources:,} resources)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
