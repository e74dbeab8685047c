"""Killed with SIGKILL at every step and at odd times, the store holds exactly what it committed.

The processes are real; a server that has imported everything forks them, so that each costs
milliseconds.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from streams.store import NameLimits, Reader, StoreError
from tests.integration.store_workload import (
    Workload,
    run_on_a_small_disk,
    run_until_killed,
    run_until_step,
)

TINY = NameLimits(recent=4, slice_rows=4, fan_in=2)
STEPWISE = Workload(batches=9, names=3, limits=TINY, durable=False)
LARGE = Workload(
    batches=40,
    names=800,
    limits=NameLimits(recent=3000, slice_rows=1000, fan_in=2),
    durable=True,
    forget_at=20,
)
#: Longest wait for a child, far past what it needs.
PATIENCE_SECONDS = 240
#: Dozens of processes one after the other, which a machine with other work takes minutes for.
LONG_SECONDS = 600


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.integration.store_workload"])
    return context


def ended(server: ForkServerContext, target: Callable[..., None], *arguments: object) -> int:
    process = started(server, target, *arguments)
    process.join(PATIENCE_SECONDS)
    assert process.exitcode is not None
    return process.exitcode


def started(
    server: ForkServerContext, target: Callable[..., None], *arguments: object
) -> BaseProcess:
    process = server.Process(target=target, args=arguments)
    process.start()
    return process


def steps_of(work: Workload, path: Path) -> list[str]:
    steps: list[str] = []
    work.run(path, steps.append)
    return steps


def committed_batches(path: Path) -> int:
    """Ask as an export does, before any writer has opened the store again."""
    if not (path / "store.sqlite").exists():
        return 0
    with suppress(StoreError), Reader.open(path) as reader:
        return reader.offsets().get("usage/0", 0)
    return 0  # killed before its first transaction, that of the tables


def assert_exactly(work: Workload, path: Path, done: int) -> None:
    with work.open(path) as store:
        assert store.offsets() == ({"usage/0": done} if done else {})
        assert work.held(store) == work.expected(done)


def test_the_workload_passes_through_every_kind_of_step(tmp_path: Path) -> None:
    steps = steps_of(STEPWISE, tmp_path / "store")
    assert set(steps) == {
        *("segment", "names", "records", "documents", "offsets", "counts", "value", "reported"),
        *("before commit", "committed", "published", "before compaction", "compacted"),
        *("names written", "names registered", "names merge slice"),
        *("names merged", "names replaced", "names removed"),
    }


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS)
def test_killed_at_any_step_the_store_holds_exactly_what_was_committed(
    tmp_path: Path, server: ForkServerContext
) -> None:
    steps = steps_of(STEPWISE, tmp_path / "whole")
    for deadly in range(len(steps)):
        path = tmp_path / str(deadly)
        assert ended(server, run_until_step, STEPWISE, path, deadly) == -signal.SIGKILL
        assert_exactly(STEPWISE, path, steps[: deadly + 1].count("committed"))
        if deadly % 5 == 0:
            STEPWISE.run(path)
            assert_exactly(STEPWISE, path, STEPWISE.batches)


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS)
def test_killed_at_odd_times_again_and_again_the_work_ends_as_without_a_kill(
    tmp_path: Path, server: ForkServerContext
) -> None:
    path = tmp_path / "store"
    draw = random.Random(20261122)
    kills, done = 0, 0
    while done < LARGE.batches:
        process = started(server, run_until_killed, LARGE, path)
        process.join(draw.uniform(0.02, 0.5))
        if process.exitcode is None:
            process.kill()
            kills += 1
        process.join(PATIENCE_SECONDS)
        before, done = done, committed_batches(path)
        assert before <= done
        assert_exactly(LARGE, path, done)
        assert kills < 1000
    assert kills > 0


@pytest.mark.parametrize(
    ("before", "limit_bytes", "file"),
    [
        (0, 100_000, "store.sqlite"),  # the tables do not fit
        (0, 600_000, "store.sqlite"),  # some batches fit
        (4, 90_000, "names/000000000001.names"),  # the first run of names does not fit
    ],
)
def test_a_full_disk_is_named_and_loses_nothing(
    tmp_path: Path, server: ForkServerContext, before: int, limit_bytes: int, file: str
) -> None:
    path, told = tmp_path / "store", tmp_path / "told.txt"
    replace(LARGE, batches=before).run(path)
    assert ended(server, run_on_a_small_disk, LARGE, path, limit_bytes, told) == 0
    done, _, message = told.read_text(encoding="utf-8").partition(" ")
    assert message.startswith(str(path / file))
    assert message.endswith("free space on this disk (or raise its quota) and start again")
    assert_exactly(LARGE, path, before + int(done))
    LARGE.run(path)
    assert_exactly(LARGE, path, LARGE.batches)
