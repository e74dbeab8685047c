"""Where events go: a file that survives a crash, standard output, or whatever has ``write``."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

#: The last line of a file is looked for in its last part; an event is far smaller.
TAIL_BYTES: Final = 2 * 1024 * 1024
#: How the recorder begins every line: a last line that begins otherwise is not its own.
LINE_BEGINS: Final = b'{"specversion"'
#: Owner writes, group reads: usage is the customer's.
MODE: Final = 0o640
#: What file systems say that know no locks: there, nobody is kept out.
_NO_LOCKS: Final = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


class SinkError(Exception):
    """Events cannot be written. One line: where, what, what to do."""


class EventSink(Protocol):
    """Takes whole events, one line each."""

    def write(self, lines: Sequence[bytes]) -> None:
        """Make them durable before returning, in order."""

    def close(self) -> None:
        """Let go of files and connections."""


@dataclass(frozen=True)
class Tail:
    """What a file held when it was opened: bytes of a torn line cut off, its last event."""

    torn_bytes: int
    last_event: Mapping[str, Any] | None


class FileSink:
    """Appends to one file; every event is on the disk before the next interval begins."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, for this recorder alone, and cut off a line that has no end.

        Raises:
            SinkError: It cannot be opened or mended, or another recorder writes there.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, MODE)
            self._keep_others_out()
            self.tail = self._mend()
        except BlockingIOError as error:
            os.close(self._file)
            raise SinkError(
                f"{path}: expected to write there alone, but another recorder does; end it, or "
                "choose another --out: after a kill, what was recorded last is looked for there"
            ) from error
        except OSError as error:
            raise SinkError(
                f"{path}: expected to append to it ({error.strerror}); choose another --out, or "
                "let this user write there"
            ) from error

    def write(self, lines: Sequence[bytes]) -> None:
        """Append and flush to the disk, one event at a time."""
        try:
            for line in lines:
                _write_whole(self._file, line)
                os.fsync(self._file)
        except OSError as error:
            raise SinkError(
                f"{self._path}: expected to append to it ({error.strerror}); free room and start "
                "again: a line that was torn is cut off then"
            ) from error

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _keep_others_out(self) -> None:
        """The lock ends with the process, however that ends."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise

    def _mend(self) -> Tail:
        size = os.fstat(self._file).st_size
        begin = max(0, size - TAIL_BYTES)
        tail = os.pread(self._file, size - begin, begin)
        whole = tail[: tail.rfind(b"\n") + 1]
        torn = len(tail) - len(whole)
        if torn:
            self._check_own(tail[len(whole) :], is_begun=bool(whole) or begin == 0)
            os.ftruncate(self._file, size - torn)
            os.fsync(self._file)
        last = whole.rstrip(b"\n").rpartition(b"\n")[2]
        return Tail(torn, _event(last))

    def _check_own(self, line: bytes, *, is_begun: bool) -> None:
        """Refuse to cut off a line that no recorder began: the file may be somebody's only copy."""
        begins = line[: len(LINE_BEGINS)]
        if not (is_begun and LINE_BEGINS.startswith(begins)):
            os.close(self._file)
            raise SinkError(
                f"{self._path}: expected events of a recorder, one a line, got a last line of "
                "something else without an end; choose another --out"
            )


class StreamSink:
    """Writes to standard output. A reader that went away ends it: events have to go somewhere."""

    def __init__(self, descriptor: int = 1) -> None:
        """Take the descriptor of the stream."""
        self._descriptor = descriptor

    def write(self, lines: Sequence[bytes]) -> None:
        """Write without a buffer."""
        try:
            for line in lines:
                _write_whole(self._descriptor, line)
        except OSError as error:
            raise SinkError(
                f"standard output: expected a reader of events ({error.strerror}); start it again, "
                "or write to a file with --out FILE"
            ) from error

    def close(self) -> None:
        """Standard output stays open."""


def _write_whole(descriptor: int, line: bytes) -> None:
    left = memoryview(line)
    while left:
        left = left[os.write(descriptor, left) :]


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
