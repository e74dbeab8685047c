"""The doctor: one line a check, what was found, what to do, and no check stops the next."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from streams import doctor
from streams.doctor import Answer, Check, CheckResult, exit_status, run_checks

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class StoreError(Exception):
    """What a store raises for a version that is not its own."""


def line(check: Check) -> str:
    return run_checks([check])[0].line()


def failing(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


def test_every_check_runs_whatever_the_ones_before_it_found() -> None:
    checks = [
        Check("first", lambda: Answer("ok", "all well"), "never shown"),
        doctor.broker_check(failing(OSError("no answer from b:9092")), ()),
        Check("third", lambda: Answer("warn", "old", "renew it")),
    ]
    assert [result.line() for result in run_checks(checks)] == [
        "ok   first: all well",
        "fail broker: no answer from b:9092; docs/operations.md tells how to reach a broker",
        "warn third: old; renew it",
    ]


def test_an_error_that_no_check_named_is_a_defect_and_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        run_checks([doctor.broker_check(failing(KeyError("x")), ())])


def test_a_line_is_one_line_even_where_the_error_is_not() -> None:
    assert "\n" not in line(doctor.broker_check(failing(OSError("two\nlines")), ()))


def test_the_status_is_1_only_where_something_failed() -> None:
    warned = CheckResult("a", "warn", "x", "y")
    assert exit_status([warned]) == 0
    assert exit_status([warned, CheckResult("b", "fail", "x", "y")]) == 1


def test_the_configuration_is_where_it_was_read_or_what_is_wrong() -> None:
    assert line(doctor.configuration_check(lambda: "tw.toml", ())) == "ok   configuration: tw.toml"
    broken = doctor.configuration_check(failing(StoreError("tw.toml: bad")), (StoreError,))
    assert line(broken) == "fail configuration: tw.toml: bad; mend that line"


@pytest.mark.parametrize(
    ("instants", "ticks", "expected"),
    [
        ([NOW, NOW], [1.0, 2.0], "ok   clock: 2026-06-01 12:00:00Z, UTC, moving forward"),
        (
            [NOW.astimezone(timezone(timedelta(hours=2)))] * 2,
            [1.0, 2.0],
            "fail clock: expected UTC, got an offset of 2:00:00; set the machine's time, with NTP",
        ),
        (
            [datetime(1970, 1, 1, tzinfo=UTC)] * 2,
            [1.0, 2.0],
            "fail clock: it says 1970-01-01 00:00Z, which cannot be; "
            "set the machine's time, with NTP",
        ),
        (
            [NOW, NOW - timedelta(seconds=1)],
            [1.0, 2.0],
            "fail clock: it stepped back while it was watched; set the machine's time, with NTP",
        ),
        (
            [NOW, NOW],
            [2.0, 1.0],
            "fail clock: it stepped back while it was watched; set the machine's time, with NTP",
        ),
    ],
)
def test_the_clock_is_utc_plausible_and_moves_forward(
    instants: list[datetime], ticks: list[float], expected: str
) -> None:
    wall, stopwatch = iter(instants), iter(ticks)
    assert line(doctor.clock_check(lambda: next(wall), lambda: next(stopwatch))) == expected


def test_a_store_that_is_there_says_its_version(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"")
    assert line(doctor.store_check(path, lambda: "schema 1", ())) == f"ok   store: {path}, schema 1"


def test_a_store_of_another_version_fails_with_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"")
    check = doctor.store_check(path, failing(StoreError("schema 9, expected 1")), (StoreError,))
    assert line(check) == (
        "fail store: schema 9, expected 1; "
        "set [store] path to a local disk that this user may write"
    )


def test_a_store_that_is_not_there_yet_needs_a_place_for_its_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "state.db", tmp_path / "not" / "yet" / "state.db"):
        found = line(doctor.store_check(path, lambda: "", ()))
        assert found == f"ok   store: {path} will be created at the first start"
    (tmp_path / "file").write_bytes(b"")
    lost = tmp_path / "file" / "state.db"
    assert line(doctor.store_check(lost, lambda: "", ())) == (
        f"fail store: {lost} does not exist and {lost.parent} cannot be written; "
        "set [store] path to a local disk that this user may write"
    )


@pytest.mark.parametrize(
    ("free_gib", "level"), [(20, "ok"), (10, "ok"), (9, "warn"), (1, "warn"), (0, "fail")]
)
def test_the_disk_has_room_or_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_gib: int, level: str
) -> None:
    class Usage:
        free = free_gib << 30

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)
    result = run_checks([doctor.disk_check(tmp_path / "not" / "yet")])[0]
    assert (result.level, result.found) == (level, f"{free_gib}.0 GiB free at {tmp_path}")


@pytest.mark.parametrize(
    ("loaded", "missing", "expected"),
    [
        (["a", "b"], [], "ok   policy packs: 2 loaded: a, b"),
        (["a"], ["b"], "warn policy packs: 1 loaded: a; missing: b"),
        ([], ["b"], "fail policy packs: 0 loaded: none; missing: b"),
        ([], [], "fail policy packs: 0 loaded: none"),
    ],
)
def test_packs_that_are_missing_are_named(
    loaded: list[str], missing: list[str], expected: str
) -> None:
    found = line(doctor.policy_check(lambda: (loaded, missing), ()))
    remedy = "; set [policy] ids to packs that are there, or [policy] directory to yours"
    assert found == expected + ("" if expected.startswith("ok") else remedy)


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([3, 7], "ok   lists: 2 read; the oldest, list-7, is 7 days old"),
        ([3, 8], "warn lists: 2 read; the oldest, list-8, is 8 days old"),
    ],
)
def test_lists_are_fresh_or_to_be_refreshed(ages: list[int], expected: str) -> None:
    dates = [(f"list-{days}", NOW - timedelta(days=days)) for days in ages]
    found = line(doctor.freshness_check("lists", lambda: dates, lambda: NOW, warn_days=7))
    remedy = "; refresh it; over 7 days is too old to rely on"
    assert found == expected + ("" if expected.startswith("ok") else remedy)


def test_where_no_list_is_given_the_advice_is_to_give_one() -> None:
    check = doctor.freshness_check("lists", list, lambda: NOW, warn_days=7, absent="set them")
    assert line(check) == "warn lists: none is given; set them"
