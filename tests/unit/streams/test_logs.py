"""Log lines hold facts, one a line; progress is a bar for a person and lines for a file."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from rich.console import Console

from streams.clock import SystemClock
from streams.logs import Log, Progress, configure_logging, keep_quiet


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


class Ticks:
    """A stopwatch that the test winds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def without_time(text: str) -> str:
    return re.sub(r"at=\S+Z ", "", text)


def test_a_text_line_quotes_what_would_break_it() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    Log("service").info("committed", events=5, seconds=0.25, why='two words "here"', none=None)
    assert without_time(stream.getvalue()) == (
        'level=info part=service event=committed events=5 seconds=0.25 why="two words \\"here\\"" '
        "none=null\n"
    )


def test_a_field_with_a_newline_stays_one_line() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    Log("service").warning("refused", detail="a\nlevel=error b")
    assert stream.getvalue().count("\n") == 1


def test_a_line_begins_with_an_utc_instant() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    Log("broker").error("lost", broker="b:9092")
    at, _, rest = stream.getvalue().partition(" ")
    assert re.fullmatch(r"at=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", at)
    assert rest == "level=error part=broker event=lost broker=b:9092\n"


def test_an_exception_of_a_library_is_one_line_too() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    error = OSError("gone\naway")
    logging.getLogger("library").error("failed", exc_info=error)
    assert without_time(stream.getvalue()) == (
        'level=error part=library event=failed error="OSError: gone\\naway"\n'
    )


def test_libraries_speak_from_warning_up() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    logging.getLogger("library").info("chatter")
    assert stream.getvalue() == ""


def test_progress_away_from_a_terminal_is_a_line_in_a_while() -> None:
    stream, ticks = io.StringIO(), Ticks()
    configure_logging(stream=stream)
    with Progress(1000, Console(file=io.StringIO()), 10.0, ticks) as progress:
        progress.advance(5, 100)
        ticks.seconds = 10.0
        progress.advance(5, 150)
        ticks.seconds = 12.0
        progress.advance(10, 750)
    assert without_time(stream.getvalue()).splitlines() == [
        "level=info part=progress event=reading events=10 bytes=250 ratio=0.25 seconds=10 "
        "events_per_second=1",
        "level=info part=progress event=finished events=20 bytes=1000 ratio=1 seconds=12 "
        "events_per_second=2",
    ]


def test_progress_by_steps_says_how_many_of_them_are_done() -> None:
    stream, ticks = io.StringIO(), Ticks()
    configure_logging(stream=stream)
    with Progress(None, Console(file=io.StringIO()), 10.0, ticks, steps=3) as progress:
        ticks.seconds = 10.0
        progress.advance(5, 100)
        progress.advance(5, 100)
        ticks.seconds = 20.0
        progress.advance(5, 0)
    assert [line.split("ratio=")[1].split()[0] for line in stream.getvalue().splitlines()] == [
        "0.333",
        "1",
        "1",
    ]


def test_progress_without_a_known_total_says_no_ratio() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    with Progress(None, Console(file=io.StringIO()), 10.0, Ticks()) as progress:
        progress.advance(1, 10)
    assert "ratio=null" in stream.getvalue()


def test_a_step_that_fails_says_no_finish() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    with pytest.raises(KeyError), Progress(1, Console(file=io.StringIO())):
        raise KeyError
    assert stream.getvalue() == ""


def test_progress_on_a_terminal_is_a_bar_and_no_log_line() -> None:
    stream, screen = io.StringIO(), io.StringIO()
    configure_logging(stream=stream)
    with Progress(1000, Console(file=screen, force_terminal=True, width=100)) as progress:
        progress.advance(1234, 500)
    assert stream.getvalue() == ""
    assert "1,234 events" in screen.getvalue()


def test_the_clock_is_utc_to_the_millisecond() -> None:
    now = SystemClock().now()
    assert str(now.tzinfo) == "UTC"
    assert now.microsecond % 1000 == 0


def test_a_library_kept_quiet_shows_nothing_and_is_still_heard_by_who_listens() -> None:
    shown, heard = io.StringIO(), io.StringIO()
    configure_logging(stream=shown)
    logger = logging.getLogger("a-loud-library")
    keep_quiet("a-loud-library")
    listener = logging.StreamHandler(heard)
    logger.addHandler(listener)
    logger.error("connection refused")
    logger.removeHandler(listener)
    assert (shown.getvalue(), heard.getvalue()) == ("", "connection refused\n")


def test_what_a_library_repeats_is_written_once_a_minute_and_our_lines_always() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    handler = logging.getLogger().handlers[0]
    for second in (0, 1, 59, 60, 61):
        for name, words in (("kafka.net", "Connection failed: %s"), ("trainwatch.loop", "waits")):
            values = {"name": name, "msg": words, "args": (second,) if "%" in words else ()}
            record = logging.makeLogRecord({"levelname": "ERROR", **values, "created": second})
            handler.handle(record)
    told = [line.partition("part=")[2] for line in stream.getvalue().splitlines()]
    assert told == [
        'kafka.net event="Connection failed: 0"',
        *["loop event=waits"] * 3,
        'kafka.net event="Connection failed: 60"',
        *["loop event=waits"] * 2,
    ]
