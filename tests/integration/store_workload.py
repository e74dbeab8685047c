"""Numbered batches written to a store, what it must hold after any number of them, and a killer.

Runs in a process of its own that dies by SIGKILL: at a numbered step, or when the parent says.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streams.store import NameLimits, Store, StoreError, Transaction
from tests.support.store_rows import add, amounts, found, minute, names, records, total

TENANT = "trainwatch.tenant.v1"
KINDS = (0, 1)
SPREAD = 0x9E3779B97F4A7C15  # puts the upper halves of names all over their range


@dataclass(frozen=True)
class Workload:
    """So many batches of so many names; ``limits`` make runs and merges frequent."""

    batches: int
    names: int
    limits: NameLimits
    durable: bool
    forget_at: int = 6

    def keys(self, batch: int) -> list[tuple[int, int]]:
        first = batch * self.names
        return [(number * SPREAD % 2**64, number) for number in range(first, first + self.names)]

    def open(self, path: Path, step: Callable[[str], None] | None = None) -> Store:
        if step is None:
            return Store.open(path, durable=self.durable, limits=self.limits)
        return Store.open(path, durable=self.durable, limits=self.limits, step=step)

    def run(self, path: Path, step: Callable[[str], None] | None = None) -> None:
        """Go on from where the store stands until every batch is in."""
        with self.open(path, step) as store:
            for batch in range(store.offsets().get("usage/0", 0), self.batches):
                with store.transaction() as transaction:
                    self._write(transaction, batch)
                store.mark_published(2 * batch + 1)
                store.compact("usage", add)

    def _write(self, transaction: Transaction, batch: int) -> None:
        for part in (amounts(all=1), amounts(**{f"b{batch}": batch})):
            transaction.append_segment("usage", part)
        for kind in KINDS:
            rows = [(hi, lo, batch) for hi, lo in self.keys(batch)]
            transaction.claim_names(names(rows, kind, minutes=batch))
        if batch == self.forget_at:
            transaction.forget_names(minute(2))
        transaction.put_records(records([(batch, "s", str(batch), "{}")], TENANT))
        transaction.put_documents("report", [(f"{batch}a", b"a"), (f"{batch}b", b"b")])
        transaction.put_offsets({"usage/0": batch + 1})
        transaction.add_counts({("events", "accepted"): self.names})
        transaction.put_value("batch", batch)
        transaction.put_reported(f"r{batch % 3}", str(batch).encode())

    def expected(self, done: int) -> dict[str, object]:
        """Give what the store must hold after exactly the first ``done`` batches."""
        forgotten = 2 if done > self.forget_at else 0
        digests = [batch for batch in range(done) for _ in range(self.names) if batch >= forgotten]
        return {
            "state": {**({"all": done} if done else {}), **{f"b{b}": b for b in range(done)}},
            "names": [digests, digests],
            "records": [str(batch) for batch in range(done)],
            "documents": [
                (2 * batch + 1 + half, f"{batch}{'ab'[half]}")
                for batch in range(done)
                for half in range(2)
            ],
            "counts": {("events", "accepted"): done * self.names} if done else {},
            "value": done - 1 if done else None,
            "reported": {f"r{b % 3}": str(b).encode() for b in range(done)},
        }

    def held(self, store: Store) -> dict[str, object]:
        """Give what the store holds; names are asked for far past what can be there."""
        keys = [key for batch in range(self.batches) for key in self.keys(batch)]
        return {
            "state": total(store),
            "names": [list(found(store, keys, kind).values()) for kind in KINDS],
            "records": store.records(TENANT)["id"].to_list(),
            "documents": [(d.sequence, d.key) for d in store.documents(0, 10**6)],
            "counts": store.counts(),
            "value": store.value("batch"),
            "reported": store.reported(),
        }


def run_until_step(work: Workload, path: Path, deadly: int) -> None:
    """Work, and die at the step of this number."""
    steps = iter(range(10**9))

    def step(_: str) -> None:
        if next(steps) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    work.run(path, step)


def run_until_killed(work: Workload, path: Path) -> None:
    work.run(path)


def run_on_a_small_disk(work: Workload, path: Path, limit_bytes: int, told: Path) -> None:
    """Work with no file allowed past a limit; write down what the store says about it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    done = [0]

    def step(name: str) -> None:
        done[0] += name == "committed"

    try:
        work.run(path, step)
    except StoreError as error:
        told.write_text(f"{done[0]} {error}", encoding="utf-8")
