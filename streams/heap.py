"""Memory that the C library keeps after it was freed: gives it back to the system when asked.

Batches come and go in arrays of megabytes. The library keeps what they leave in its heap, for the
next ones, and a process then looks as large as its largest moment for ever.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final


def _found() -> Callable[[int], int] | None:
    """Find glibc's ``malloc_trim``; other C libraries have none, and need none."""
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM: Final = _found()


def give_back() -> None:
    """Give free pages back; it changes nothing but the resident size. Some milliseconds."""
    if _TRIM is not None:
        _TRIM(0)
