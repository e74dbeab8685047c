"""A blocking call gives its value, its error, or up."""

from __future__ import annotations

import threading

import pytest

from streams.broker.calls import within


def test_a_call_gives_what_was_returned() -> None:
    assert within(5, lambda: 7) == 7


def test_a_call_raises_what_was_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)


def test_a_call_that_does_not_end_is_given_up() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError, match="no answer in 0.01 s"):
        within(0.01, release.wait)
    release.set()
