"""The guard itself: unit and property tests cannot reach out."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_unit_test_that_connects_or_listens_fails(family: socket.AddressFamily) -> None:
    with socket.socket(family) as reaching:
        with pytest.raises(AssertionError, match="move it to tests/integration"):
            reaching.connect(("localhost", 9))
        with pytest.raises(AssertionError, match="used the network"):
            reaching.bind(("localhost", 0))


def test_the_pair_that_an_event_loop_needs_still_works() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"
