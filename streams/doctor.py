"""What is wrong with this installation, one line a check, each with what to do.

Checks are values: a name and a function that finds out. The composition root gives the functions;
this file knows what a healthy answer looks like. A check that raises one of the named errors has
failed with that error's words.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

Level = Literal["ok", "warn", "fail"]
Errors = tuple[type[Exception], ...]

#: A clock before the day this was written is wrong; certificates and due dates would be too.
EARLIEST_NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATEST_NOW = EARLIEST_NOW + timedelta(days=365 * 30)
FREE_BYTES_FAIL = 1 << 30
FREE_BYTES_WARN = 10 << 30


@dataclass(frozen=True)
class Answer:
    """What one check found, and what to do where it is not well."""

    level: Level
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """One thing to look at. ``errors`` are the exceptions that mean the check failed."""

    name: str
    look: Callable[[], Answer]
    remedy: str = "see docs/operations.md"
    errors: Errors = (OSError, ValueError)


@dataclass(frozen=True)
class CheckResult:
    """One line of the doctor."""

    name: str
    level: Level
    found: str
    remedy: str

    def line(self) -> str:
        """Give the line as a person reads it."""
        advice = f"; {self.remedy}" if self.remedy and self.level != "ok" else ""
        return " ".join(f"{self.level:<4} {self.name}: {self.found}{advice}".splitlines())


def run_checks(checks: Sequence[Check]) -> list[CheckResult]:
    """Run every check, in order, whatever the ones before it found."""
    return [_run(check) for check in checks]


def _run(check: Check) -> CheckResult:
    try:
        finding = check.look()
    except check.errors as error:
        finding = Answer("fail", f"{error}" or type(error).__name__)
    return CheckResult(check.name, finding.level, finding.found, finding.remedy or check.remedy)


def exit_status(results: Sequence[CheckResult]) -> int:
    """Give 0 unless something failed; warnings do not stop a start."""
    return 1 if any(result.level == "fail" for result in results) else 0


def configuration_check(load: Callable[[], str], errors: Errors = ()) -> Check:
    """Look at the configuration; ``load`` gives its place once it was read and checked."""
    return Check("configuration", lambda: Answer("ok", load()), "mend that line", errors)


def clock_check(
    now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
) -> Check:
    """Look whether the clock is UTC, plausible, and moves forward."""

    def look() -> Answer:
        first, tick, second, tock = now(), monotonic(), now(), monotonic()
        if first.utcoffset() != timedelta(0):
            return Answer("fail", f"expected UTC, got an offset of {first.utcoffset()}")
        if not EARLIEST_NOW <= first <= LATEST_NOW:
            return Answer("fail", f"it says {first:%Y-%m-%d %H:%M}Z, which cannot be")
        if second < first or tock < tick:
            return Answer("fail", "it stepped back while it was watched")
        return Answer("ok", f"{first:%Y-%m-%d %H:%M:%S}Z, UTC, moving forward")

    return Check("clock", look, "set the machine's time, with NTP")


def store_check(path: Path, version: Callable[[], str], errors: Errors = ()) -> Check:
    """Look whether the store's place can be written and its version read.

    Args:
        path: The store, a file or a folder; it need not exist yet.
        version: Gives the store's version in words; raises one of ``errors`` where it is another's.
        errors: What the store raises for a store of another version or a damaged one.
    """

    def look() -> Answer:
        if path.exists():
            if not os.access(path, os.R_OK | os.W_OK):
                return Answer("fail", f"{path} cannot be read and written by this user")
            return Answer("ok", f"{path}, {version()}")
        place = _nearest(path.parent)
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            return Answer("fail", f"{path} does not exist and {place} cannot be written")
        return Answer("ok", f"{path} will be created at the first start")

    remedy = "set [store] path to a local disk that this user may write"
    return Check("store", look, remedy, (OSError, ValueError, *errors))


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.absolute().parents) if place.exists())


def disk_check(folder: Path) -> Check:
    """Look whether the disk that holds the store has room."""

    def look() -> Answer:
        existing = _nearest(folder)
        free = shutil.disk_usage(existing).free
        level: Level = "ok" if free >= FREE_BYTES_WARN else "warn"
        level = "fail" if free < FREE_BYTES_FAIL else level
        return Answer(level, f"{free / (1 << 30):.1f} GiB free at {existing}")

    remedy = f"free some; under {FREE_BYTES_FAIL >> 30} GiB a commit may not fit"
    return Check("disk", look, remedy)


def broker_check(look: Callable[[], str], errors: Errors = ()) -> Check:
    """Look whether a broker answers; ``look`` names the broker and topics, or raises."""
    remedy = "docs/operations.md tells how to reach a broker"
    return Check("broker", lambda: Answer("ok", look()), remedy, (OSError, ValueError, *errors))


def policy_check(
    look: Callable[[], tuple[Sequence[str], Sequence[str]]], errors: Errors = ()
) -> Check:
    """Look at the packs; ``look`` gives the ids that load and the ids that are missing."""

    def judge() -> Answer:
        loaded, missing = look()
        found = f"{len(loaded)} loaded: {', '.join(loaded) or 'none'}"
        if missing:
            return Answer(
                "fail" if not loaded else "warn", f"{found}; missing: {', '.join(missing)}"
            )
        return Answer("ok" if loaded else "fail", found)

    remedy = "set [policy] ids to packs that are there, or [policy] directory to yours"
    return Check("policy packs", judge, remedy, (OSError, ValueError, *errors))


def freshness_check(
    name: str,
    dates: Callable[[], Sequence[tuple[str, datetime]]],
    now: Callable[[], datetime],
    warn_days: int,
    errors: Errors = (),
    absent: str = "give one",
) -> Check:
    """Look at the age of named inputs, such as screening lists; none at all is a warning.

    ``absent`` says what to do where there is none.
    """

    def look() -> Answer:
        found = dates()
        if not found:
            return Answer("warn", "none is given", absent)
        oldest, at = min(found, key=lambda item: item[1])
        days = (now() - at).days
        level: Level = "warn" if days > warn_days else "ok"
        return Answer(level, f"{len(found)} read; the oldest, {oldest}, is {days} days old")

    remedy = f"refresh it; over {warn_days} days is too old to rely on"
    return Check(name, look, remedy, (OSError, ValueError, *errors))
