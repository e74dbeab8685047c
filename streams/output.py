"""Standard output that may lose its reader: ``| head`` is no error of ours, and no work stops."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, BinaryIO, cast


class _Outlet(io.FileIO):
    """The raw end of standard output; once nobody reads, everything goes nowhere."""

    def write(self, piece: Any, /) -> int:  # noqa: ANN401 - Python 3.11 has no type of buffers
        """Write, or leave it."""
        try:
            return super().write(piece) or 0
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(piece).nbytes


def prepare_stdout() -> None:
    """Let standard output outlive its reader, and print any name on any terminal.

    A command whose reader went away, as ``head`` does, finishes its work and ends with the status
    that it would have had. A stream that a caller put in place is left where it is.
    """
    if sys.stdout is sys.__stdout__ and sys.stdout is not None:
        sys.stdout.flush()
        outlet = _Outlet(sys.stdout.fileno(), "wb", closefd=False)
        is_direct = sys.stdout.write_through  # PYTHONUNBUFFERED, as in the image
        sys.stdout = io.TextIOWrapper(
            cast("BinaryIO", outlet) if is_direct else io.BufferedWriter(outlet),
            encoding=sys.stdout.encoding,
            line_buffering=sys.stdout.line_buffering,
            write_through=is_direct,
        )
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
