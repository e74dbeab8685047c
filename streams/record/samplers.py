"""Live readings of a vendor's tool that goes on printing, and what every sampler promises.

No sampler raises because a tool fails: it gives nothing, and the book calls that silence. What
failed is told to ``tell``. Instants are milliseconds since boot.
"""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from streams.record.figures import Drops, Sample
from streams.record.rows import LINE_MAX, Named, Row, RowReader, gathered, json_names
from streams.record.tables import Limits, SourceTable

#: Rows of one reading come within milliseconds; a pause this long ends it.
QUIET_MS: Final = 200
#: Lines kept between two looks; a node has a hundred devices at most.
LINES_MAX: Final = 10_000
#: Longest wait for a tool that is asked once, and for one that was told to end. Seconds.
ASK_SECONDS: Final = 30.0
END_SECONDS: Final = 2.0
#: Characters of a tool's own words in a warning.
SAID_MAX: Final = 200

Tell = Callable[[str, str], None]


class Sampler(Protocol):
    """Gives what was read since it was asked last."""

    def poll(self, now_ms: int) -> list[Sample]:
        """Give whole samples in order; never waits longer than one sampling period."""

    def close(self) -> None:
        """End what was started."""


@dataclass(frozen=True)
class Asked:
    """What to read and how often. ``profile``: every device is such a MIG instance."""

    table: SourceTable
    limits: Limits
    period_ms: int
    hold_ms: int
    drops: Drops
    tell: Tell
    uptime: Callable[[], int]
    profile: str | None = None


@dataclass
class _Child:
    """A running tool and the lines that its reader thread has taken, with their instants."""

    process: subprocess.Popen[str]
    lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=LINES_MAX))
    listener: threading.Thread | None = None


class ChildSampler:
    """Keeps one tool running: a start costs far more processor time than a line."""

    def __init__(self, asked: Asked, command: Sequence[str], ask_names: Sequence[str] = ()) -> None:
        """Take the command that prints for ever, and the one that is asked for names, if any."""
        self._asked = asked
        self._command = tuple(command)
        self._ask_names = tuple(ask_names)
        self._child: _Child | None = None
        self._stuck: subprocess.Popen[str] | None = None
        self._reader = RowReader(asked.table, asked.drops)
        self._rows: list[tuple[int, Row]] = []
        self._spoke_ms = 0
        self._start_at_ms = 0
        self._pause_ms = 0

    def poll(self, now_ms: int) -> list[Sample]:
        """Take what was printed; start the tool where it does not run."""
        if self._child is None and now_ms >= self._start_at_ms and not self._is_stuck():
            self._start(now_ms)
        child = self._child
        if child is None:
            return []
        ended = child.process.poll()
        if ended is not None and child.listener is not None:
            child.listener.join(END_SECONDS)  # its last words say why
        self._take(child)
        if ended is not None:
            self._ended(now_ms, f"{self._command[0]} ended with status {ended}")
        elif now_ms - self._spoke_ms > self._patience_ms():
            self._ended(now_ms, f"{self._command[0]} says nothing")
        return self._whole(now_ms)

    def _patience_ms(self) -> int:
        limits = self._asked.limits
        return max(limits.restart_silence_ms_min, limits.restart_holds * self._asked.hold_ms)

    def close(self) -> None:
        """End the tool, by force where it does not listen."""
        child, self._child = self._child, None
        if child is None:
            return
        child.process.terminate()
        try:
            child.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            self._stuck = child.process

    def _is_stuck(self) -> bool:
        """Whether the last tool hangs in the driver, where not even a kill ends it.

        It is not waited for, and no second one is sent after it.
        """
        if self._stuck is not None and self._stuck.poll() is not None:
            self._stuck = None
        return self._stuck is not None

    def _start(self, now_ms: int) -> None:
        names = self._names()
        asked = self._asked
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                bufsize=1,
            )
        except OSError as error:
            self._ended(now_ms, f"{self._command[0]}: {error.strerror}")
            return
        self._reader = RowReader(asked.table, asked.drops, names, asked.profile)
        self._child = _Child(process)
        self._spoke_ms = now_ms
        self._child.listener = threading.Thread(
            target=self._listen, args=(self._child,), daemon=True
        )
        self._child.listener.start()

    def _listen(self, child: _Child) -> None:
        """Run on a thread of its own: a read of a pipe has no time limit."""
        stream = child.process.stdout
        if stream is None:
            return
        with stream:
            while line := stream.readline(LINE_MAX):
                child.lines.append((self._asked.uptime(), line))

    def _take(self, child: _Child) -> None:
        while child.lines:
            at_ms, line = child.lines.popleft()
            self._spoke_ms = at_ms
            row = self._reader.read(line)
            if row is not None:
                self._rows.append((at_ms, row))
                self._pause_ms = 0
            elif line.strip() and not self._reader.is_ready:
                self._asked.tell("tool_says", line.strip()[:SAID_MAX])

    def _whole(self, now_ms: int) -> list[Sample]:
        """Give complete samples; the last one may still be growing."""
        at = {id(row): at_ms for at_ms, row in self._rows}
        readings = list(gathered(row for _, row in self._rows))
        growing = 1 if self._rows and now_ms - self._rows[-1][0] < QUIET_MS else 0
        done = readings[: len(readings) - growing]
        del self._rows[: sum(len(rows) for rows in done)]
        return [Sample(at[id(rows[0])], {row.device: row.figures for row in rows}) for rows in done]

    def _ended(self, now_ms: int, why: str) -> None:
        self._asked.tell("tool_failed", why)
        limits = self._asked.limits
        least, most = limits.restart_seconds_min * 1000, limits.restart_seconds_max * 1000
        self._pause_ms = int(min(most, max(least, 2 * self._pause_ms)))
        self._start_at_ms = now_ms + self._pause_ms
        self.close()

    def _names(self) -> Mapping[str, Named]:
        if not self._ask_names:
            return {}
        try:
            answer = subprocess.run(
                self._ask_names, capture_output=True, text=True, timeout=ASK_SECONDS, check=False
            )
            return json_names(answer.stdout, self._asked.table)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            self._asked.tell("names_unknown", f"{' '.join(self._ask_names)}: {error}")
            return {}


def nvidia_command(table: SourceTable, period_ms: int) -> list[str]:
    """Give the command that prints every period until it is ended."""
    columns = table.device
    wanted = [columns.index, columns.id, columns.name, *(row.name for row in table.field)]
    return [
        table.tool,
        f"--query-gpu={','.join(wanted)}",
        "--format=csv",
        f"--loop-ms={period_ms}",
    ]


def amd_commands(table: SourceTable, period_ms: int) -> tuple[list[str], list[str]]:
    """Give the command that prints every period, and the one that tells names."""
    seconds = str(max(1, round(period_ms / 1000)))
    loop = [table.tool, "metric", "--usage", "--power", "--energy", "--csv", "--watch", seconds]
    return loop, [table.tool, "static", "--asic", "--json"]
