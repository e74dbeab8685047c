"""A blocking call gives its value, its error, or up."""

from __future__ import annotations

import threading

import pytest

from streams.broker.calls import Call, within


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


def test_whoever_waits_elsewhere_is_told_of_the_end() -> None:
    told = threading.Event()
    call = Call(lambda: "value", when_done=told.set)
    assert told.wait(5)
    assert call.result(0) == "value"
