"""Blocking calls of the client library on threads of their own, so that no wait is without end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class _Outcome(Generic[T]):
    """Holds what a call returned or raised, and says when."""

    def __init__(self) -> None:
        self.value: T | None = None
        self.error: BaseException | None = None
        self.done = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        self.done.set()
        return True


class Call(Generic[T]):
    """One call, begun at once on a daemon thread. Giving up on it leaves it to end by itself."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._outcome: _Outcome[T] = _Outcome()
        self._call = call
        threading.Thread(target=self._run, name="trainwatch-kafka", daemon=True).start()

    def _run(self) -> None:
        with self._outcome as outcome:
            outcome.value = self._call()

    @property
    def done(self) -> bool:
        """Whether it has returned or raised."""
        return self._outcome.done.is_set()

    def result(self, seconds: float) -> T:
        """Give what the call returned, or raise what it raised, or TimeoutError."""
        if not self._outcome.done.wait(seconds):
            raise TimeoutError(f"no answer in {seconds:g} s")
        if self._outcome.error is not None:
            raise self._outcome.error
        return self._outcome.value  # type: ignore[return-value]  # set whenever error is not


def within(seconds: float, call: Callable[[], T]) -> T:
    """Make one blocking call that may take at most so long; TimeoutError past it."""
    return Call(call).result(seconds)
