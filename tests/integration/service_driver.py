"""One detector over a durable store, fed ``tests/support/story.py``, in a process that dies.

The source is a log in memory that is the same in every life; the sink is a folder in which a
document that was made visible stays, as a broker would keep it. Knowledge follows the events and
the clock stands still, so that every life sees the same.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson

from detector.meaning import Meaning
from streams.export import summarise
from streams.loop import Ends, Loop
from streams.memory import MemorySource, MemoryTopic
from streams.metrics import Metrics
from streams.packaged import build_meaning
from streams.ports import Document
from streams.replay import write_results
from streams.service import Options, Service
from streams.standing import stand
from streams.store import Reader, Store, StoreError
from tests.support.clocks import SetClock
from tests.support.story import PACK_ID, policy_folder, story

#: Past everything that the story tells.
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@cache
def meaning(folder: Path) -> Meaning:
    """Read the story's law; rules alone say what trains, which is quicker and no less exact."""
    return build_meaning([PACK_ID], policy_folder(folder / "policy"))


class FolderSink:
    """The ``Sink`` port over a folder: one file a transaction, moved into place whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def last_sequence(self) -> int:
        names = [int(path.stem) for path in self._folder.glob("*.ndjson")]
        return max(names, default=0)

    def publish(self, documents: Sequence[Document]) -> None:
        seen = self.last_sequence()
        fresh = [each for each in documents if each.sequence > seen]
        if fresh:
            rows = [[e.sequence, e.kind, e.key, e.body.decode()] for e in fresh]
            beside = self._folder / "next"
            beside.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
            beside.replace(self._folder / f"{fresh[-1].sequence:09d}.ndjson")

    def close(self) -> None:
        """Nothing is open."""

    def documents(self) -> list[Document]:
        """Give what a reader sees, in order."""
        lines = [
            line
            for path in sorted(self._folder.glob("*.ndjson"))
            for line in path.read_bytes().splitlines()
        ]
        rows = [orjson.loads(line) for line in lines]
        return [Document(number, kind, key, body.encode()) for number, kind, key, body in rows]


@dataclass(frozen=True)
class Driver:
    """Where a detector keeps its store and its documents, and how many events it takes at once."""

    folder: Path
    cut: int

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def sink(self) -> FolderSink:
        return FolderSink(self.folder / "sink")

    def run(self, step: Callable[[str], None] = lambda _: None) -> None:
        """Go on from where the store stands until the story is told, then close it."""
        topic = MemoryTopic()
        for value in story():
            topic.append(value)
        metrics = Metrics(SetClock(NOW).now, "0")
        with Store.open(self.store, step=step) as store:
            options = Options(follows_events=True)
            service = Service(store, meaning(self.folder), SetClock(NOW), metrics, options)
            for _ in range(2):  # the second publishes what the end made due
                source = MemorySource(topic, max_records=self.cut, finite=True)
                ends = Ends(source, self.sink, lambda: None)
                Loop(service, store, ends, metrics, poll_seconds=0.0).run()
                service.finish()

    def results(self) -> dict[str, bytes]:
        """Give every file that an export writes, by name, and the counters."""
        out = self.folder / "out"
        out.mkdir()
        with Reader.open(self.store) as reader:
            whole = stand(reader, meaning(self.folder), NOW)
            summary = summarise(reader.counts(), 0.0, 0.0)
            write_results(out, reader, whole, [], summary)
        return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def run_until_step(driver: Driver, deadly: int) -> None:
    """Work, and die at the step of this number, counted from the start of the process."""
    steps = iter(range(10**9))

    def step(_: str) -> None:
        if next(steps) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    driver.run(step)


def run_on_a_small_disk(driver: Driver, limit_bytes: int, told: Path) -> None:
    """Work with no file allowed past a limit; write down what the store says about it, if it does.

    A limit on files is what a full disk is to SQLite: a write that the system refuses.
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))
    try:
        driver.run()
    except StoreError as error:
        told.write_text(str(error), encoding="utf-8")


def run_until_killed(driver: Driver) -> None:
    """Work until done, or until somebody ends the process."""
    driver.run()
