"""Killed with SIGKILL at any step of the store and at odd times, the results are those of no kill.

The processes are real; a server that has imported everything forks them. What is compared is what
an export writes, byte for byte, and what a reader of the documents has seen.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
from collections.abc import Callable
from itertools import count
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.ports import Document
from tests.integration.service_driver import (
    Driver,
    run_on_a_small_disk,
    run_until_killed,
    run_until_step,
)

#: Longest wait for a child, far past what it needs.
PATIENCE_SECONDS = 240
#: Dozens of processes one after the other, which a machine with other work takes minutes for.
LONG_SECONDS = 600

Results = dict[str, bytes]


@pytest.fixture(scope="module")
def server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.integration.service_driver"])
    return context


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, list[Document]]:
    """The results and the documents of a run that nobody killed."""
    driver = Driver(tmp_path_factory.mktemp("undisturbed"), cut=100)
    driver.run()
    return driver.results(), driver.sink.documents()


def started(
    server: ForkServerContext, target: Callable[..., None], *arguments: object
) -> BaseProcess:
    process = server.Process(target=target, args=arguments)
    process.start()
    return process


def exit_code(process: BaseProcess) -> int:
    process.join(PATIENCE_SECONDS)
    assert process.exitcode is not None
    return process.exitcode


def of_kinds(documents: list[Document], *kinds: str) -> list[tuple[str, str, bytes]]:
    return [(each.kind, each.key, each.body) for each in documents if each.kind in kinds]


def without_instant(body: bytes) -> dict[str, Any]:
    """Read a finding. Its instant moves with every look, which is no change of the finding."""
    return {key: value for key, value in orjson.loads(body).items() if key != "at"}


def last_findings(documents: list[Document]) -> dict[str, Any]:
    """Give what a compacted findings topic holds: the last of each key, tombstones gone."""
    last = {each.key: each.body for each in documents if each.kind == "finding"}
    return {key: without_instant(body) for key, body in last.items() if body}


def findings(results: Results) -> dict[str, Any]:
    """Give the findings of an export by their ids."""
    found = [without_instant(each) for each in results["findings.ndjson"].splitlines()]
    return {each["finding_id"]: each for each in found}


def assert_same(driver: Driver, undisturbed: tuple[Results, list[Document]]) -> None:
    expected, published = undisturbed
    assert driver.results() == expected
    seen = driver.sink.documents()
    assert [each.sequence for each in seen] == list(range(1, len(seen) + 1))
    for kind in ("report", "dead_letter"):
        assert of_kinds(seen, kind) == of_kinds(published, kind)


def test_the_story_brings_every_kind_of_outcome(
    undisturbed: tuple[Results, list[Document]],
) -> None:
    results, _ = undisturbed
    reports = [orjson.loads(each) for each in results["reports.ndjson"].splitlines()]
    letters = [orjson.loads(each) for each in results["dead_letters.ndjson"].splitlines()]
    summary = orjson.loads(results["summary.json"])
    assert {(each["kind"], each["standing"]) for each in reports} == {
        ("initial", True),
        ("corrected", True),
        ("corrected", False),
    }
    assert {each["scope"] for each in reports} == {"training_run", "tenant", "owner"}
    assert [each["reason"] for each in letters] == [
        "conflicting_replay",
        "out_of_range",
        "out_of_range",
        "conflicting_replay",
        "conflicting_replay",
        "missing_field",
        "interval_too_long",
        "unknown_type",
        "not_json",
        "not_cloudevent",
        "bad_encoding",
    ]
    assert summary["events_read"] == 126
    assert summary["events_duplicate"] == 4
    assert summary["by_type"]["trainwatch.opening.v1"] == {"accepted": 6, "duplicate": 1}
    kept = [each["version"] for each in reports if each["subject_id"] == "delta"]
    assert kept == [1, 2, 3]  # stated, restated, taken back
    sources = {line.split(b",")[1] for line in results["completeness.csv"].splitlines()}
    assert sources >= {b"/meter/1", b"/meter/2"}


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS)
def test_one_event_at_a_time_gives_the_same_results_and_takes_back_what_holds_no_more(
    tmp_path: Path, undisturbed: tuple[Results, list[Document]]
) -> None:
    driver = Driver(tmp_path, cut=1)
    driver.run()
    assert_same(driver, undisturbed)
    published = driver.sink.documents()
    assert any(each.kind == "finding" and not each.body for each in published)
    assert last_findings(published) == findings(undisturbed[0])


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS)
@pytest.mark.parametrize("cut", [25, 100])
def test_killed_at_every_step_of_the_store_the_results_are_the_same(
    tmp_path: Path,
    server: ForkServerContext,
    undisturbed: tuple[Results, list[Document]],
    cut: int,
) -> None:
    driver = Driver(tmp_path, cut)
    codes = []
    for deadly in count():
        codes.append(exit_code(started(server, run_until_step, driver, deadly)))
        if codes[-1] == 0:
            break
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 15
    assert_same(driver, undisturbed)


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS)
def test_killed_at_odd_times_again_and_again_the_results_are_the_same(
    tmp_path: Path, server: ForkServerContext, undisturbed: tuple[Results, list[Document]]
) -> None:
    driver = Driver(tmp_path, cut=10)
    draw = random.Random(20261122)
    kills = 0
    for life in count():
        process = started(server, run_until_killed, driver)
        process.join(draw.uniform(0.05, 0.4 + 0.2 * life))
        if process.exitcode is None:
            process.kill()
            kills += 1
        if exit_code(process) == 0:
            break
    assert kills > 3
    assert_same(driver, undisturbed)


def test_on_a_disk_that_fills_up_it_stops_with_one_line_and_goes_on_where_there_is_room(
    tmp_path: Path, server: ForkServerContext, undisturbed: tuple[Results, list[Document]]
) -> None:
    driver, told = Driver(tmp_path, cut=100), tmp_path / "told.txt"
    stops = []
    for room in range(17, 40):
        told.unlink(missing_ok=True)
        limit_bytes = round(2 ** (room / 2 + 8))
        assert exit_code(started(server, run_on_a_small_disk, driver, limit_bytes, told)) == 0
        if not told.exists():
            break
        stops.append(told.read_text(encoding="utf-8"))
    assert len(stops) > 3
    for line in stops:
        assert line.startswith(str(driver.store))
        assert "expected space to write, came " in line or "expected a disk that can " in line
        assert line.endswith("free space on this disk (or raise its quota) and start again")
        assert "\n" not in line
    assert_same(driver, undisturbed)
