"""Structured logging at the edges, and progress: a bar on a terminal, lines elsewhere.

Log lines go to standard output; standard error is kept for the one line that ends a failed
command. Nothing of a customer is logged: counts, places and reasons only.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

ROOT = "trainwatch"
_FIELDS = "trainwatch_fields"

#: The least time between two lines of a library with the same words, and how many are kept.
SELDOM_SECONDS = 60.0
WORDS_MAX = 256

Field = str | int | float | bool | None


class Log:
    """Named events with fields: ``Log("service").info("committed", events=500, seconds=0.2)``."""

    def __init__(self, part: str) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{part}")

    def info(self, event: str, **fields: Field) -> None:
        """Tell what happened as it should."""
        self._logger.info(event, extra={_FIELDS: fields})

    def warning(self, event: str, **fields: Field) -> None:
        """Tell what an operator should look at."""
        self._logger.warning(event, extra={_FIELDS: fields})

    def error(self, event: str, **fields: Field) -> None:
        """Tell what stops the work."""
        self._logger.error(event, extra={_FIELDS: fields})


def _facts(record: logging.LogRecord) -> dict[str, Field]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    facts: dict[str, Field] = {
        "at": at.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "part": record.name.removeprefix(f"{ROOT}."),
        "event": record.getMessage(),
        **getattr(record, _FIELDS, {}),
    }
    if record.exc_info is not None and record.exc_info[0] is not None:
        facts["error"] = f"{record.exc_info[0].__name__}: {record.exc_info[1]}"
    return facts


class KeyValueFormatter(logging.Formatter):
    """``at=... level=info part=service event=committed events=500``; quoted where it must be."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line, whatever the fields hold."""
        return " ".join(f"{name}={_shown(value)}" for name, value in _facts(record).items())


def _shown(value: Field) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        is_plain = value.isprintable() and value and not any(mark in value for mark in ' ="\\')
        return value if is_plain else json.dumps(value, ensure_ascii=not value.isprintable())
    return "null" if value is None else str(value)


class SeldomFilter(logging.Filter):
    """Lets the same words of a library through once a minute; our own lines always.

    A broker that is away would else be told of by kafka-python some ten times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the line is to be written."""
        if record.name.partition(".")[0] == ROOT:
            return True
        words = (record.name, str(record.msg))
        if record.created - self._said.get(words, float("-inf")) < SELDOM_SECONDS:
            return False
        if len(self._said) >= WORDS_MAX:
            self._said.clear()
        self._said[words] = record.created
        return True


def configure_logging(stream: TextIO | None = None) -> None:
    """Send our log lines to one stream (standard output by default); libraries from warning up.

    What a library repeats is written once a minute.
    """
    handler = logging.StreamHandler(sys.stdout if stream is None else stream)
    handler.setFormatter(KeyValueFormatter())
    handler.addFilter(SeldomFilter())
    root = logging.getLogger()
    for previous in root.handlers[:]:
        root.removeHandler(previous)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(ROOT).setLevel(logging.INFO)


def keep_quiet(library: str) -> None:
    """Show nothing of a library's own log; whoever listens to its logger still hears it."""
    logger = logging.getLogger(library)
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


class Progress:
    """How far a replay has come, by bytes read; a person sees a bar, a file gets a line in a while.

    Args:
        total_bytes: What there is to read; None where it cannot be known.
        steps: How often ``advance`` will be called, where that is known and the bytes are not.
        console: Where a bar would go: a rich console on standard error by default.
        interval_seconds: The least time between two lines.
        monotonic: A clock in seconds that never steps back.
    """

    def __init__(
        self,
        total_bytes: int | None,
        console: Console | None = None,
        interval_seconds: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        steps: int | None = None,
    ) -> None:
        self._total = total_bytes
        self._steps = steps
        self._taken = 0
        self._interval = interval_seconds
        self._monotonic = monotonic
        self._events = 0
        self._bytes = 0
        self._started = self._said = monotonic()
        self._log = Log("progress")
        self._bar, self._task = _bar(console or Console(stderr=True), total_bytes)

    def __enter__(self) -> Self:
        """Start counting from here."""
        self._started = self._said = self._monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away, or say the last line."""
        if self._bar is not None:
            self._bar.stop()
        elif kind is None:
            self._say("finished")

    def advance(self, events: int, byte_count: int) -> None:
        """Add what the last step read."""
        self._events += events
        self._bytes += byte_count
        self._taken += 1
        if self._bar is not None:
            total = self._bytes / ratio if (ratio := self._ratio()) else None
            self._bar.update(
                self._task, advance=byte_count, total=total, events=f"{self._events:,}"
            )
        elif self._monotonic() - self._said >= self._interval:
            self._said = self._monotonic()
            self._say("reading")

    def _ratio(self) -> float | None:
        if self._total:
            return self._bytes / self._total
        return min(self._taken / self._steps, 1.0) if self._steps else None

    def _say(self, event: str) -> None:
        seconds = self._monotonic() - self._started
        ratio = self._ratio()
        rate = round(self._events / seconds) if seconds > 0 else None
        self._log.info(
            event,
            events=self._events,
            bytes=self._bytes,
            ratio=None if ratio is None else round(ratio, 3),
            seconds=round(seconds, 1),
            events_per_second=rate,
        )


def _bar(console: Console, total_bytes: int | None) -> tuple[Bar | None, TaskID]:
    if not console.is_terminal:
        return None, TaskID(0)
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]} events"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    return bar, bar.add_task("reading", total=total_bytes, events="0")
